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

/**
 * The same sums over rows of model calls under the alias `fact`; must agree with what the ledger writer adds to the
 * rollups.
 */
export const CALL_SUM_EXPRESSIONS = {
  calls: "sum(fact.error_type_id = 0 OR fact.input IS NOT NULL)",
  call_errors: "sum(fact.error_type_id <> 0)",
  calls_without_usage: "sum(fact.error_type_id = 0 AND fact.input IS NULL)",
  input: "coalesce(sum(fact.input), 0)",
  cache_read: "coalesce(sum(fact.cache_read), 0)",
  cache_write_5m: "coalesce(sum(fact.cache_write_5m), 0)",
  cache_write_1h: "coalesce(sum(fact.cache_write_1h), 0)",
  output: "coalesce(sum(fact.output), 0)",
  reasoning: "coalesce(sum(fact.reasoning), 0)",
  cost_nano_usd: "coalesce(sum(fact.cost_nano_usd), 0)",
  reported_cost_nano_usd: "coalesce(sum(CASE fact.cost_is_reported WHEN 1 THEN fact.cost_nano_usd END), 0)",
  unpriced_calls: "sum(fact.input IS NOT NULL AND fact.cost_nano_usd IS NULL)",
  call_ms: "coalesce(sum(fact.duration_ms), 0)",
} as const satisfies Record<Exclude<keyof CallSums, "undivided_tokens">, string>;

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
