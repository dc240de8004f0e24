/** Totals of tasks and sessions: sums of their calls and of what only hooks reported, kept in their rows and moved with the rollups. */
import { addAt } from "../rollup/sums.ts";
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

/** Those that few facts change, as far as they change together. */
export const RARE_TOTALS = [
  ["call_errors", "calls_without_usage", "reasoning", "reported_cost_nano_usd", "unpriced_calls"],
  ["tool_calls", "tool_errors", "tool_ms"],
] as const satisfies readonly (readonly (typeof TOTALS)[number][])[];

/** Where each of them stands. */
const PLACES = Object.fromEntries(TOTALS.map((name, place) => [name, place])) as Record<
  (typeof TOTALS)[number],
  number
>;

/** Changed in place: there is one for every session and task that a transaction works with. */
export type Totals = number[];

export function noTotals(): Totals {
  return NO_TOTALS.slice();
}

/** Totals as a row has them. */
export function totalsOf(values: readonly SqlValue[]): Totals {
  const totals = noTotals();
  const first = values.length - TOTALS.length;
  for (let i = 0; i < TOTALS.length; i++) totals[i] = Number(values[first + i]);
  return totals;
}

/** Made of fractions, so that V8 keeps doubles in it and its copies: costs are longer than its small numbers. */
const NO_TOTALS: readonly number[] = TOTALS.map(() => 0.5).fill(0);

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

/** What a fact adds to the totals of its task and session: a call of a model or tool, or the report of a hook. */
export type Shares = Pick<Contribution, "sums" | "values">;

/** What the report of a hook adds. */
export function reportedShares(tokens: number): Shares {
  return { sums: { undivided_tokens: tokens }, values: {} };
}

/** Tokens that only hooks reported. */
export function undividedTokens(totals: Totals): number {
  return totals[PLACES.undivided_tokens] ?? 0;
}

/** Moves the totals when a fact adds, or no longer adds, its shares. */
export function changeTotals(totals: Totals, { sums, values }: Shares, sign: 1 | -1): void {
  // Spelled out: a loop over names takes several times as long, and this runs twice for every call.
  if (sums.calls !== undefined) {
    addAt(totals, PLACES.calls, sign, sums.calls);
    addAt(totals, PLACES.call_errors, sign, sums.call_errors);
    addAt(totals, PLACES.calls_without_usage, sign, sums.calls_without_usage);
    addAt(totals, PLACES.input, sign, sums.input);
    addAt(totals, PLACES.cache_read, sign, sums.cache_read);
    addAt(totals, PLACES.cache_write_5m, sign, sums.cache_write_5m);
    addAt(totals, PLACES.cache_write_1h, sign, sums.cache_write_1h);
    addAt(totals, PLACES.output, sign, sums.output);
    addAt(totals, PLACES.reasoning, sign, sums.reasoning);
    addAt(totals, PLACES.cost_nano_usd, sign, sums.cost_nano_usd);
    addAt(totals, PLACES.reported_cost_nano_usd, sign, sums.reported_cost_nano_usd);
    addAt(totals, PLACES.unpriced_calls, sign, sums.unpriced_calls);
    addAt(totals, PLACES.call_ms, sign, values.call_ms);
  } else {
    addAt(totals, PLACES.tool_calls, sign, sums.tool_calls);
    addAt(totals, PLACES.tool_errors, sign, sums.tool_errors);
    addAt(totals, PLACES.tool_ms, sign, values.tool_ms);
    addAt(totals, PLACES.undivided_tokens, sign, sums.undivided_tokens);
  }
}

/** Tokens of all parts and without parts; undefined when no one has said how many. */
export function totalTokens(totals: Totals): number | undefined {
  const undivided = undividedTokens(totals);
  if (usageCalls(totals) <= 0 && undivided === 0) return undefined;
  let tokens = undivided;
  for (let i = 0; i < TOKEN_PLACES.length; i++) tokens += totals[TOKEN_PLACES[i] as number] ?? 0;
  return tokens;
}

const TOKEN_PLACES = (["input", "cache_read", "cache_write_5m", "cache_write_1h", "output"] as const).map(
  (name) => PLACES[name],
);

/** Calls that told their usage. */
export function usageCalls(totals: Totals): number {
  return (totals[PLACES.calls] ?? 0) - (totals[PLACES.calls_without_usage] ?? 0);
}

/** Own calls of a task, failed ones included. */
export function callsOf(totals: Totals): { readonly calls: number; readonly toolCalls: number } {
  const calls = (totals[PLACES.calls] ?? 0) + (totals[PLACES.call_errors] ?? 0);
  return { calls, toolCalls: totals[PLACES.tool_calls] ?? 0 };
}
