import { zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createCodexTranscripts } from "../../src/index.ts";
import { linesOf, readFiles } from "../support/read-lines.ts";

const START = Date.UTC(2026, 10, 22, 8);
const source = createCodexTranscripts();

function line(second: number, type: string, payload: object, ordinal?: number): object {
  const timestamp = new Date(START + second * 1000).toISOString();
  return { timestamp, ...(ordinal === undefined ? {} : { ordinal }), type, payload };
}

const meta = (second: number, more: object = {}, ordinal?: number): object =>
  line(
    second,
    "session_meta",
    { id: "thread-1", cwd: "/home/dev/shop", cli_version: "0.1", git: { branch: "main" }, ...more },
    ordinal,
  );
const context = (second: number, more: object = {}): object =>
  line(second, "turn_context", { model: "gpt-5-codex", ...more });
const event = (second: number, type: string, more: object = {}, ordinal?: number): object =>
  line(second, "event_msg", { type, ...more }, ordinal);
const item = (second: number, type: string, more: object): object => line(second, "response_item", { type, ...more });

const usage = (input: number, cached: number, output: number, reasoning = 0) => ({
  input_tokens: input,
  cached_input_tokens: cached,
  output_tokens: output,
  reasoning_output_tokens: reasoning,
  total_tokens: input + output,
});
type Usage = ReturnType<typeof usage>;
const counted = (second: number, total: Usage, last?: Usage, ordinal?: number): object =>
  event(second, "token_count", { info: { total_token_usage: total, last_token_usage: last } }, ordinal);
const response = (second: number, id: string, own: Usage, total: Usage, thread = "thread-1"): object =>
  line(second, "token_usage_record", { thread_id: thread, response_id: id, usage: own, thread_token_usage: total });

const read = (records: readonly unknown[], name = "rollout-1.jsonl") => readFiles(source, { [name]: linesOf(records) });
const usagesOf = ({ merged }: ReturnType<typeof read>) =>
  Object.values(merged.modelCalls).map((call) => [call.usage?.input, call.usage?.cacheRead, call.usage?.output]);

describe("the calls of a rollout", () => {
  it("are the differences of the running counts, where nothing else tells of them", () => {
    const result = read([
      meta(0),
      context(0),
      event(1, "user_message"),
      event(2, "token_count", { info: null }),
      counted(3, usage(100, 40, 10)),
      counted(4, usage(100, 40, 10)),
      counted(8, usage(300, 140, 30), usage(200, 100, 20)),
      counted(9, usage(300, 140, 30), usage(200, 100, 20)),
    ]);
    expect(usagesOf(result)).toEqual([
      [60, 40, 10],
      [100, 100, 20],
    ]);
    expect(Object.keys(result.merged.tasks)).toEqual(["turn:thread-1#1"]);
    expect(Object.values(result.merged.modelCalls).map(({ model }) => model)).toEqual(["gpt-5-codex", "gpt-5-codex"]);
  });

  it("begin anew where the running counts fall", () => {
    const result = read([
      meta(0),
      counted(3, usage(500, 0, 50)),
      counted(9, usage(120, 20, 5), usage(120, 20, 5)),
      counted(12, usage(90, 0, 4)),
    ]);
    expect(usagesOf(result)).toEqual([
      [500, 0, 50],
      [100, 20, 5],
      [90, 0, 4],
    ]);
  });

  it("are the records of responses where there are such, and the running counts beside them are no calls", () => {
    const [first, both] = [usage(100, 40, 10), usage(200, 80, 20)];
    const result = read([
      meta(0),
      context(0),
      response(2, "r1", first, first),
      counted(2, first, first),
      counted(5, both, first),
      response(5, "r2", first, both),
      counted(6, both, first),
    ]);
    expect(usagesOf(result)).toEqual([
      [60, 40, 10],
      [60, 40, 10],
      [60, 40, 10],
    ]);
    // The running count came first: it is the second call without its id, by the same name.
    const calls = Object.values(result.merged.modelCalls);
    expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(2);
    expect(calls.map(({ responseId }) => responseId)).toEqual(["r1", undefined, "r2"]);
  });

  it("belong to the thread that made them, not to one that was begun with its history", () => {
    const own = usage(100, 0, 10);
    const result = read([
      meta(0, { id: "thread-2", forked_from_id: "thread-1" }),
      meta(0, { id: "thread-1" }),
      context(0),
      counted(0.2, usage(4000, 3000, 400)),
      counted(0.3, usage(9000, 7000, 900)),
      response(5, "r9", own, own, "thread-1"),
      event(6, "task_started", { turn_id: "t1" }),
      counted(8, usage(9100, 7000, 910)),
    ]);
    expect(usagesOf(result)).toEqual([[100, 0, 10]]);
    expect(result.merged.modelCalls[Object.keys(result.merged.modelCalls)[0] ?? ""]).toMatchObject({
      sessionId: "thread-2",
      taskId: "turn:t1",
      model: "gpt-5-codex",
    });
    expect(result.skipped).toEqual({ "history of another thread": 4 });
  });

  it("of a subagent are those behind the number at which its own history starts", () => {
    const spawned = { id: "thread-3", session_id: "thread-1", thread_source: "subagent", agent_role: "reviewer" };
    const result = read([
      meta(0, { ...spawned, subagent_history_start_ordinal: 4 }, 0),
      event(2, "task_started", { turn_id: "parent" }, 1),
      counted(3, usage(500, 0, 50), undefined, 2),
      event(4, "task_started", { turn_id: "t3", turn_attribution: { parent_turn_id: "t1" } }, 4),
      counted(5, usage(600, 0, 60), undefined, 5),
      event(6, "task_complete", { turn_id: "t3" }, 6),
    ]);
    expect(usagesOf(result)).toEqual([[100, 0, 10]]);
    expect(result.merged.tasks).toMatchObject({
      "thread:thread-3": {
        taskKind: "subagent",
        agent: "reviewer",
        sessionId: "thread-1",
        parentTaskId: "turn:t1",
        outcome: { result: "success", origin: "reported" },
      },
    });
    expect(Object.keys(result.merged.sessions)).toEqual(["thread-1"]);
  });

  it("are read from compressed rollouts, too, and count once beside the plain one", () => {
    const text = linesOf([meta(0), context(0), response(2, "r1", usage(100, 40, 10), usage(100, 40, 10))]);
    const { merged } = readFiles(source, {
      "sessions/rollout-1.jsonl": text,
      "archived_sessions/rollout-1.jsonl.zst": zstdCompressSync(Buffer.from(text)),
    });
    expect(Object.keys(merged.modelCalls)).toEqual(["r1"]);
    const damaged = readFiles(source, { "rollout-2.jsonl.zst": Buffer.from("this is not zstd at all") });
    expect(damaged.failures).toHaveLength(1);
  });
});

