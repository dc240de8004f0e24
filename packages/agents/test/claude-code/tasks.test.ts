import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { mergeFacts } from "../support/merge-facts.ts";
import { readFile, readTree, temporaryFolder, writeTranscript } from "../support/reading.ts";
import { at, prompt, reply, START, toolResult, toolUse } from "../support/records.ts";

function read(records: readonly unknown[]) {
  return readFile(writeTranscript(records));
}

function tasksOf(records: readonly unknown[]) {
  return read(records).merged.tasks;
}

const COMMAND = "<command-name>/init</command-name>\n<command-message>init</command-message>";

describe("prompts as tasks", () => {
  it("begins a task with each prompt and gives it the replies that follow", () => {
    const { merged } = read([
      prompt(0, "one"),
      reply(5, { message: { id: "m1" } }),
      prompt(60, "two", { promptId: "p2" }),
      reply(65, { message: { id: "m2" } }),
    ]);
    expect(Object.values(merged.modelCalls).map((call) => call.taskId)).toEqual(["prompt:p1", "prompt:p2"]);
    expect(merged.tasks["prompt:p1"]).toMatchObject({
      startedAtMillis: START,
      lastSeenAtMillis: START + 5000,
      agent: "main",
      sessionId: "session-1",
    });
  });

  it("is seen as running before anyone answered", () => {
    expect(tasksOf([prompt(0, "one")])["prompt:p1"]).toMatchObject({ startedAtMillis: START, taskKind: "prompt" });
  });

  it("takes several lines of one prompt as one task, and a prompt without an id by its line", () => {
    const tasks = tasksOf([
      prompt(0, [{ type: "image", source: {} }]),
      prompt(1, [{ type: "text", text: "what is this?" }]),
      prompt(9, "old", { promptId: undefined }),
      prompt(19, "copied", { promptId: undefined, forkedFrom: { sessionId: "s0", messageUuid: "origin-line" } }),
    ]);
    expect(Object.keys(tasks)).toEqual(["prompt:p1", "prompt:user-9", "prompt:origin-line"]);
    expect(tasks["prompt:p1"]?.startedAtMillis).toBe(START);
  });

  it.each([
    ["meta lines", prompt(0, "note", { isMeta: true })],
    ["compaction summaries", prompt(0, "This session is being continued", { isCompactSummary: true })],
    ["virtual lines", prompt(0, "x", { isVirtual: true })],
    ["output of local commands", prompt(0, "<local-command-stdout>Set model</local-command-stdout>")],
    ["shell input", prompt(0, "<bash-input>ls</bash-input>")],
    ["notifications", prompt(0, "<task-notification>done</task-notification>")],
    ["slash commands that no model answers", prompt(0, COMMAND)],
  ])("does not take %s as prompts", (_name, line) => {
    expect(tasksOf([line])).toEqual({});
  });

  it("takes a slash command as a prompt when the model answers it", () => {
    const tasks = tasksOf([prompt(0, COMMAND), prompt(1, "Please analyse", { isMeta: true }), reply(9)]);
    expect(tasks["prompt:p1"]).toMatchObject({ startedAtMillis: START, outcome: { result: "success" } });
  });

  it("takes a notification that the model answers as the turn that its prompt id names, as the log and hooks do", () => {
    const notification = (seconds: number, promptId: string | undefined) =>
      prompt(seconds, "<task-notification>done</task-notification>", { promptId, uuid: "of-the-line" });
    const { merged } = read([
      prompt(0, "Go"),
      reply(1),
      notification(5, "p2"),
      reply(9, { message: { id: "msg_2" }, line: { requestId: "req_2" } }),
    ]);
    expect(merged.tasks["prompt:p2"]).toMatchObject({
      taskKind: "prompt",
      agent: "main",
      outcome: { result: "success" },
    });
    expect(merged.modelCalls["msg_2"]?.taskId).toBe("prompt:p2");
    for (const promptId of ["p1", undefined]) {
      expect(Object.keys(tasksOf([prompt(0, "Go"), notification(5, promptId), reply(9)]))).toEqual(["prompt:p1"]);
    }
  });

  it("forgets a slash command that ran locally", () => {
    const { merged } = read([
      prompt(0, COMMAND),
      prompt(1, "<local-command-stdout>ok</local-command-stdout>"),
      reply(9),
    ]);
    expect(merged.tasks).toEqual({});
    expect(merged.modelCalls["msg_1"]?.taskId).toBeUndefined();
  });

  it("names the turn by its tool results when the file begins in the middle of it", () => {
    const { merged } = read([toolResult(0, "t0", "ok"), reply(5)]);
    expect(merged.modelCalls["msg_1"]?.taskId).toBe("prompt:p1");
  });

  it("extends a turn to the line that tells its duration", () => {
    const end = { type: "system", subtype: "turn_duration", timestamp: at(30), sessionId: "session-1" };
    const other = { type: "system", subtype: "away_summary", timestamp: at(9000), sessionId: "session-1" };
    expect(tasksOf([prompt(0, "x"), reply(5), end, other])["prompt:p1"]?.lastSeenAtMillis).toBe(START + 30_000);
  });

  it("finds a prompt behind a notice in the same line", () => {
    const blocks = ["<system-reminder>today is Sunday</system-reminder>", "fix the bug"];
    expect(
      Object.keys(
        tasksOf([
          prompt(
            0,
            blocks.map((text) => ({ type: "text", text })),
          ),
        ]),
      ),
    ).toEqual(["prompt:p1"]);
  });

  it("counts a prompt that nothing identifies as skipped", () => {
    expect(read([prompt(0, "x", { promptId: undefined, uuid: "" })]).skipped).toEqual({ "prompt without an id": 1 });
  });
});

