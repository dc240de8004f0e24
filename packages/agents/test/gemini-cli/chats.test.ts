import { describe, expect, it } from "vitest";
import { createGeminiCliTranscripts } from "../../src/index.ts";
import { linesOf, readFiles } from "../support/read-lines.ts";

const START = Date.UTC(2026, 10, 22, 8);
const source = createGeminiCliTranscripts();

const at = (second: number): string => new Date(START + second * 1000).toISOString();
const head = (more: object = {}): object => ({
  sessionId: "s1",
  projectHash: "h",
  startTime: at(0),
  kind: "main",
  ...more,
});
const user = (second: number, id: string, text: string): object => ({
  id,
  timestamp: at(second),
  type: "user",
  content: [{ text }],
});
const reply = (second: number, id: string, more: object = {}): object => ({
  id,
  timestamp: at(second),
  type: "gemini",
  content: "Done.",
  model: "gemini-2.5-pro",
  tokens: { input: 1000, output: 200, cached: 600, thoughts: 50, tool: 0, total: 1250 },
  ...more,
});
const call = (id: string, name: string, more: object = {}): object => ({
  id,
  name,
  args: {},
  status: "success",
  timestamp: at(9),
  ...more,
});

const FILE = "shop/chats/session-2026-11-22T08-00-s1.jsonl";
const read = (records: readonly unknown[], more: Record<string, string> = {}) =>
  readFiles(source, { [FILE]: linesOf(records), ...more });

describe("the calls of a chat", () => {
  it("are one for each reply, however often it is told", () => {
    const { merged } = read([
      head(),
      user(1, "u1", "Build it"),
      reply(2, "m1", { toolCalls: [call("c1", "read_file", { status: "executing" })] }),
      reply(2, "m1", { toolCalls: [call("c1", "read_file")] }),
      reply(5, "m2"),
      { $set: { messages: [reply(2, "m1"), reply(5, "m2")] } },
      { $rewindTo: "m2" },
    ]);
    const calls = Object.values(merged.modelCalls);
    expect(calls.map(({ responseId, usage }) => [responseId, usage])).toEqual(
      ["m1", "m2"].map((id) => [
        id,
        { input: 400, cacheRead: 600, cacheWrite5m: 0, cacheWrite1h: 0, output: 250, reasoning: 50 },
      ]),
    );
    expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(2);
    expect(merged.toolCalls["c1"]).toMatchObject({ tool: "read_file", isSuccess: true });
  });

  it("keep their name when their counts come later", () => {
    const { merged } = read([
      head(),
      user(1, "u1", "Build it"),
      reply(2, "m1", { tokens: null }),
      reply(2, "m1"),
      reply(2, "m1", { tokens: { input: 1100, output: 200, cached: 600, thoughts: 50 } }),
    ]);
    expect(Object.values(merged.modelCalls)).toHaveLength(1);
    expect(merged.modelCalls["m1"]?.usage?.input).toBe(500);
  });

  it("count what tools added to the prompt as input", () => {
    const { merged } = read([head(), reply(2, "m1", { tokens: { input: 100, output: 5, cached: 0, tool: 30 } })]);
    expect(merged.modelCalls["m1"]?.usage).toMatchObject({ input: 130, output: 5, reasoning: 0 });
  });

  it("are read from chats of older versions, which are one text", () => {
    const chat = { ...head(), messages: [user(1, "u1", "Build it"), reply(2, "m1")] };
    const { merged, failures } = readFiles(source, {
      "shop/chats/session-1.json": JSON.stringify(chat, null, 2),
      "shop/chats/session-1.jsonl": linesOf([head(), user(1, "u1", "Build it"), reply(2, "m1"), reply(3, "m2")]),
      "shop/logs.json": "[]",
    });
    expect(failures).toEqual([]);
    expect(Object.keys(merged.modelCalls)).toEqual(["m1", "m2"]);
    expect(Object.keys(merged.tasks)).toEqual(["prompt:u1"]);
  });
});

