import { type Fact, QUALITY_MEASURES, type QualityMeasure } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import {
  type MetricsConfig,
  qualityKey,
  resolveConfig,
  shownMeasures,
  trackedPart,
  tracksEverything,
} from "../../src/index.ts";

const BASE = { witness: "transcript", product: "claude-code", sessionId: "s" } as const;
const SESSION: Fact = { ...BASE, kind: "session", project: "/p", activity: [] };
const TASK: Fact = {
  ...BASE,
  kind: "task",
  taskId: "t",
  agent: "expert-backend",
  outcome: { result: "failure", origin: "reported", atMillis: 5, errorType: "api_error" },
};
const OPEN_TASK: Fact = { ...BASE, kind: "task", taskId: "t" };
const CALL: Fact = {
  ...BASE,
  kind: "model_call",
  taskId: "t",
  requestId: "r",
  endedAtMillis: 5,
  usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 },
  webSearches: 1,
  reportedCostNanoUsd: 3,
};
const TOOL: Fact = { ...BASE, kind: "tool_call", callId: "c", taskId: "t", startedAtMillis: 1 };
const FILE: Fact = { ...BASE, kind: "file_change", taskId: "t", path: "/p/a", change: "created", atMillis: 1 };
const ALL: readonly Fact[] = [SESSION, TASK, OPEN_TASK, CALL, TOOL, FILE];

const config = (block: Parameters<typeof resolveConfig>[0]): MetricsConfig => resolveConfig(block);
const partOf = (fact: Fact, block: Parameters<typeof resolveConfig>[0]) => trackedPart(fact, config(block));
const factOf = (fact: Fact, block: Parameters<typeof resolveConfig>[0]) => partOf(fact, block).fact;

describe("trackedPart", () => {
  it("leaves facts as they are when nothing is switched off", () => {
    expect(tracksEverything(config({}))).toBe(true);
    for (const fact of ALL) expect(factOf(fact, {})).toBe(fact);
  });

  it.each([
    [{ enabled: false }, ALL, "switched off: enabled"],
    [{ session: { tools_used: false } }, [TOOL], "switched off: session.tools_used"],
    [{ session: { files_modified: false } }, [FILE], "switched off: session.files_modified"],
    [{ tasks: { track_files: false } }, [FILE], "switched off: tasks.track_files"],
    [{ tasks: { enabled: false } }, [TASK, OPEN_TASK, FILE], "switched off: tasks.enabled"],
  ])("keeps out what %j says, and no more", (block, out, reason) => {
    expect(tracksEverything(config(block))).toBe(false);
    for (const fact of ALL) {
      if ((out as readonly Fact[]).includes(fact)) expect(partOf(fact, block)).toEqual({ fact: undefined, reason });
      else expect(factOf(fact, block)).toBeDefined();
    }
  });

  it("keeps measures of quality out unless they are switched on; benchmarks have no switch", () => {
    const measured = (measure: QualityMeasure): Fact => ({
      kind: "quality",
      witness: "toolReport",
      measure,
      atMillis: 1,
      score: 0,
    });
    const reasonOf = (measure: QualityMeasure, block: Parameters<typeof resolveConfig>[0]) => {
      const tracked = partOf(measured(measure), block);
      return tracked.fact === undefined ? tracked.reason : "stored";
    };
    expect(QUALITY_MEASURES.map((measure) => reasonOf(measure, {}))).toEqual([
      "switched off: quality.test_coverage",
      "switched off: quality.lint_scores",
      "stored",
    ]);
    const both = { quality: { test_coverage: true, lint_scores: true } };
    expect(QUALITY_MEASURES.map((measure) => reasonOf(measure, both))).toEqual(["stored", "stored", "stored"]);
    expect(reasonOf("benchmark_score", { enabled: false })).toBe("switched off: enabled");
    expect(shownMeasures(config({ quality: { lint_scores: true } }))).toEqual(["lint_score", "benchmark_score"]);
    expect(qualityKey("lint_score")).toBe("quality.lint_scores");
  });

  it.each([[{ token_tracking: { enabled: false } }], [{ tokens: { track_usage: false } }]])(
    "stores calls without tokens and cost: %j",
    (block) => {
      expect(factOf(CALL, block)).toEqual({
        ...BASE,
        kind: "model_call",
        taskId: "t",
        requestId: "r",
        endedAtMillis: 5,
      });
    },
  );

  it.each([
    [{ token_tracking: { track_per_task: false } }],
    [{ tokens: { track_per_task: false } }],
    [{ tasks: { enabled: false } }],
  ])("stores calls under their session only: %j", (block) => {
    expect(factOf(CALL, block)).not.toHaveProperty("taskId");
    expect(factOf(CALL, block)).toHaveProperty("usage");
  });

  it("stores no task of tool calls where tasks are off", () => {
    expect(factOf(TOOL, { tasks: { enabled: false } })).not.toHaveProperty("taskId");
  });

  it.each([
    [{ tasks: { track_agent: false } }],
    [{ agents: { enabled: false } }],
    [{ agents: { track_per_agent: false } }],
  ])("stores no agent: %j", (block) => {
    expect(factOf(TASK, block)).not.toHaveProperty("agent");
    expect(factOf(TASK, block)).toMatchObject({ outcome: { result: "failure" } });
  });

  it("ends every task as unknown where results are off", () => {
    const block = { tasks: { track_result: false } };
    expect(factOf(TASK, block)).toMatchObject({ outcome: { result: "unknown", origin: "inferred", atMillis: 5 } });
    expect(factOf(TASK, block)).not.toHaveProperty("outcome.errorType");
    expect(factOf(OPEN_TASK, block)).not.toHaveProperty("outcome");
  });
});