describe("results of tasks", () => {
  it.each([
    ["end_turn", "success", undefined],
    ["stop_sequence", "success", undefined],
    ["max_tokens", "success", undefined],
    ["refusal", "failure", "refusal"],
    ["model_context_window_exceeded", "failure", "model_context_window_exceeded"],
  ])("takes the stop reason %s as %s", (stopReason, result, errorType) => {
    const task = tasksOf([prompt(0, "x"), reply(1, { message: { stop_reason: stopReason } })])["prompt:p1"];
    expect(task?.outcome).toMatchObject({ result, origin: "inferred", atMillis: START + 1000 });
    expect(task?.outcome?.errorType).toBe(errorType);
  });

  it.each(["tool_use", "pause_turn", null])("leaves the result open after the stop reason %s", (stopReason) => {
    const task = tasksOf([prompt(0, "x"), reply(1, { message: { stop_reason: stopReason } })])["prompt:p1"];
    expect(task?.outcome).toBeUndefined();
  });

  const apiError = reply(5, { line: { isApiErrorMessage: true, error: "overloaded" } });

  it("takes an API error as failure, until a later reply ends the turn", () => {
    expect(tasksOf([prompt(0, "x"), apiError])["prompt:p1"]?.outcome).toMatchObject({
      result: "failure",
      errorType: "overloaded",
    });
    expect(tasksOf([prompt(0, "x"), apiError, reply(9)])["prompt:p1"]?.outcome?.result).toBe("success");
    expect(tasksOf([prompt(0, "x"), reply(3), apiError])["prompt:p1"]?.outcome?.result).toBe("failure");
  });

  it("takes an interruption as cancelled, reported by the agent", () => {
    const task = tasksOf([
      prompt(0, "x"),
      reply(1),
      prompt(2, [{ type: "text", text: "[Request interrupted by user]" }]),
    ]);
    expect(task["prompt:p1"]?.outcome).toMatchObject({ result: "cancelled", origin: "reported" });
  });
});

