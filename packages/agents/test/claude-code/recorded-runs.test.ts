import { join } from "node:path";
import { addTokens, cacheWriteTokens, type ModelCallFact, NO_TOKENS, type TokenUsage } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { mergeFacts } from "../support/merge-facts.ts";
import { copyFixture, FIXTURES, readTree } from "../support/reading.ts";

const EXPERT = "agent:af78b6fb22be885ff";
const PROMPT = "prompt:3ac1fe85-7319-498c-b275-f5bdba803ee9";
const SESSION = "eb48af2e-79c3-46e9-aef8-1722a7dd74f2";

function sum(calls: readonly ModelCallFact[]): TokenUsage {
  return calls.reduce((total, call) => addTokens(total, call.usage ?? NO_TOKENS), NO_TOKENS);
}

describe("the recorded run of one prompt", () => {
  const { merged, skipped } = readTree(join(FIXTURES, "plain"));

  it("has two model calls in one successful prompt", () => {
    expect(Object.keys(merged.modelCalls)).toEqual(["msg_2", "msg_3"]);
    const [task] = Object.values(merged.tasks);
    expect(Object.keys(merged.tasks)).toHaveLength(1);
    expect(task).toMatchObject({
      taskKind: "prompt",
      agent: "main",
      outcome: { result: "success", origin: "inferred" },
    });
    expect(Object.values(merged.modelCalls).every((call) => call.taskId === task?.taskId)).toBe(true);
  });

  it("knows the session's folder, branch and version, and skips nothing", () => {
    expect(merged.sessions["ffe99fd8-293d-4386-9684-e112099a4ead"]).toMatchObject({
      project: "/home/devusr/work",
      branch: "HEAD",
      version: "2.1.197",
    });
    expect(skipped).toEqual({});
  });

  it("knows how long the tool call took", () => {
    const call = merged.toolCalls["toolu_2"];
    expect(call).toMatchObject({ tool: "Bash", isSuccess: true });
    expect((call?.endedAtMillis ?? 0) - (call?.startedAtMillis ?? 0)).toBe(71);
  });
});

describe("the recorded run with a subagent", () => {
  const { merged, skipped } = readTree(join(FIXTURES, "subagent"));
  const calls = Object.values(merged.modelCalls);

  it("has seven model calls with the true totals", () => {
    const total = sum(calls);
    expect(calls).toHaveLength(7);
    expect([total.input, total.cacheRead, cacheWriteTokens(total), total.output]).toEqual([8400, 5600, 700, 2415]);
  });

  it("gives five of them to expert-backend, and counts them in no other task", () => {
    const own = calls.filter((call) => call.taskId === EXPERT);
    const total = sum(own);
    expect(own).toHaveLength(5);
    expect([total.input, total.cacheRead, cacheWriteTokens(total), total.output]).toEqual([6000, 4000, 500, 1725]);
    expect(calls.filter((call) => call.taskId === PROMPT)).toHaveLength(2);
  });

  it("keeps five-minute and one-hour cache writes apart", () => {
    expect(sum(calls)).toMatchObject({ cacheWrite5m: 420, cacheWrite1h: 280 });
  });

  it("names the agent, its parent and its reported success", () => {
    expect(merged.tasks[EXPERT]).toMatchObject({
      taskKind: "subagent",
      agent: "expert-backend",
      parentTaskId: PROMPT,
      sessionId: SESSION,
      outcome: { result: "success", origin: "reported" },
    });
  });

  it("sees one file created and the same file modified by the subagent", () => {
    const changes = Object.values(merged.fileChanges);
    expect(changes.map(({ taskId, path, change }) => [taskId, path, change])).toEqual([
      [EXPERT, "/home/devusr/work2/made.txt", "created"],
      [EXPERT, "/home/devusr/work2/made.txt", "modified"],
    ]);
  });

  it("counts five lines added and one removed, as the agent itself reports", () => {
    const tools = Object.values(merged.toolCalls);
    expect(tools.reduce((lines, tool) => lines + (tool.linesAdded ?? 0), 0)).toBe(5);
    expect(tools.reduce((lines, tool) => lines + (tool.linesRemoved ?? 0), 0)).toBe(1);
  });

  it("sees one failed tool call among five", () => {
    const tools = Object.values(merged.toolCalls);
    expect(tools).toHaveLength(5);
    expect(tools.filter((tool) => tool.isSuccess === false)).toMatchObject([
      { tool: "Bash", errorType: "tool_error", taskId: EXPERT },
    ]);
  });

  it("tells the same when it is read again, from a copy, and in another order", () => {
    const folder = join(FIXTURES, "subagent");
    const facts = [...readTree(copyFixture("subagent")).facts.toReversed(), ...readTree(folder).facts];
    expect(mergeFacts(facts).tasks[EXPERT]).toEqual(merged.tasks[EXPERT]);
    expect(mergeFacts([...facts, ...readTree(folder).facts])).toEqual(mergeFacts(facts));
    expect(Object.keys(mergeFacts(facts).modelCalls)).toHaveLength(7);
  });

  it("takes the project from the session's own transcript and skips nothing", () => {
    expect(merged.sessions[SESSION]?.project).toBe("/home/devusr/work2");
    expect(skipped).toEqual({});
  });
});
