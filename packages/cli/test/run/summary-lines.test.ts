import { NO_TOKENS } from "@moai-metrics/model";
import type { SummaryAnswer } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { endsOfOpenTasks, type ObservedRun, sessionOfRun } from "../../src/run/run-session.ts";
import { type RunFigures, summaryLines } from "../../src/run/summary-lines.ts";

const USAGE = {
  source: "ledger",
  relativeError: 0,
  tokens: { ...NO_TOKENS, input: 987_654_321, output: 987_654_321, cacheRead: 987_654_321, cacheWrite5m: 987_654_321 },
  totalCalls: 12,
  totalCallErrors: 0,
  callsWithoutUsage: 0,
  costNanoUsd: 1_230_000_000,
  reportedCostNanoUsd: 0,
  computedCostNanoUsd: 0,
  unpricedCalls: 0,
  successfulTasks: 3,
  failedTasks: 1,
  timedOutTasks: 1,
  cancelledTasks: 1,
  unknownTasks: 1,
} as unknown as SummaryAnswer;

type Changes = Partial<Omit<RunFigures, "usage">> & { readonly usage?: Partial<SummaryAnswer> };

function lines(changes: Changes, hidden?: string[]): string[] {
  return summaryLines(
    {
      sessionIds: ["0123456789"],
      toolCalls: [],
      wallMillis: 61_000,
      end: { kind: "exited", exitCode: 0 },
      ...changes,
      usage: { ...USAGE, ...changes.usage } as SummaryAnswer,
    },
    new Set(hidden),
  );
}

describe("the summary of a run", () => {
  it("has five lines that fit eighty columns", () => {
    const tool = { tool: "a-tool-with-a-rather-long-name", durationMillis: 5_000_000 };
    const shown = lines({
      toolCalls: [tool, { tool: "Read", durationMillis: 3 }, { tool: "", durationMillis: undefined }],
    });
    expect(shown).toEqual([
      "Tokens    4.0B: 988M input, 988M output, 988M cache read, 988M cache write",
      "Cost      $1.23, API list prices",
      "Duration  1m 01s, 12 model calls",
      "Result    exit code 0, 3 tasks successful, 1 task failed, 1 task timed out, 1 task cancelled, 1 task unknown",
      "Slowest   a-tool-with-a-rather-long-name 1h 23m, of 3 tool calls",
    ]);
    const short = lines({ usage: { failedTasks: 0, timedOutTasks: 0, cancelledTasks: 0, unknownTasks: 0 } });
    expect(short[3]).toBe("Result    exit code 0, 3 tasks successful; moai-metrics session 01234567");
  });

  it("says what is not known, and never 0 for it", () => {
    expect(lines({ usage: { totalCalls: 2, unpricedCalls: 2 } })[1]).toBe("Cost      unpriced");
    expect(lines({ usage: { unpricedCalls: 2 } })[1]).toContain("; 2 calls have no known price");
    const none = lines({
      usage: { totalCalls: 1, callsWithoutUsage: 1 },
      end: { kind: "not_started", code: "ENOENT" },
    });
    expect(none.slice(0, 2)).toEqual(["Tokens    none were reported", "Cost      unknown"]);
    expect(none[3]).toContain("not started (ENOENT)");
    expect(lines({ toolCalls: [{ tool: "Read", durationMillis: undefined }] })[4]).toBe("Slowest   unknown");
    expect(lines({ toolCalls: [{ tool: "", durationMillis: 0 }] })[4]).toContain("(unknown tool) 0ms, of 1 tool call");
  });

  it("leaves out what the settings hide, and neutralizes names", () => {
    const shown = lines({ sessionIds: [] }, ["totalTokens", "totalCost", "activeDurationMs", "tasksCompleted"]);
    expect(shown).toEqual(["Result    exit code 0", "Slowest   no tools were called"]);
    expect(lines({ toolCalls: [{ tool: "\u001b[31mred", durationMillis: 1 }] })[4]).not.toContain("\u001b");
  });
});

describe("what a run tells of itself", () => {
  const run: ObservedRun = {
    product: "make",
    runId: "r",
    project: "/p",
    startedAtMillis: 1000,
    endedAtMillis: 2000,
    end: { kind: "exited", exitCode: 0 },
  };
  const open = [{ product: "codex", sessionId: "s", taskId: "t" }];
  const resultOf = (end: ObservedRun["end"]): unknown[] => {
    const [, task] = sessionOfRun({ ...run, end });
    const ends = endsOfOpenTasks(open, { ...run, end });
    return [task?.kind === "task" && task.outcome, ends.map((fact) => fact.kind === "task" && fact.outcome)];
  };

  it("is the result that a shell would see", () => {
    const at = 2000;
    const expected = (result: string, errorType?: string): unknown[] => [
      { result, errorType, origin: "reported", atMillis: at },
      [{ result, errorType, origin: "inferred", atMillis: at }],
    ];
    expect(resultOf({ kind: "exited", exitCode: 0 })).toEqual([
      { result: "success", origin: "reported", atMillis: at },
      [],
    ]);
    expect(resultOf({ kind: "exited", exitCode: 3 })).toEqual(expected("failure", "exit_3"));
    expect(resultOf({ kind: "exited", exitCode: 130 })).toEqual(expected("cancelled"));
    expect(resultOf({ kind: "killed", signal: "SIGINT" })).toEqual(expected("cancelled"));
    expect(resultOf({ kind: "killed", signal: "SIGKILL" })).toEqual(expected("failure", "SIGKILL"));
    expect(resultOf({ kind: "not_started", code: "ENOENT" })).toEqual(expected("failure", "ENOENT"));
  });
});