describe("subagents", () => {
  const side = { isSidechain: true, agentId: "a1", attributionAgent: "Explore" };

  function writeMeta(transcript: string, meta: unknown): void {
    mkdirSync(dirname(transcript), { recursive: true });
    writeFileSync(transcript.replace(/\.jsonl$/, ".meta.json"), JSON.stringify(meta));
  }

  it("are named by their side file before their lines", () => {
    const path = writeTranscript([prompt(0, "go", side), reply(1, { line: side })], "session-1/subagents/agent-a1");
    expect(readFile(path).merged.tasks["agent:a1"]?.agent).toBe("Explore");
    writeMeta(path, { agentType: "expert-backend", spawnDepth: 1 });
    expect(readFile(path).merged.tasks["agent:a1"]).toMatchObject({
      agent: "expert-backend",
      parentTaskId: "prompt:p1",
      outcome: { result: "success", origin: "inferred" },
    });
  });

  it.each([
    ["zeta", "alpha"],
    ["alpha", "zeta"],
  ])("are named %s by their lines until a side file says %s, also when no line came since", (named, truly) => {
    const line = { ...side, attributionAgent: named };
    const path = writeTranscript([reply(1, { line })], "session-1/subagents/agent-a1");
    const first = readFile(path);
    expect(first.merged.tasks["agent:a1"]?.agent).toBe(named);
    writeMeta(path, { agentType: truly });
    const second = readFile(path, first.position);
    const agentOf = (facts: readonly Fact[]) => mergeFacts(facts).tasks["agent:a1"]?.agent;
    expect(agentOf([...first.facts, ...second.facts])).toBe(truly);
    appendFileSync(path, `${JSON.stringify(reply(9, { message: { id: "m2" }, line }))}\n`);
    const third = readFile(path, second.position);
    expect(agentOf([...third.facts, ...first.facts])).toBe(truly);
    expect(agentOf(readFile(path).facts)).toBe(truly);
  });

  it("get no name from a side file before a line has shown them", () => {
    const path = writeTranscript([{ type: "summary" }], "session-1/subagents/agent-a1");
    writeMeta(path, { agentType: "planner" });
    const first = readFile(path);
    expect([...first.facts, ...readFile(path, first.position).facts]).toEqual([]);
  });

  it("of which lines give several names have the same one whatever the size of a chunk", () => {
    const lines = ["zeta", "alpha"].map((attributionAgent, i) => reply(i, { line: { ...side, attributionAgent } }));
    for (const order of [lines, lines.toReversed()]) {
      const path = writeTranscript(order, "session-1/subagents/agent-a1");
      for (const chunkBytes of [1, 1 << 20]) {
        expect(readFile(path, undefined, { chunkBytes }).merged.tasks["agent:a1"]?.agent).toBe("zeta");
      }
    }
  });

  it.each(["no JSON", "null", '{"agentType": 7}'])("are named by their lines when the side file is %s", (content) => {
    const path = writeTranscript([reply(1, { line: side })], "session-1/subagents/agent-a1");
    writeFileSync(path.replace(/\.jsonl$/, ".meta.json"), content);
    expect(readFile(path).merged.tasks["agent:a1"]?.agent).toBe("Explore");
  });

  it("are found by file name and folder when the lines name neither agent nor session", () => {
    const line = { isSidechain: true, sessionId: undefined };
    const path = writeTranscript([reply(1, { line })], "session-7/subagents/wf_1/agent-b2");
    const { merged } = readFile(path);
    expect(merged.tasks["agent:b2"]).toMatchObject({ sessionId: "session-7", taskKind: "subagent" });
    expect(merged.tasks["agent:b2"]?.agent).toBeUndefined();
  });

  it("in lines of the main file are the same tasks, and do not touch the prompt", () => {
    const { merged } = read([
      prompt(0, "x"),
      prompt(1, "do it", { ...side, promptId: undefined }),
      reply(2, { message: { id: "m2" }, line: side }),
      reply(3),
    ]);
    expect(merged.modelCalls["m2"]?.taskId).toBe("agent:a1");
    expect(merged.tasks["agent:a1"]).toMatchObject({ startedAtMillis: START + 1000, taskKind: "subagent" });
    expect(merged.modelCalls["msg_1"]?.taskId).toBe("prompt:p1");
  });

  it("that cannot be told leave their calls without a task", () => {
    const nameless = { isSidechain: true };
    const { merged } = read([prompt(0, "x"), prompt(1, "do it", nameless), reply(2, { line: nameless })]);
    expect(merged.modelCalls["msg_1"]?.taskId).toBeUndefined();
    expect(Object.keys(merged.tasks)).toEqual(["prompt:p1"]);
  });

  const agentUse = toolUse(1, "t1", "Agent", { subagent_type: "planner" });

  it("are named and judged by the Agent tool's result in the parent", () => {
    const done = toolResult(9, "t1", "ok", {
      line: { toolUseResult: { agentId: "a1", agentType: "planner", status: "completed" } },
    });
    expect(tasksOf([prompt(0, "x"), agentUse, done])["agent:a1"]).toMatchObject({
      agent: "planner",
      parentTaskId: "prompt:p1",
      outcome: { result: "success", origin: "reported" },
    });
  });

  it("are named by the request when the result does not name them, and stay open when launched in the background", () => {
    const launched = toolResult(9, "t1", "ok", {
      line: { toolUseResult: { agentId: "a1", status: "async_launched" } },
    });
    const task = tasksOf([prompt(0, "x"), agentUse, launched])["agent:a1"];
    expect(task?.agent).toBe("planner");
    expect(task?.outcome).toBeUndefined();
  });

  it.each([
    ["Error: it broke", "failure", "tool_error"],
    ["[Request interrupted by user for tool use]", "cancelled", "interrupted"],
  ])("whose tool call ended in %j are found by their side file: %s", (text, result, errorType) => {
    const folder = temporaryFolder();
    const main = writeTranscript(
      [prompt(0, "x"), agentUse, toolResult(9, "t1", text, { isError: true, line: { toolUseResult: text } })],
      "session-1",
      folder,
    );
    writeMeta(join(dirname(main), "session-1", "subagents", "agent-a1.jsonl"), {
      agentType: "planner",
      toolUseId: "t1",
    });
    expect(readFile(main).merged.tasks["agent:a1"]?.outcome).toMatchObject({ result, errorType, origin: "reported" });
  });

  it("take the name of the Agent tool's result over the one their lines give, and over the one that was asked for", () => {
    const folder = temporaryFolder();
    const done = (detail: object) =>
      toolResult(9, "t1", "ok", { line: { toolUseResult: { agentId: "a1", ...detail } } });
    const line = { ...side, attributionAgent: "zeta" };
    writeTranscript([reply(2, { message: { id: "m2" }, line })], "session-1/subagents/agent-a1", folder);
    const nameBy = (detail: object): string | undefined => {
      writeTranscript([prompt(0, "x"), agentUse, done(detail)], "session-1", folder);
      return readTree(folder).merged.tasks["agent:a1"]?.agent;
    };
    expect(nameBy({ agentType: "alpha" })).toBe("alpha");
    expect(nameBy({})).toBe("zeta");
  });

  it("of subagents belong to the subagent that started them, also while no side file says so", () => {
    const folder = temporaryFolder();
    const parent = [
      toolUse(1, "t1", "Agent", { subagent_type: "planner" }, side),
      toolResult(5, "t1", "ok", {
        line: { ...side, toolUseResult: { agentId: "a2", agentType: "planner", status: "completed" } },
      }),
    ];
    writeTranscript(parent, "session-1/subagents/agent-a1", folder);
    const child = writeTranscript(
      [prompt(2, "go", { ...side, agentId: "a2" })],
      "session-1/subagents/agent-a2",
      folder,
    );
    expect(readTree(folder).merged.tasks["agent:a2"]?.parentTaskId).toBe("agent:a1");
    writeMeta(child, { agentType: "planner", spawnDepth: 2 });
    expect(readTree(folder).merged.tasks["agent:a2"]?.parentTaskId).toBe("agent:a1");
  });
});

