/** Figures over model calls, tool calls and tasks together: what summaries and agents consist of. */
import { TASK_RESULTS, type TaskResult } from "@moai-metrics/model";
import { type CallSums, callMeasures } from "../read/call-measures.ts";
import type { CallMeasures } from "../read/types.ts";
import { CALL_SUMS, type RollupSum, TASK_SUMS } from "../rollup/types.ts";
import type { Cell, Want } from "./cells.ts";
import { type Population, PRESENCE } from "./measures.ts";
import { quantileOf, relativeErrorOf } from "./quantile.ts";
import type { FactFilter, TaskFigures, ToolFigures } from "./types.ts";

const CALL_FIGURES = [...CALL_SUMS, "call_ms"] as const satisfies readonly (RollupSum & keyof CallSums)[];

const TOOL_FIGURES = ["tool_calls", "tool_errors", "tool_ms"] as const satisfies readonly RollupSum[];

const TASK_FIGURES = [
  ...TASK_SUMS,
  "task_ms",
  "task_ms_count",
  "task_tokens",
  "task_tokens_count",
  "undivided_tokens",
] as const satisfies readonly RollupSum[];

/** Tasks and tool calls have no model, so a filter on models leaves only model calls. */
export function isAboutCallsOnly(filter: FactFilter): boolean {
  return filter.models !== undefined;
}

/** Everything that overall figures need. */
export function planOverall(filter: FactFilter): Want {
  if (isAboutCallsOnly(filter)) return { sums: CALL_FIGURES, extremes: [], quantiles: [] };
  return { sums: [...CALL_FIGURES, ...TOOL_FIGURES, ...TASK_FIGURES], extremes: ["task_ms"], quantiles: ["task_ms"] };
}

/** Which facts overall figures are about. */
export function populationsOf(filter: FactFilter): readonly Population[] {
  return isAboutCallsOnly(filter) ? ["calls"] : ["calls", "tools", "tasks"];
}

/** What shows that an agent did anything. */
export function planPresence(filter: FactFilter): Want {
  return { sums: populationsOf(filter).flatMap((population) => PRESENCE[population]), extremes: [], quantiles: [] };
}

/** Sums of model calls, and tokens that only hooks reported. */
export function callFigures(cell: Cell | undefined): CallMeasures {
  const names = [...CALL_FIGURES, "undivided_tokens"] as const;
  const sums = Object.fromEntries(names.map((name) => [name, cell?.sum(name) ?? 0]));
  return callMeasures(sums as unknown as CallSums);
}

export function toolFigures(cell: Cell | undefined): ToolFigures {
  const sum = (name: RollupSum): number => cell?.sum(name) ?? 0;
  return { toolCalls: sum("tool_calls"), toolErrors: sum("tool_errors"), toolMillis: sum("tool_ms") };
}

export function taskFigures(cell: Cell | undefined): TaskFigures {
  const sum = (name: RollupSum): number => cell?.sum(name) ?? 0;
  const byResult = Object.fromEntries(TASK_RESULTS.map((result) => [result, sum(`tasks_${result}`)])) as Record<
    TaskResult,
    number
  >;
  const values = cell?.values("task_ms");
  const quantile = (percentile: number): number | undefined =>
    values === undefined ? undefined : quantileOf(values, percentile).value;
  return {
    ended: Object.values(byResult).reduce((total, count) => total + count, 0),
    byResult,
    successRate: share(byResult.success, byResult.success + byResult.failure + byResult.timeout),
    totalMillis: sum("task_ms"),
    averageMillis: share(sum("task_ms"), sum("task_ms_count")),
    minMillis: values?.extremes?.min,
    maxMillis: values?.extremes?.max,
    p50Millis: quantile(0.5),
    p95Millis: quantile(0.95),
    p99Millis: quantile(0.99),
    averageTokens: share(sum("task_tokens"), sum("task_tokens_count")),
  };
}

/** How far off the percentiles of the cells may be. */
export function overallError(cells: readonly Cell[], filter: FactFilter): number {
  if (isAboutCallsOnly(filter)) return 0;
  return Math.max(0, ...cells.map((cell) => relativeErrorOf(cell.values("task_ms"))));
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
