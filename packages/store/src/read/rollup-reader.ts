/** Usage from the rollups. */
import { QUARTER_HOUR_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { AnswerCells } from "../rollup/answer-cells.ts";
import { readRollupViews } from "../rollup/read-rollups.ts";
import { CALL_SUMS, type RollupSum, TASK_SUMS } from "../rollup/types.ts";
import { DIMENSIONS, type UsageGroup, type UsageQuestion } from "./types.ts";

const SUMS = [
  ...CALL_SUMS,
  "call_ms",
  "tool_calls",
  "tool_errors",
  ...TASK_SUMS,
  "task_ms",
  "undivided_tokens",
] as const satisfies readonly RollupSum[];

const PLACE_OF_SUM = Object.fromEntries(SUMS.map((name, place) => [name, place])) as Record<
  (typeof SUMS)[number],
  number
>;

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
  const view = { groupBy: by, sums: SUMS, extremes: [], histograms: [] };
  const [answer] = readRollupViews(database, { edges, filter }, [view]);
  if (answer === undefined) return [];
  const { keys, cells } = answer;
  const rankOf = rankKeys(keys);
  const ofBucket = Map.groupBy(answer.shown, (cell) => cells.buckets[cell] as number);
  const bucketAt = new Map(edges.map((edge, bucket) => [edge, bucket]));
  const names = keys.map((key) => Object.fromEntries(by.map((dimension, i) => [dimension, key[i] ?? ""])));
  return spans.flatMap(({ first, behind }, i) => {
    const period = question.periods?.[i];
    const buckets = first < behind ? edges.slice(bucketAt.get(first), bucketAt.get(behind)) : [];
    const parts = buckets.map((start) => ofBucket.get(bucketAt.get(start) ?? -1) ?? []);
    const { total, shown } = addUp(cells, parts);
    const groupOf = (cell: number): number => total.groups[cell] as number;
    return shown
      .sort((a, b) => (rankOf[groupOf(a)] as number) - (rankOf[groupOf(b)] as number))
      .map((cell) => ({
        ...(period === undefined ? {} : { period }),
        ...names[groupOf(cell)],
        ...measuresOf(total, cell),
      }));
  });
}

/** Groups in the order of their names. */
function rankKeys(keys: readonly (readonly string[])[]): Int32Array {
  const texts = keys.map((key) => JSON.stringify(key));
  const order = [...texts.keys()].sort((a, b) => ((texts[a] as string) < (texts[b] as string) ? -1 : 1));
  const ranks = new Int32Array(keys.length);
  for (const [rank, group] of order.entries()) ranks[group] = rank;
  return ranks;
}

/** The cells of several buckets added up by group; those of one bucket are as they are. */
function addUp(cells: AnswerCells, parts: readonly (readonly number[])[]): { total: AnswerCells; shown: number[] } {
  if (parts.length === 1) return { total: cells, shown: [...(parts[0] ?? [])] };
  const total = new AnswerCells(SUMS.length, 0, 0);
  for (const cell of parts.flat()) total.addCell(total.at(cells.groups[cell] as number, 0), cells, cell);
  return { total, shown: Array.from({ length: total.count }, (_, cell) => cell) };
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
function measuresOf(cells: AnswerCells, cell: number): Omit<UsageGroup, "period"> {
  const sum = (name: (typeof SUMS)[number]): number => cells.sums[PLACE_OF_SUM[name]]?.[cell] ?? 0;
  const undivided = sum("undivided_tokens");
  return {
    calls: sum("calls"),
    callErrors: sum("call_errors"),
    callsWithoutUsage: sum("calls_without_usage"),
    tokens: {
      input: sum("input"),
      cacheRead: sum("cache_read"),
      cacheWrite5m: sum("cache_write_5m"),
      cacheWrite1h: sum("cache_write_1h"),
      output: sum("output"),
      reasoning: sum("reasoning"),
      ...(undivided === 0 ? {} : { undivided }),
    },
    costNanoUsd: sum("cost_nano_usd"),
    reportedCostNanoUsd: sum("reported_cost_nano_usd"),
    unpricedCalls: sum("unpriced_calls"),
    callMillis: sum("call_ms"),
    tasksByResult: {
      success: sum("tasks_success"),
      failure: sum("tasks_failure"),
      timeout: sum("tasks_timeout"),
      cancelled: sum("tasks_cancelled"),
      unknown: sum("tasks_unknown"),
    },
    taskMillis: sum("task_ms"),
    toolCalls: sum("tool_calls"),
    toolErrors: sum("tool_errors"),
  };
}