describe("sessions", () => {
  it("join what lies less than ten minutes apart into one stretch of activity", () => {
    const { merged } = read([prompt(0, "x"), reply(599), reply(1300), reply(1200)]);
    expect(merged.sessions["session-1"]?.activity).toEqual([
      { startMillis: START, endMillis: START + 599_000 },
      { startMillis: START + 1_200_000, endMillis: START + 1_300_000 },
    ]);
  });

  it("keep their first folder and their last branch", () => {
    const { merged } = read([
      prompt(0, "x"),
      reply(1, { line: { cwd: "/elsewhere", gitBranch: "feature" } }),
      reply(2, { line: { cwd: "/elsewhere", gitBranch: "" } }),
    ]);
    expect(merged.sessions["session-1"]).toMatchObject({ project: "/home/devusr/shop", branch: "feature" });
  });

  it("do not take the worktree of a subagent for their folder, unless nothing else is known", () => {
    const folder = temporaryFolder();
    const lines = [reply(1, { line: { isSidechain: true, agentId: "a1", cwd: "/worktree" } })];
    const agent = writeTranscript(lines, "session-1/subagents/agent-a1", folder);
    const alone = readFile(agent);
    expect(alone.merged.sessions["session-1"]?.project).toBe("/worktree");
    const main = writeTranscript([prompt(0, "x")], "session-1", folder);
    for (const facts of [
      [...alone.facts, ...readFile(main).facts],
      [...readFile(main).facts, ...readFile(agent).facts],
    ]) {
      expect(mergeFacts(facts).sessions["session-1"]?.project).toBe("/home/devusr/shop");
    }
  });

  it("that a fork copied keep their activity to themselves", () => {
    const copied = { sessionId: "fork", forkedFrom: { sessionId: "origin", messageUuid: "u0" } };
    const { merged } = read([prompt(0, "x", copied), prompt(900, "y", { sessionId: "fork", promptId: "p2" })]);
    expect(merged.sessions["origin"]?.activity).toEqual([{ startMillis: START, endMillis: START }]);
    expect(merged.sessions["fork"]?.activity).toEqual([{ startMillis: START + 900_000, endMillis: START + 900_000 }]);
    expect(merged.tasks["prompt:p1"]?.sessionId).toBe("origin");
  });
});
