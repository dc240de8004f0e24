/**
 * What Codex hands to its hooks, as facts: turns, runs of subagents and tool calls under the ids that its rollouts have.
 * Source: the hooks of Codex. It does not tell whether a tool succeeded: the rollout does.
 */
import { type Fact, MAIN_AGENT, type TaskOutcome } from "@moai-metrics/model";
import { type JsonObject, MAX_PATH_LENGTH, textOf } from "../jsonl/json-values.ts";
import type { Mapped } from "../telemetry/contract.ts";
import { PRODUCT } from "./product.ts";

/** Maps one payload. Never throws. */
export function mapCodexHook(payload: JsonObject, atMillis: number): Mapped {
  const sessionId = textOf(payload["session_id"]);
  if (sessionId === undefined) return "hook without a session";
  const event = textOf(payload["hook_event_name"]) ?? "";
  const agentId = textOf(payload["agent_id"]);
  const turnId = textOf(payload["turn_id"]);
  const taskId = agentId !== undefined ? `thread:${agentId}` : turnId !== undefined ? `turn:${turnId}` : undefined;
  const base = { witness: "hook", product: PRODUCT, sessionId } as const;
  const session: Fact = {
    ...base,
    kind: "session",
    // A subagent may work in another folder than its session.
    witness: agentId === undefined ? "hook" : "inferred",
    project: textOf(payload["cwd"], MAX_PATH_LENGTH),
    activity: [{ startMillis: atMillis, endMillis: atMillis }],
    hasEnded: event === "SessionEnd" ? true : undefined,
  };
  const task = (known: { readonly startedAtMillis?: number; readonly outcome?: TaskOutcome }): Fact[] => {
    if (taskId === undefined) return [session];
    const isSubagent = agentId !== undefined;
    const taskFact: Fact = {
      ...base,
      kind: "task",
      taskId,
      taskKind: isSubagent ? "subagent" : "prompt",
      agent: isSubagent ? textOf(payload["agent_type"]) : MAIN_AGENT,
      lastSeenAtMillis: atMillis,
      ...known,
    };
    return [session, taskFact];
  };
  const tool = (endedAtMillis: number | undefined): Fact[] => {
    const callId = textOf(payload["tool_use_id"]);
    if (callId === undefined) return [session];
    const toolFact: Fact = {
      ...base,
      kind: "tool_call",
      // An end alone does not tell the start, which locates the fact: whoever knows it outranks this.
      witness: endedAtMillis === undefined ? "hook" : "inferred",
      taskId,
      callId,
      tool: textOf(payload["tool_name"]),
      startedAtMillis: atMillis,
      endedAtMillis,
    };
    return [session, toolFact];
  };
  switch (event) {
    case "SessionStart":
    case "SessionEnd":
      return [session];
    case "UserPromptSubmit":
    case "SubagentStart":
      return task({ startedAtMillis: atMillis });
    case "Stop":
    case "SubagentStop":
      return task({ outcome: { result: "success", origin: "inferred", atMillis } });
    case "Interrupt":
      return task({ outcome: { result: "cancelled", origin: "reported", atMillis } });
    case "PreToolUse":
      return tool(undefined);
    case "PostToolUse":
      return tool(atMillis);
    default:
      return `hook without figures: ${/^[A-Za-z]{1,40}$/.test(event) ? event : "(odd name)"}`;
  }
}
