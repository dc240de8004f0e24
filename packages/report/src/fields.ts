/** The fields that every row of a report carries, with the names that existing scripts know (DESIGN 6). */
import { cacheWriteTokens, type TaskResult, totalTokens } from "@moai-metrics/model";
import type { CallMeasures, TaskMeasures } from "@moai-metrics/store";

/** What stands for a name that no witness gave. */
export const UNKNOWN_NAME = "unknown";

/** Tokens, cost and calls. */
export interface UsageFields {
  /** Input tokens that were neither read from nor written to a cache. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreationTokens: number;
  readonly cacheReadTokens: number;
  readonly totalTokens: number;
  /** The part of `totalTokens` that only a hook reported: it is in none of the parts, and has no cost. */
  readonly undividedTokens: number;
  /** US dollars of the calls with a known cost; `null` when there are calls, or tokens that a hook reported, and none of them has one. */
  readonly totalCost: number | null;
  /** The part of `totalCost` that the agent reported; the rest was computed from API list prices. */
  readonly reportedCost: number;
  /** Calls with tokens but no known price: their cost is in no sum. */
  readonly unpricedCalls: number;
  /** Answered model calls. */
  readonly calls: number;
  /** Answered calls whose tokens are unknown. */
  readonly callsWithoutUsage: number;
  /** Model calls that failed without an answer. */
  readonly callErrors: number;
}

/** The share of one model. */
export interface ModelBreakdown extends Omit<UsageFields, "totalCost"> {
  readonly modelName: string;
  /** As `totalCost`, for this model. */
  readonly cost: number | null;
}

/** Which models were used. */
export interface ModelFields {
  readonly modelsUsed: readonly string[];
  readonly modelBreakdowns: readonly ModelBreakdown[];
}

/** Tasks that ended. */
export interface TaskFields {
  /** Success + failure + timeout. */
  readonly tasksCompleted: number;
  readonly tasksByResult: Readonly<Record<TaskResult, number>>;
  /** Success / completed, 0 to 1; `null` when none completed. */
  readonly successRate: number | null;
  /** The share of the ended tasks whose result no one knows; `null` when none ended. */
  readonly unknownShare: number | null;
  /** Mean duration of the ended tasks in milliseconds; `null` when none ended. */
  readonly averageDurationMs: number | null;
}

/** Fields of sums over model calls. */
export function usageFields(measures: CallMeasures): UsageFields {
  const { tokens } = measures;
  return {
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    cacheCreationTokens: cacheWriteTokens(tokens),
    cacheReadTokens: tokens.cacheRead,
    totalTokens: totalTokens(tokens),
    undividedTokens: tokens.undivided ?? 0,
    totalCost: costOf(measures),
    reportedCost: dollars(measures.reportedCostNanoUsd),
    unpricedCalls: measures.unpricedCalls,
    calls: measures.calls,
    callsWithoutUsage: measures.callsWithoutUsage,
    callErrors: measures.callErrors,
  };
}

/** What one model did of a row. */
interface ModelShareOf {
  readonly model: string;
  readonly measures: CallMeasures;
}

/** Fields of the models behind a row, most tokens first. */
export function modelFields(shares: readonly ModelShareOf[]): ModelFields {
  const used = shares
    .filter(({ measures }) => measures.calls > 0 || measures.callErrors > 0)
    .toSorted(
      (a, b) => totalTokens(b.measures.tokens) - totalTokens(a.measures.tokens) || compareNames(a.model, b.model),
    );
  return {
    // A call that failed used no model; it is in the breakdown for its error.
    modelsUsed: used.filter(({ measures }) => measures.calls > 0).map(({ model }) => nameOrUnknown(model)),
    modelBreakdowns: used.map(breakdownOf),
  };
}

/** Name by name: spreading the fields of thousands of breakdowns takes longer than all the rest of a year of days. */
function breakdownOf({ model, measures }: ModelShareOf): ModelBreakdown {
  const fields = usageFields(measures);
  return {
    modelName: nameOrUnknown(model),
    inputTokens: fields.inputTokens,
    outputTokens: fields.outputTokens,
    cacheCreationTokens: fields.cacheCreationTokens,
    cacheReadTokens: fields.cacheReadTokens,
    totalTokens: fields.totalTokens,
    undividedTokens: fields.undividedTokens,
    reportedCost: fields.reportedCost,
    unpricedCalls: fields.unpricedCalls,
    calls: fields.calls,
    callsWithoutUsage: fields.callsWithoutUsage,
    callErrors: fields.callErrors,
    cost: fields.totalCost,
  };
}

/** Fields of sums over ended tasks. */
export function taskFields(measures: TaskMeasures): TaskFields {
  const { success, failure, timeout, cancelled, unknown } = measures.tasksByResult;
  const completed = success + failure + timeout;
  const ended = completed + cancelled + unknown;
  return {
    tasksCompleted: completed,
    tasksByResult: measures.tasksByResult,
    successRate: ratio(success, completed),
    unknownShare: ratio(unknown, ended),
    averageDurationMs: ended === 0 ? null : Math.round(measures.taskMillis / ended),
  };
}

/** The name, or {@link UNKNOWN_NAME} where the ledger has none. */
export function nameOrUnknown(name: string): string {
  return name === "" ? UNKNOWN_NAME : name;
}

/** `part / whole`, or `null` when there is no whole. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Orders names by code unit: the same everywhere, whatever the locale. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** US dollars of the calls with a known cost; `null` as in {@link UsageFields.totalCost}. */
export function costOf(measures: CallMeasures): number | null {
  const hasNoKnownCost =
    measures.costNanoUsd === 0 &&
    (measures.calls > 0 || measures.tokens.undivided !== undefined) &&
    measures.unpricedCalls + measures.callsWithoutUsage >= measures.calls;
  return hasNoKnownCost ? null : dollars(measures.costNanoUsd);
}

function dollars(nanoUsd: number): number {
  return nanoUsd / 1e9;
}
