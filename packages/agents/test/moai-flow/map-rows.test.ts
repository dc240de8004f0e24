/** Rows of MoAI-Flow's file as facts and samples. */
import { createZoneCalendar } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import {
  type MoaiFlowOrigin,
  type MoaiFlowSample,
  mapAgentMetricRow,
  mapSwarmMetricRow,
  mapTaskRow,
  type SourceRow,
} from "../../src/moai-flow/index.ts";

const ORIGIN: MoaiFlowOrigin = { project: "/home/dev/shop", calendar: createZoneCalendar("Asia/Seoul") };
const ENDED = Date.UTC(2025, 10, 30, 5, 5, 9, 123);

function taskRow(fields: SourceRow = {}): SourceRow {
  return {
    task_id: "task-001",
    agent_id: "expert-backend",
    duration_ms: 45_000,
    result: "success",
    tokens_used: 15_420,
    files_changed: 3,
    timestamp: "2025-11-30T14:05:09.123456",
    ...fields,
  };
}

function metricRow(fields: SourceRow = {}): SourceRow {
  return {
    metric_id: 7,
    agent_id: "expert-backend",
    swarm_id: "swarm_001",
    metric_type: "success_rate",
    value: 0.95,
    timestamp: "2025-11-30T14:05:09.123456",
    ...fields,
  };
}

function sampleOf(mapped: ReturnType<typeof mapAgentMetricRow>): MoaiFlowSample {
  if ("skipped" in mapped) throw new Error(mapped.skipped);
  return mapped.sample;
}

describe("a task row", () => {
  it("is a finished task in the session of its local day", () => {
    const { facts, skipped } = mapTaskRow(taskRow(), ORIGIN);
    expect(skipped).toEqual([]);
    const [session, task] = facts;
    expect(session).toMatchObject({
      kind: "session",
      product: "moai-flow",
      project: "/home/dev/shop",
      activity: [{ startMillis: ENDED - 45_000, endMillis: ENDED }],
    });
    expect(task).toMatchObject({
      kind: "task",
      sessionId: session?.sessionId,
      taskId: "task-001@2025-11-30T14:05:09.123456",
      agent: "expert-backend",
      startedAtMillis: ENDED - 45_000,
      lastSeenAtMillis: ENDED,
      outcome: { result: "success", origin: "reported", atMillis: ENDED },
    });
    expect(session?.sessionId).toMatch(/^swarm-2025-11-30-[0-9a-z]+$/);
  });

  it("gives its totals as samples of the agent and no model call", () => {
    const { facts, samples } = mapTaskRow(taskRow(), ORIGIN);
    expect(facts.map(({ kind }) => kind)).toEqual(["session", "task"]);
    expect(samples).toMatchObject([
      { metric: "moai_flow.task.tokens", unit: "{token}", kind: "delta", value: 15_420 },
      { metric: "moai_flow.task.files_changed", unit: "{file}", kind: "delta", value: 3 },
    ]);
    for (const sample of samples) {
      expect(sample.attributes).toEqual({ "gen_ai.agent.name": "expert-backend" });
      expect(sample.startTimeUnixNano).toBe(BigInt(ENDED - 45_000) * 1_000_000n);
      expect(sample.timeUnixNano / 1000n).toBe(BigInt(ENDED) * 1000n + 456n);
    }
  });

  it("is the same task in another project's session of the same day", () => {
    const shop = mapTaskRow(taskRow(), ORIGIN).facts[0]?.sessionId;
    const other = mapTaskRow(taskRow(), { ...ORIGIN, project: "/home/dev/other" }).facts[0]?.sessionId;
    const unknown = mapTaskRow(taskRow(), { ...ORIGIN, project: undefined }).facts[0]?.sessionId;
    expect(new Set([shop, other, unknown]).size).toBe(3);
    expect(unknown).toBe("swarm-2025-11-30");
  });

  it.each([
    ["failure", "failure"],
    ["timeout", "timeout"],
    ["cancelled", "cancelled"],
  ])("with the result %s has it", (result, expected) => {
    const { facts, skipped } = mapTaskRow(taskRow({ result }), ORIGIN);
    expect(facts[1]).toMatchObject({ outcome: { result: expected } });
    expect(skipped).toEqual([]);
  });

  it.each([
    ["partial", 'result "partial" has no equivalent: unknown'],
    ["toString", 'result "toString" has no equivalent: unknown'],
    ["the tests of the shop failed", 'result "(odd value)" has no equivalent: unknown'],
    [null, 'result "(odd value)" has no equivalent: unknown'],
  ])("with the result %j is unknown, and that is counted", (result, reason) => {
    const { facts, skipped } = mapTaskRow(taskRow({ result }), ORIGIN);
    expect(facts[1]).toMatchObject({ outcome: { result: "unknown" } });
    expect(skipped).toEqual([reason]);
  });

  it("without duration, tokens and files is a task all the same", () => {
    const row = taskRow({ duration_ms: null, tokens_used: null, files_changed: 0 });
    const { facts, samples, skipped } = mapTaskRow(row, ORIGIN);
    expect(facts[1]).toMatchObject({ startedAtMillis: undefined, lastSeenAtMillis: ENDED });
    expect([samples, skipped]).toEqual([[], []]);
  });

  it.each([
    ["duration_ms", -1],
    ["duration_ms", 1e13],
    ["tokens_used", 1.5],
    ["tokens_used", 2n ** 60n],
    ["files_changed", "three"],
  ])("with %s = %s loses that figure, counted", (column, value) => {
    const { facts, skipped } = mapTaskRow(taskRow({ [column]: value }), ORIGIN);
    expect(facts).toHaveLength(2);
    expect(skipped).toEqual([`${column} not a whole number within reason`]);
  });

  it.each([
    [{ timestamp: "soon" }, "timestamp not understood"],
    [{ timestamp: null }, "timestamp not understood"],
    [{ task_id: "" }, "task without an id"],
    [{ agent_id: null }, "task without an agent"],
  ])("with %j is skipped whole", (fields, reason) => {
    expect(mapTaskRow(taskRow(fields), ORIGIN)).toEqual({ facts: [], samples: [], skipped: [reason] });
  });
});