describe("a turn", () => {
  it("succeeds, fails with the class of its error, or is aborted", () => {
    const { merged } = read([
      meta(0),
      event(1, "task_started", { turn_id: "good" }),
      context(1, { turn_id: "good" }),
      event(2, "task_complete", { turn_id: "good" }),
      event(3, "task_started", { turn_id: "bad" }),
      event(4, "error", { message: "secret", codex_error_info: { response_stream_disconnected: {} } }),
      event(5, "task_complete", { turn_id: "bad" }),
      event(5, "task_started", { turn_id: "refused" }),
      event(6, "task_complete", { turn_id: "refused", error: { message: "secret", codex_error_info: "bad_request" } }),
      event(6, "turn_started", { turn_id: "stopped" }),
      event(7, "turn_aborted", { turn_id: "stopped", reason: "interrupted" }),
    ]);
    expect(Object.entries(merged.tasks).map(([id, { outcome }]) => [id, outcome?.result, outcome?.errorType])).toEqual([
      ["turn:good", "success", undefined],
      ["turn:bad", "failure", "response_stream_disconnected"],
      ["turn:refused", "failure", "bad_request"],
      ["turn:stopped", "cancelled", undefined],
    ]);
  });

  it("has the folder, branch and version of its session", () => {
    expect(read([meta(0), context(1)]).merged.sessions["thread-1"]).toMatchObject({
      project: "/home/dev/shop",
      branch: "main",
      version: "0.1",
    });
  });
});

