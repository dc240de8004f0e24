/**
 * What Claude Code hands to its hooks, as facts. Hooks know names, ids and ends of runs, and nothing of tokens.
 * Source: the hooks reference of Claude Code; fields beside the ones read here are content and are not looked at.
 */
import { type Fact, MAIN_AGENT, type TaskOutcome } from "@moai-metrics/model";
import { type JsonObject, MAX_PATH_LENGTH, objectOf, textOf } from "../jsonl/json-values.ts";
import { count, errorClass } from "../telemetry/attributes.ts";
import type { Mapped } from "../telemetry/contract.ts";
import { PRODUCT } from "./product.ts";

/** What every fact of a payload shares. */
interface Place {
  readonly sessionId: string;
  readonly atMillis: number;
  readonly taskId: string | undefined;
}

/**
 * Maps one payload. Never throws.
 *
 * @param atMillis when the hook ran.
 */
export function mapHook(given: unknown, atMillis: number): Mapped {
  const payload = objectOf(given);
  const sessionId = textOf(payload?.["session_id"]);
  if (payload === undefined || sessionId === undefined) return "hook without a session";
  const event = textOf(payload["hook_event_name"]) ?? "";
  const place = { sessionId, atMillis, taskId: taskIdOf(payload) };
  const mapped = mapEvent(event, payload, place);
  if (mapped === undefined) return `hook without figures: ${/^[A-Za-z]{1,40}$/.test(event) ? event : "(odd name)"}`;
  return [sessionFact(payload, place, event === "SessionEnd"), ...mapped];
}

/** Within a subagent its run, else the prompt. */
function taskIdOf(payload: JsonObject): string | undefined {
  const agentId = textOf(payload["agent_id"]);
  const promptId = textOf(payload["prompt_id"]);
  if (agentId !== undefined) return `agent:${agentId}`;
  return promptId === undefined ? undefined : `prompt:${promptId}`;
}

function sessionFact(payload: JsonObject, { sessionId, atMillis }: Place, hasEnded: boolean): Fact {
  return {
    kind: "session",
    // A subagent may work in a worktree: then its folder is not the session's.
    witness: payload["agent_id"] === undefined ? "hook" : "inferred",
    product: PRODUCT,
    sessionId,
    project: textOf(payload["cwd"], MAX_PATH_LENGTH),
    activity: [{ startMillis: atMillis, endMillis: atMillis }],
    hasEnded: hasEnded ? true : undefined,
  };
}

function mapEvent(event: string, payload: JsonObject, place: Place): Fact[] | undefined {
  const { atMillis } = place;
  switch (event) {
    case "SessionStart":
    case "SessionEnd":
      return [];
    case "UserPromptSubmit":
      return taskFacts(payload, place, { startedAtMillis: atMillis });
    case "SubagentStart":
      return taskFacts(payload, place, { startedAtMillis: atMillis });
    case "SubagentStop":
    case "Stop":
      // That a turn has ended says not that it went well: whoever knows better outranks this.
      return taskFacts(payload, place, { outcome: { result: "success", origin: "inferred", atMillis } });
    case "StopFailure": {
      const errorType = errorClass(payload["error"]) ?? "unknown";
      return taskFacts(payload, place, { outcome: { result: "failure", origin: "reported", atMillis, errorType } });
    }
    case "TaskCompleted":
      return listedTaskFacts(payload, place);
    case "PreToolUse":
      return toolFacts(payload, place, undefined);
    case "PostToolUse":
      return toolFacts(payload, place, true);
    case "PostToolUseFailure":
      return toolFacts(payload, place, false);
    default:
      return undefined;
  }
}

function taskFacts(
  payload: JsonObject,
  { sessionId, atMillis, taskId }: Place,
  known: { readonly startedAtMillis?: number; readonly outcome?: TaskOutcome },
): Fact[] {
  if (taskId === undefined) return [];
  const isSubagent = payload["agent_id"] !== undefined;
  const promptId = textOf(payload["prompt_id"]);
  return [
    {
      kind: "task",
      witness: "hook",
      product: PRODUCT,
      sessionId,
      taskId,
      taskKind: isSubagent ? "subagent" : "prompt",
      agent: isSubagent ? textOf(payload["agent_type"]) : MAIN_AGENT,
      parentTaskId: isSubagent && promptId !== undefined ? `prompt:${promptId}` : undefined,
      lastSeenAtMillis: atMillis,
      ...known,
    },
  ];
}

/** An item of the session's list of tasks is done. Its id is a small number that every session begins anew. */
function listedTaskFacts(payload: JsonObject, { sessionId, atMillis }: Place): Fact[] {
  const name = textOf(payload["task_id"]);
  if (name === undefined) return [];
  return [
    {
      kind: "task",
      witness: "hook",
      product: PRODUCT,
      sessionId,
      taskId: `listed:${sessionId}:${name}`,
      taskKind: "hook",
      agent: textOf(payload["teammate_name"]) ?? textOf(payload["agent_type"]) ?? MAIN_AGENT,
      lastSeenAtMillis: atMillis,
      outcome: { result: "success", origin: "reported", atMillis },
      report: { name, knowsSession: true },
    },
  ];
}

/** @param isSuccess undefined where the call begins. */
function toolFacts(payload: JsonObject, place: Place, isSuccess: boolean | undefined): Fact[] {
  const callId = textOf(payload["tool_use_id"]);
  if (callId === undefined) return [];
  const { sessionId, atMillis, taskId } = place;
  const durationMillis = count(payload, "duration_ms");
  const hasEnded = isSuccess !== undefined;
  return [
    {
      kind: "tool_call",
      // An end without a duration does not tell the start, which locates the fact: whoever knows it outranks this.
      witness: hasEnded && durationMillis === undefined ? "inferred" : "hook",
      product: PRODUCT,
      sessionId,
      taskId,
      callId,
      tool: textOf(payload["tool_name"]),
      startedAtMillis: atMillis - (hasEnded ? (durationMillis ?? 0) : 0),
      endedAtMillis: hasEnded ? atMillis : undefined,
      isSuccess,
      errorType: isSuccess === false ? "tool_error" : undefined,
    },
  ];
}