describe("a metric row", () => {
  it("is a reading of an agent or a swarm, its value as it is", () => {
    expect(sampleOf(mapAgentMetricRow(metricRow(), ORIGIN.calendar))).toMatchObject({
      metric: "moai_flow.agent.success_rate",
      kind: "gauge",
      unit: "",
      attributes: { "gen_ai.agent.name": "expert-backend" },
      timeUnixNano: BigInt(ENDED) * 1_000_000n + 456_007n,
      value: 0.95,
    });
    const swarm = sampleOf(mapSwarmMetricRow(metricRow({ metric_type: "swarm_health" }), ORIGIN.calendar));
    expect(swarm).toMatchObject({
      metric: "moai_flow.swarm.health",
      attributes: { "moai_flow.swarm.name": "swarm_001" },
    });
  });

  it("of the same microsecond as another stays apart from it", () => {
    const [a, b] = [1, 2].map((id) => sampleOf(mapAgentMetricRow(metricRow({ metric_id: id }), ORIGIN.calendar)));
    expect(a?.timeUnixNano).not.toBe(b?.timeUnixNano);
  });

  it.each([
    [{ timestamp: "soon" }, "timestamp not understood"],
    [{ agent_id: "" }, "agent metric without a name"],
    [{ metric_type: "a sentence, not a type" }, "agent metric of an odd type"],
    [{ value: "0.9" }, "value not a number"],
    [{ value: Number.POSITIVE_INFINITY }, "value not a number"],
  ])("with %j is skipped", (fields, skipped) => {
    expect(mapAgentMetricRow(metricRow(fields), ORIGIN.calendar)).toEqual({ skipped });
  });
});