describe("the tools of a rollout", () => {
  const failed = '{"output":"no such file","metadata":{"exit_code":2,"duration_seconds":0.1}}';

  it("have a name, a duration and a result", () => {
    const { merged, skipped } = read([
      meta(0),
      event(1, "task_started", { turn_id: "t1" }),
      item(2, "function_call", { name: "exec_command", call_id: "c1", arguments: "{}" }),
      item(4, "function_call_output", { call_id: "c1", output: "Chunk ID: 1\nProcess exited with code 0\nOutput:\nx" }),
      item(5, "function_call", { name: "shell", call_id: "c2", arguments: "{}" }),
      item(6, "function_call_output", { call_id: "c2", output: failed }),
      item(7, "function_call", { name: "exec_command", call_id: "c3", arguments: "{}" }),
      event(8, "item_completed", { item: { type: "CommandExecution", id: "c3", exit_code: 3, status: "completed" } }),
      item(9, "function_call_output", { call_id: "c3", output: "x" }),
      item(10, "local_shell_call", { call_id: "c4" }),
      item(11, "function_call_output", { call_id: "c4", output: "rejected by user" }),
      item(12, "function_call", { name: "browse", call_id: "c5" }),
      event(13, "mcp_tool_call_end", {
        call_id: "c5",
        invocation: { server: "web", tool: "open" },
        result: { Err: "x" },
      }),
      item(14, "function_call_output", { call_id: "c5", output: { content: [{ type: "text", text: "x" }] } }),
      item(15, "web_search_call", { id: "ws1", status: "completed" }),
      item(16, "function_call_output", { call_id: "unseen", output: "fine" }),
      item(17, "function_call", { name: "sleep", call_id: "c6" }),
    ]);
    expect(
      Object.entries(merged.toolCalls).map(([id, { tool, isSuccess, errorType, startedAtMillis, endedAtMillis }]) => [
        id,
        tool,
        isSuccess,
        errorType,
        endedAtMillis === undefined ? undefined : endedAtMillis - startedAtMillis,
      ]),
    ).toEqual([
      ["c1", "exec_command", true, undefined, 2000],
      ["c2", "shell", false, "tool_error", 1000],
      ["c3", "exec_command", false, "tool_error", 2000],
      ["c4", "local_shell", false, "rejected", 1000],
      ["c5", "mcp__web__open", false, "tool_error", 2000],
      ["ws1", "web_search", true, undefined, 0],
      ["unseen", undefined, true, undefined, 0],
      ["c6", "sleep", undefined, undefined, undefined],
    ]);
    expect(skipped).toEqual({});
  });

  it("change files and lines as their patch says, when it was applied", () => {
    const patch = [
      "*** Begin Patch",
      "*** Add File: src/new.ts",
      "+one",
      "+two",
      "*** Update File: src/old.ts",
      "@@",
      " same",
      "-gone",
      "+come",
      "*** Update File: a.ts",
      "*** Move to: b.ts",
      "*** Delete File: /tmp/x",
      "*** End Patch",
    ].join("\n");
    const { merged } = read([
      meta(0),
      event(1, "task_started", { turn_id: "t1" }),
      item(2, "custom_tool_call", { name: "apply_patch", call_id: "p1", input: patch }),
      item(3, "custom_tool_call_output", { call_id: "p1", output: '{"output":"Success.","metadata":{"exit_code":0}}' }),
      item(4, "function_call", { name: "apply_patch", call_id: "p2", arguments: JSON.stringify({ input: patch }) }),
      item(5, "function_call_output", { call_id: "p2", output: "apply_patch verification failed: no such line" }),
      event(6, "patch_apply_end", {
        call_id: "p3",
        success: true,
        changes: { "c.ts": { add: { content: "x" } }, "d.ts": { type: "update", move_path: "e.ts" } },
      }),
    ]);
    expect(merged.toolCalls["p1"]).toMatchObject({ isSuccess: true, linesAdded: 3, linesRemoved: 1 });
    expect(merged.toolCalls["p2"]).toMatchObject({ isSuccess: false, linesAdded: undefined });
    expect(Object.values(merged.fileChanges).map(({ path, change, taskId }) => `${taskId} ${change} ${path}`)).toEqual([
      "turn:t1 created /home/dev/shop/src/new.ts",
      "turn:t1 modified /home/dev/shop/src/old.ts",
      "turn:t1 deleted /home/dev/shop/a.ts",
      "turn:t1 created /home/dev/shop/b.ts",
      "turn:t1 deleted /tmp/x",
      "turn:t1 created /home/dev/shop/c.ts",
      "turn:t1 deleted /home/dev/shop/d.ts",
      "turn:t1 created /home/dev/shop/e.ts",
    ]);
  });

  it("are forgotten, and counted, when hundreds never end", () => {
    const calls = Array.from({ length: 300 }, (_, at) =>
      item(2 + at, "function_call", { name: "x", call_id: `c${at}` }),
    );
    expect(read([meta(0), ...calls]).skipped).toEqual({ "tool call without a result: too many open": 44 });
  });
});

describe("lines that cannot be used", () => {
  it("are counted by reason and spoil nothing", () => {
    const { merged, skipped } = read([
      counted(0, usage(1, 0, 1)),
      "{ broken",
      "7",
      { type: "message", role: "user", content: [] },
      { timestamp: "yesterday", type: "event_msg", payload: { type: "token_count" } },
      line(0, "session_meta", {}),
      meta(1),
      line(1, "token_usage_record", { thread_id: "thread-1" }),
      line(1, "token_usage_record", { usage: usage(1, 0, 1) }),
      line(1, "from_the_future", {}),
      line(1, "compacted", {}),
      item(2, "message", { role: "assistant", content: [{ type: "output_text", text: "secret" }] }),
      item(2, "function_call", { name: "no id" }),
      event(2, "mcp_tool_call_end"),
      event(2, "item_completed"),
      event(2, "patch_apply_end", { success: false, call_id: "x" }),
      event(2, "exec_command_end"),
      counted(3, usage(100, 0, 10)),
    ]);
    expect(Object.values(merged.modelCalls)).toHaveLength(1);
    expect(skipped).toEqual({
      "line before the first of its thread": 1,
      "unreadable line: not JSON": 1,
      "unreadable line: no type": 1,
      "unknown record: message": 1,
      "unreadable line: bad timestamp": 1,
      "unreadable line: session without an id": 1,
      "unreadable line: usage record without usage": 1,
      "unreadable line: usage record without an id": 1,
      "unknown record: from_the_future": 1,
    });
  });
});
