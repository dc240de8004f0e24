/** Usage from the rollups. */
import { QUARTER_HOUR_MILLIS, quarterHourOf, TASK_RESULTS, type TaskResult, type TimeRange } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { readRollups } from "../rollup/read-rollups.ts";
import { CALL_SUMS, type RollupGroup, type RollupSum, TASK_SUMS } from "../rollup/types.ts";
import { callMeasures } from "./call-measures.ts";
import { DIMENSIONS, type UsageGroup, type UsageQuestion } from "./types.ts";

const SUMS = [
  ...CALL_SUMS,
  "call_ms",
  "tool_calls",
  "tool_errors",
  ...TASK_SUMS,
  "task_ms",
] as const satisfies readonly RollupSum[];

/** Quarter hours from `first` to `behind` (exclusive). */
interface Span {
  readonly first: number;
  readonly behind: number;
}

/** @throws RangeError when the question cannot be answered exactly from quarter hours. */
export function readUsage(database: Database, question: UsageQuestion): UsageGroup[] {
  if (question.sessionIds !== undefined) {
    throw new RangeError(
      "usage cannot be filtered by session: rollups do not know sessions. Ask for sessions instead.",
    );
  }
  const spans = planSpans(question);
  const edges = [...new Set(spans.flatMap(({ first, behind }) => [first, behind]))].sort((a, b) => a - b);
  if (edges.length < 2) return [];
  const by = DIMENSIONS.filter((dimension) => question.by?.includes(dimension));
  const { products, projects, agents, models } = question;
  const filter = { products, projects, agents, models };
  const groups = readRollups(database, { edges, filter, groupBy: by, sums: SUMS, extremes: [], histograms: [] });
  const ofBucket = Map.groupBy(groups, ({ bucket }) => bucket);
  const bucketAt = new Map(edges.map((edge, bucket) => [edge, bucket]));
  return spans.flatMap(({ first, behind }, i) => {
    const period = question.periods?.[i];
    const buckets = first < behind ? edges.slice(bucketAt.get(first), bucketAt.get(behind)) : [];
    return addUp(buckets.map((start) => ofBucket.get(bucketAt.get(start) ?? -1) ?? [])).map(({ key, values }) => ({
      ...(period === undefined ? {} : { period }),
      ...Object.fromEntries(by.map((dimension, j) => [dimension, key[j] ?? ""])),
      ...measuresOf(values),
    }));
  });
}

/** Groups of the same names added up, in the order of their names. */
function addUp(buckets: readonly (readonly RollupGroup[])[]): { key: readonly string[]; values: number[] }[] {
  const sums = new Map<string, { key: readonly string[]; values: number[] }>();
  for (const { key, sums: added } of buckets.flat()) {
    const name = JSON.stringify(key);
    const sum = sums.get(name);
    if (sum === undefined) {
      sums.set(name, { key, values: [...added] });
      continue;
    }
    for (let place = 0; place < added.length; place++) {
      sum.values[place] = (sum.values[place] ?? 0) + (added[place] ?? 0);
    }
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

/** One span per period, or one for the range; periods are cut off where the range ends. Pure. */
function planSpans({ periods, range = { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER } }: UsageQuestion): Span[] {
  const limits = spanOf(range);
  return (periods?.map(spanOf) ?? [limits]).map(({ first, behind }) => ({
    first: Math.max(first, limits.first),
    behind: Math.max(Math.max(first, limits.first), Math.min(behind, limits.behind)),
  }));
}

function spanOf({ startMillis, endMillis }: TimeRange): Span {
  return { first: wholeQuarter(startMillis), behind: wholeQuarter(endMillis) };
}

function wholeQuarter(millis: number): number {
  if (millis === Number.MAX_SAFE_INTEGER) return quarterHourOf(millis);
  if (millis % QUARTER_HOUR_MILLIS !== 0) {
    throw new RangeError(
      `usage is kept by the quarter hour; ${new Date(millis).toISOString()} is not the start of one. ` +
        "Round the range to quarter hours.",
    );
  }
  return quarterHourOf(millis);
}

/** A model's sums hold calls only; tasks and tool calls are kept under the model that is not known. */
function measuresOf(values: readonly number[]): Omit<UsageGroup, "period"> {
  const sums = Object.fromEntries(SUMS.map((name, i) => [name, values[i] ?? 0])) as Record<
    (typeof SUMS)[number],
    number
  >;
  const tasksByResult = Object.fromEntries(TASK_RESULTS.map((result) => [result, sums[`tasks_${result}`]])) as Record<
    TaskResult,
    number
  >;
  return {
    ...callMeasures(sums),
    tasksByResult,
    taskMillis: sums.task_ms,
    toolCalls: sums.tool_calls,
    toolErrors: sums.tool_errors,
  };
}
