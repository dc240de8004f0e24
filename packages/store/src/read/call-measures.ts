/** Sums of model calls, from rollups or straight from the ledger. */
import { addTokens } from "@moai-metrics/model";
import type { CallMeasures } from "./types.ts";

/** The sums as SQL gives them. */
export interface CallSums {
  readonly calls: number;
  readonly call_errors: number;
  readonly calls_without_usage: number;
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write_5m: number;
  readonly cache_write_1h: number;
  readonly output: number;
  readonly reasoning: number;
  readonly cost_nano_usd: number;
  readonly reported_cost_nano_usd: number;
  readonly unpriced_calls: number;
  readonly call_ms: number;
  /** Tokens of tasks that only a hook reported; only where tasks are asked for as well. */
  readonly undivided_tokens?: number | undefined;
}

/** What a model call under the alias `fact` counts for, 0 or 1. Most of them tell their usage, so that is looked at first. */
export const CALL_FLAGS = {
  calls: "CASE WHEN fact.input IS NULL THEN fact.error_type_id = 0 ELSE 1 END",
  call_errors: "fact.error_type_id <> 0",
  calls_without_usage: "CASE WHEN fact.input IS NULL THEN fact.error_type_id = 0 ELSE 0 END",
  unpriced_calls: "fact.input IS NOT NULL AND fact.cost_nano_usd IS NULL",
} as const;

/** What it adds to sums; NULL where no one knows. */
export const CALL_AMOUNTS = {
  input: "fact.input",
  cache_read: "fact.cache_read",
  cache_write_5m: "fact.cache_write_5m",
  cache_write_1h: "fact.cache_write_1h",
  output: "fact.output",
  reasoning: "fact.reasoning",
  cost_nano_usd: "fact.cost_nano_usd",
  reported_cost_nano_usd: "CASE fact.cost_is_reported WHEN 1 THEN fact.cost_nano_usd END",
  call_ms: "fact.duration_ms",
} as const;

/** The same as sums over rows; without rows 0. */
export function addUpRows<Name extends string>(rows: Readonly<Record<Name, string>>): Readonly<Record<Name, string>> {
  return Object.fromEntries(
    Object.entries<string>(rows).map(([name, row]) => [name, `coalesce(sum(${row}), 0)`]),
  ) as Record<Name, string>;
}

/** Sums over rows of model calls; must agree with what the ledger writer adds to the rollups. */
export const CALL_SUM_EXPRESSIONS: Readonly<Record<Exclude<keyof CallSums, "undivided_tokens">, string>> = addUpRows({
  ...CALL_FLAGS,
  ...CALL_AMOUNTS,
});

/** All of them as columns of a statement. */
export const CALL_SUMS_SQL: string = Object.entries(CALL_SUM_EXPRESSIONS)
  .map(([name, expression]) => `${expression} AS ${name}`)
  .join(",\n  ");

export function callMeasures(sums: CallSums): CallMeasures {
  return {
    calls: sums.calls,
    callErrors: sums.call_errors,
    callsWithoutUsage: sums.calls_without_usage,
    tokens: {
      input: sums.input,
      cacheRead: sums.cache_read,
      cacheWrite5m: sums.cache_write_5m,
      cacheWrite1h: sums.cache_write_1h,
      output: sums.output,
      reasoning: sums.reasoning,
      ...(sums.undivided_tokens ? { undivided: sums.undivided_tokens } : {}),
    },
    costNanoUsd: sums.cost_nano_usd,
    reportedCostNanoUsd: sums.reported_cost_nano_usd,
    unpricedCalls: sums.unpriced_calls,
    callMillis: sums.call_ms,
  };
}

const NO_CALLS: CallMeasures = Object.freeze({
  calls: 0,
  callErrors: 0,
  callsWithoutUsage: 0,
  tokens: Object.freeze({ input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 }),
  costNanoUsd: 0,
  reportedCostNanoUsd: 0,
  unpricedCalls: 0,
  callMillis: 0,
});

/** The sum of several measures. */
export function addCallMeasures(all: readonly CallMeasures[]): CallMeasures {
  return all.reduce(
    (a, b) => ({
      calls: a.calls + b.calls,
      callErrors: a.callErrors + b.callErrors,
      callsWithoutUsage: a.callsWithoutUsage + b.callsWithoutUsage,
      tokens: addTokens(a.tokens, b.tokens),
      costNanoUsd: a.costNanoUsd + b.costNanoUsd,
      reportedCostNanoUsd: a.reportedCostNanoUsd + b.reportedCostNanoUsd,
      unpricedCalls: a.unpricedCalls + b.unpricedCalls,
      callMillis: a.callMillis + b.callMillis,
    }),
    NO_CALLS,
  );
}