describe("the tasks of a chat", () => {
  it("are the prompts of the user; commands, context and results of tools are none", () => {
    const { merged } = read(
      [
        head(),
        user(0, "u0", "<session_context>\nThis is the Gemini CLI."),
        user(1, "u1", "Build it"),
        reply(2, "m1", { toolCalls: [call("c1", "read_file")], content: "" }),
        { id: "u2", timestamp: at(3), type: "user", content: [{ functionResponse: {} }] },
        reply(4, "m2"),
        user(10, "u3", "/stats"),
        user(11, "u4", "And now?"),
        { id: "e1", timestamp: at(12), type: "error", content: "secret" },
        { id: "i1", timestamp: at(13), type: "info", content: "x" },
      ],
      { "shop/.project_root": "/home/dev/shop\n" },
    );
    expect(Object.values(merged.tasks).map(({ taskId, agent, outcome }) => [taskId, agent, outcome?.result])).toEqual([
      ["prompt:u1", "main", "success"],
      ["prompt:u4", "main", "failure"],
    ]);
    expect(merged.sessions["s1"]).toMatchObject({ project: "/home/dev/shop" });
  });

  it("are the runs of subagents, named by the chat that started them", () => {
    const started = call("c1", "invoke_agent", { args: { agent_name: "reviewer" }, agentId: "a1" });
    const { merged } = read(
      [
        head(),
        user(1, "u1", "Review it"),
        reply(2, "m1", { toolCalls: [started] }),
        reply(3, "m2", { toolCalls: [call("c2", "codebase_investigator", { agentId: "a2", status: "error" })] }),
        reply(4, "m3", { toolCalls: [call("c3", "invoke_agent", { agentId: "a3", status: "cancelled" })] }),
      ],
      {
        "shop/chats/s1/a1.jsonl": linesOf([
          head({ sessionId: "a1", kind: "subagent" }),
          user(3, "x", "Go"),
          reply(4, "m9"),
        ]),
      },
    );
    expect(
      Object.values(merged.tasks).map(({ taskId, agent, parentTaskId, outcome }) => [
        taskId,
        agent,
        parentTaskId,
        outcome?.result,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["agent:a1", "reviewer", "prompt:u1", "success"],
        ["agent:a2", "codebase_investigator", "prompt:u1", "failure"],
        ["agent:a3", undefined, "prompt:u1", "cancelled"],
      ]),
    );
    expect(merged.modelCalls["m9"]).toMatchObject({ sessionId: "s1", taskId: "agent:a1" });
  });

  it("change files and lines", () => {
    const written = {
      fileName: "new.ts",
      isNewFile: true,
      diffStat: { model_added_lines: 3, model_removed_lines: 0, user_added_lines: 1 },
    };
    const { merged, skipped } = read(
      [
        head(),
        reply(1, "m0", { toolCalls: [call("c0", "write_file", { args: { file_path: "early.ts" } })] }),
        user(1, "u1", "Write it"),
        reply(2, "m1", {
          toolCalls: [
            call("c1", "write_file", { args: { file_path: "src/new.ts" }, resultDisplay: written }),
            call("c2", "replace", { args: { file_path: "/abs/old.ts" } }),
            call("c3", "replace", { args: { file_path: "no.ts" }, status: "error" }),
          ],
        }),
      ],
      { "shop/.project_root": "/home/dev/shop" },
    );
    expect(Object.values(merged.fileChanges).map(({ change, path }) => `${change} ${path}`)).toEqual([
      "created /home/dev/shop/src/new.ts",
      "modified /abs/old.ts",
    ]);
    expect(merged.toolCalls["c1"]).toMatchObject({ linesAdded: 4, linesRemoved: 0 });
    expect(skipped).toEqual({ "file change without a task": 1 });
  });
});

describe("lines that cannot be used", () => {
  it("are counted by reason and spoil nothing", () => {
    const { merged, skipped } = read([
      reply(0, "before"),
      "{ broken",
      "[]",
      { type: "unheard_of" },
      head(),
      { id: "m", timestamp: "yesterday", type: "gemini" },
      { $set: { messages: "none" } },
      reply(2, "m1"),
    ]);
    expect(Object.keys(merged.modelCalls)).toEqual(["m1"]);
    expect(skipped).toEqual({
      "message before the head of its chat": 1,
      "unreadable line: not JSON": 1,
      "unreadable line: not an object": 1,
      "unknown record: unheard_of": 1,
      "unreadable line: message without an id or a time": 1,
    });
  });
});
