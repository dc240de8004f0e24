/** What the children write, batch by batch, and what must then be in the file. */
import type { Fact, ModelCallFact, TokenUsage } from "@moai-metrics/model";
import type { PointBatch, SeriesIdentity } from "@moai-metrics/store";

/** Batches of one writer. */
export interface Workload {
  /** Name of the writer; sessions begin with it. */
  readonly writer: string;
  /** Time of the first batch. */
  readonly baseMillis: number;
  /** Time between two batches. */
  readonly stepMillis: number;
  readonly firstBatch: number;
}

const AGENTS = ["main", "planner", "coder", "tester"];
const MODELS = ["claude-sonnet-4-5", "claude-haiku-4-5", "home-grown-1"];
const PROJECTS = ["/home/dev/shop", "/home/dev/bank"];
const PRODUCT = "fault-test";

/** Calls of the batch before that a batch reports again, with more tokens: rows change, and rollups with them. */
const REPEATED_CALLS = 2;
export const POINTS_PER_BATCH = 12;
export const POINT_METRIC = "fault_test.value";

/** How many calls a batch has: not always the same, so that a mix-up shows. */
export function callsOf(batch: number): number {
  return 3 + (batch % 5);
}

/** The session of a batch. */
export function sessionOf({ writer }: Pick<Workload, "writer">, batch: number): string {
  return `${writer}:${batch}`;
}

/** When a batch happened. */
export function timeOf({ baseMillis, stepMillis }: Workload, batch: number): number {
  return baseMillis + batch * stepMillis;
}

/** One session with a task and its calls, and a measurement of quality; and the better figures of some calls of the session before. */
export function factsOf(workload: Workload, batch: number): Fact[] {
  const at = timeOf(workload, batch);
  const sessionId = sessionOf(workload, batch);
  const base = { witness: "transcript", product: PRODUCT, sessionId } as const;
  const calls = Array.from({ length: callsOf(batch) }, (_, i) => callOf(workload, batch, i, 1));
  const repeated =
    batch === workload.firstBatch
      ? []
      : Array.from({ length: REPEATED_CALLS }, (_, i) => callOf(workload, batch - 1, i, 2));
  return [
    { ...base, kind: "session", project: PROJECTS[batch % 2], activity: [{ startMillis: at, endMillis: at + 1000 }] },
    {
      ...base,
      kind: "task",
      taskId: sessionId,
      agent: AGENTS[batch % AGENTS.length],
      startedAtMillis: at,
      lastSeenAtMillis: at + 1000,
      outcome: { result: batch % 7 === 0 ? "failure" : "success", origin: "reported", atMillis: at + 1000 },
    },
    ...calls,
    { ...base, kind: "tool_call", taskId: sessionId, callId: `${sessionId}:tool`, tool: "Bash", startedAtMillis: at },
    ...repeated,
    {
      kind: "quality",
      witness: "process",
      measure: "benchmark_score",
      benchmark: workload.writer,
      project: PROJECTS[batch % 2],
      atMillis: at,
      // The number of the batch.
      score: batch,
    },
  ];
}

/** Input tokens of a batch's session, when `isRepeated` says whether the batch behind it was written as well. */
export function inputTokensOf(batch: number, isRepeated: boolean): number {
  let sum = 0;
  for (let i = 0; i < callsOf(batch); i++) sum += usageOf(batch, i, isRepeated && i < REPEATED_CALLS ? 2 : 1).input;
  return sum;
}

function callOf(workload: Workload, batch: number, index: number, factor: number): ModelCallFact {
  const sessionId = sessionOf(workload, batch);
  return {
    witness: "transcript",
    product: PRODUCT,
    sessionId,
    kind: "model_call",
    taskId: sessionId,
    requestId: `req:${sessionId}:${index}`,
    responseId: `msg:${sessionId}:${index}`,
    endedAtMillis: timeOf(workload, batch) + 10 * index,
    durationMillis: 5 + index,
    model: MODELS[(batch + index) % MODELS.length],
    usage: usageOf(batch, index, factor),
  };
}

function usageOf(batch: number, index: number, factor: number): TokenUsage {
  const input = factor * (100 + (batch % 50) + index);
  return { input, cacheRead: 3 * input, cacheWrite5m: index, cacheWrite1h: 0, output: 7 + index, reasoning: 0 };
}

/** Points of the same time as the facts of the batch; every value is the number of its batch. */
export function pointsOf(workload: Workload, batch: number): PointBatch {
  const startNano = BigInt(timeOf(workload, batch)) * 1_000_000n;
  const points = Array.from({ length: POINTS_PER_BATCH }, (_, i) => ({
    startTimeUnixNano: startNano,
    timeUnixNano: startNano + BigInt(i) * 1_000_000n,
    value: { kind: "number", value: batch } as const,
  }));
  return { series: [{ identity: seriesOf(workload.writer), points }] };
}

function seriesOf(writer: string): SeriesIdentity {
  return {
    metric: POINT_METRIC,
    kind: "gauge",
    unit: "1",
    description: "",
    temporality: "none",
    isMonotonic: false,
    valueType: "int",
    attributes: { writer },
    resource: {},
    scope: { name: "fault-test", version: "" },
  };
}
