/** What hooks of each product become. */
import { describe, expect, it } from "vitest";
import { mapHookFile } from "../src/index.ts";

const AT = Date.UTC(2026, 10, 22, 12);
const FILE = { atMillis: AT, id: "file" };
const facts = (payload: object) => mapHookFile(payload, FILE).facts;
const reasons = (payload: object) => mapHookFile(payload, FILE).skipped;

describe("a hook of Codex", () => {
  const hook = (fields: object) => ({ product: "codex", session_id: "s", cwd: "/home/dev/shop", ...fields });

  it("begins and ends the turn under the id that its rollout has", () => {
    const begin = facts(hook({ hook_event_name: "UserPromptSubmit", turn_id: "t" }));
    expect(begin).toMatchObject([
      { kind: "session", product: "codex", project: "/home/dev/shop", witness: "hook" },
      { kind: "task", taskId: "turn:t", taskKind: "prompt", agent: "main", startedAtMillis: AT },
    ]);
    expect(facts(hook({ hook_event_name: "Stop", turn_id: "t" }))[1]).toMatchObject({
      outcome: { result: "success", origin: "inferred" },
    });
    expect(facts(hook({ hook_event_name: "Interrupt", turn_id: "t" }))[1]).toMatchObject({
      outcome: { result: "cancelled", origin: "reported" },
    });
    expect(facts(hook({ hook_event_name: "Stop" }))).toHaveLength(1);
  });

  it("names runs of subagents, whose folder is not the session's", () => {
    const inside = { turn_id: "t", agent_id: "a", agent_type: "reviewer" };
    expect(facts(hook({ hook_event_name: "SubagentStart", ...inside }))).toMatchObject([
      { kind: "session", witness: "inferred" },
      { taskId: "thread:a", taskKind: "subagent", agent: "reviewer", startedAtMillis: AT },
    ]);
    expect(facts(hook({ hook_event_name: "SubagentStop", ...inside }))[1]).toMatchObject({
      outcome: { result: "success" },
    });
  });

  it("tells begin and end of a tool call, and not whether it succeeded", () => {
    const call = { turn_id: "t", tool_name: "shell", tool_use_id: "call_1" };
    expect(facts(hook({ hook_event_name: "PreToolUse", ...call }))[1]).toMatchObject({
      kind: "tool_call",
      witness: "hook",
      callId: "call_1",
      taskId: "turn:t",
      tool: "shell",
      startedAtMillis: AT,
    });
    const [, end] = facts(hook({ hook_event_name: "PostToolUse", ...call }));
    expect(end).toMatchObject({ witness: "inferred", endedAtMillis: AT });
    expect(end).not.toHaveProperty("isSuccess");
    expect(facts(hook({ hook_event_name: "PreToolUse" }))).toHaveLength(1);
  });

  it("tells the end of a session, and is counted by reason where it tells nothing", () => {
    expect(facts(hook({ hook_event_name: "SessionEnd" }))).toMatchObject([{ hasEnded: true }]);
    expect(facts(hook({ hook_event_name: "SessionStart" }))).toHaveLength(1);
    expect(reasons(hook({ hook_event_name: "PreCompact" }))).toEqual(["hook without figures: PreCompact"]);
    expect(reasons(hook({ hook_event_name: "pay 5 $" }))).toEqual(["hook without figures: (odd name)"]);
    expect(reasons({ product: "codex" })).toEqual(["hook without a session"]);
  });
});

describe("a hook of Gemini CLI", () => {
  it("tells activity and end of the session, and nothing that would count twice", () => {
    const hook = { product: "gemini-cli", session_id: "s", cwd: "/home/dev", tool_name: "read_file" };
    for (const hook_event_name of ["SessionStart", "BeforeAgent", "AfterAgent", "BeforeTool", "AfterTool"]) {
      expect(facts({ ...hook, hook_event_name })).toMatchObject([{ kind: "session", product: "gemini-cli" }]);
    }
    expect(facts({ ...hook, hook_event_name: "SessionEnd" })).toMatchObject([{ hasEnded: true }]);
    expect(reasons({ ...hook, hook_event_name: "AfterModel" })).toEqual(["hook without figures: AfterModel"]);
    expect(reasons({ ...hook, hook_event_name: 7 })).toEqual(["hook without figures: (odd name)"]);
    expect(reasons({ product: "gemini-cli" })).toEqual(["hook without a session"]);
  });
});

describe("TaskCompleted of Claude Code", () => {
  const hook = { session_id: "s", hook_event_name: "TaskCompleted", task_subject: "secret" };

  it("is a task of the session's list, with a result", () => {
    expect(facts({ ...hook, task_id: "3", teammate_name: "tester" })[1]).toMatchObject({
      taskId: "listed:s:3",
      taskKind: "hook",
      agent: "tester",
      outcome: { result: "success", origin: "reported" },
      report: { name: "3", knowsSession: true },
    });
    expect(facts({ ...hook, task_id: "4" })[1]).toMatchObject({ agent: "main" });
    expect(facts(hook)).toHaveLength(1);
  });
});

describe("a file behind a task", () => {
  const file = { hook_event_name: "PostTask", task_id: "t", agent: "a", result: "ok", duration_ms: "1", tokens: "2" };

  it("has the id of its content, else that of the file", () => {
    expect(facts({ ...file, id: "1-2.x" })[1]).toMatchObject({ taskId: "hook:1-2.x" });
    for (const id of [undefined, "", "../x", 7])
      expect(facts({ ...file, id })[1]).toMatchObject({ taskId: "hook:file" });
  });

  it("belongs to the session of an agent only where both are known", () => {
    const known = { session_product: "codex", session_id: "s" };
    expect(facts({ ...file, ...known })[1]).toMatchObject({ product: "codex", report: { knowsSession: true } });
    for (const odd of [{ session_product: "other" }, { session_id: "" }]) {
      expect(facts({ ...file, ...known, ...odd })[1]).toMatchObject({ product: "moai", sessionId: "hook-2026-11-22" });
    }
  });

  it("counts what it cannot use, and drops what no task has", () => {
    expect(reasons({ ...file, task_id: "x".repeat(300), result: "perhaps", tokens: "many" })).toEqual([
      "post-task hook: result is none of success, failure, timeout, cancelled",
      "post-task hook: task_id is overlong or not a text",
      "post-task hook: tokens is not a number",
    ]);
    const huge = facts({ ...file, tokens: "99999999999", duration_ms: "1.6" })[1];
    expect(huge).toMatchObject({ report: { name: "t", tokens: undefined, durationMillis: 2 } });
  });

  it("that is no object tells nothing", () => {
    expect(mapHookFile([], FILE).skipped).toEqual(["hook without a session"]);
  });
});
