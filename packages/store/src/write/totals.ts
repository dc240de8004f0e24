/** Totals of tasks and sessions: sums of their calls and of what only hooks reported, kept in their rows and moved with the rollups. */
import { CALL_SUMS, type Contribution, type RollupSum } from "../rollup/types.ts";
import type { SqlValue } from "./bulk-insert.ts";

/** What is summed up, in the order of the columns. Part of the file format. */
export const TOTALS = [
  ...CALL_SUMS,
  "call_ms",
  "tool_calls",
  "tool_errors",
  "tool_ms",
  "undivided_tokens",
] as const satisfies readonly RollupSum[];

/** Changed in place: there is one for every session and task that a transaction works with. */
export type Totals = number[];

export function noTotals(): Totals {
  return TOTALS.map(() => 0);
}

/** A row with a column for each total. */
export type TotalsRow = Readonly<Record<(typeof TOTALS)[number], number>>;

/** What the rows of an owner add to its totals, apart from tokens and times: at least 1 each. */
export interface RowMarks {
  readonly modelCalls: number;
  readonly toolCalls: number;
}

/** @param values of the owner's columns as the file holds them, its totals last; undefined when it is not in the file. */
export function marksOf(values: readonly SqlValue[] | undefined): RowMarks {
  if (values === undefined) return { modelCalls: 0, toolCalls: 0 };
  const at = (name: (typeof TOTALS)[number]): number =>
    Number(values[values.length - TOTALS.length + TOTALS.indexOf(name)]);
  return { modelCalls: at("calls") + at("call_errors"), toolCalls: at("tool_calls") };
}

/** What a model call adds to {@link RowMarks.modelCalls}: a failed one is an error, no call. */
export function markOfCall({ sums }: Contribution): number {
  return (sums.calls ?? 0) + (sums.call_errors ?? 0);
}

/** What a fact adds to the totals of its task and session. */
export type Shares = readonly (number | undefined)[];

export function sharesOf({ sums, values }: Contribution): Shares {
  // Spelled out: a loop over names takes several times as long, and this runs for every call.
  return [
    sums.calls,
    sums.call_errors,
    sums.calls_without_usage,
    sums.input,
    sums.cache_read,
    sums.cache_write_5m,
    sums.cache_write_1h,
    sums.output,
    sums.reasoning,
    sums.cost_nano_usd,
    sums.reported_cost_nano_usd,
    sums.unpriced_calls,
    values.call_ms,
    sums.tool_calls,
    sums.tool_errors,
    values.tool_ms,
  ];
}

/** What the report of a hook adds. */
export function reportedShares(tokens: number): Shares {
  return TOTALS.map((name) => (name === "undivided_tokens" ? tokens : 0));
}

/** Tokens that only hooks reported. */
export function undividedTokens(totals: Totals): number {
  return totals[TOTALS.length - 1] ?? 0;
}

/** Moves the totals when a fact adds, or no longer adds, its shares. */
export function changeTotals(totals: Totals, shares: Shares, sign: 1 | -1): void {
  for (let i = 0; i < shares.length; i++) totals[i] = (totals[i] ?? 0) + sign * (shares[i] ?? 0);
}

/** Tokens of all parts and without parts; undefined when no one has said how many. */
export function totalTokens(totals: Totals): number | undefined {
  const [calls = 0, , callsWithoutUsage = 0, input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output = 0] =
    totals;
  const undivided = undividedTokens(totals);
  if (calls <= callsWithoutUsage && undivided === 0) return undefined;
  return input + cacheRead + cacheWrite5m + cacheWrite1h + output + undivided;
}

/** Calls that told their usage. */
export function usageCalls([calls = 0, , callsWithoutUsage = 0]: Totals): number {
  return calls - callsWithoutUsage;
}

/** Own calls of a task, failed ones included. */
export function callsOf(totals: Totals): { readonly calls: number; readonly toolCalls: number } {
  const [calls = 0, callErrors = 0] = totals;
  return { calls: calls + callErrors, toolCalls: totals[TOOL_CALLS] ?? 0 };
}

const TOOL_CALLS = TOTALS.indexOf("tool_calls");
