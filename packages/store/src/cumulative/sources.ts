/**
 * Which metrics of the catalogue the rollups know, and from which of their sums they are made. What the rollups do not
 * keep for ever (kinds of tasks, names of tools, tokens of single calls, durations of sessions, changed files and lines)
 * has no series here: a counter that lost old facts would go down.
 */
import { canonicalName, METRICS, type MetricKey, TASK_RESULTS } from "@moai-metrics/model";
import type { Dimension } from "../read/types.ts";
import type { Distribution, RollupSum } from "../rollup/types.ts";
import { exactBounds } from "./exact-bounds.ts";
import type { CumulativeAttributes, CumulativeMetric } from "./types.ts";

/** Sums that are added up, or taken off where the factor is -1. */
type Terms = Readonly<Partial<Record<RollupSum, 1 | -1>>>;

/** A counter: one series per group and part. */
interface CounterSource {
  readonly parts: readonly { readonly attributes: CumulativeAttributes; readonly terms: Terms }[];
}

/** A histogram: one series per group. */
interface HistogramSource {
  readonly distribution: Distribution;
  readonly exponents: readonly number[];
}

/** A metric and where it comes from. */
export interface CumulativeSource {
  readonly metric: CumulativeMetric;
  readonly groupBy: readonly Dimension[];
  /** How many of the rollups' units make one of the metric's. */
  readonly divisor: number;
  readonly from: CounterSource | HistogramSource;
}

const OF_CALLS = ["product", "project", "agent", "model"] as const satisfies readonly Dimension[];
const OF_WORK = ["product", "project", "agent"] as const satisfies readonly Dimension[];
const MILLIS_A_SECOND = 1_000;
const NANO_USD_A_DOLLAR = 1e9;

const PROMPT: Terms = { input: 1, cache_read: 1, cache_write_5m: 1, cache_write_1h: 1 };

/** In the order of the catalogue. */
export const CUMULATIVE_SOURCES: readonly CumulativeSource[] = [
  histogram("inferenceDuration", "call_ms", OF_CALLS, MILLIS_A_SECOND),
  histogram("timeToFirstChunk", "first_chunk_ms", OF_CALLS, MILLIS_A_SECOND),
  counter("inputTokens", OF_CALLS, [{ terms: PROMPT }]),
  counter("outputTokens", OF_CALLS, [{ terms: { output: 1 } }]),
  counter("cacheReadTokens", OF_CALLS, [{ terms: { cache_read: 1 } }]),
  counter("cacheWriteTokens", OF_CALLS, [{ terms: { cache_write_5m: 1, cache_write_1h: 1 } }]),
  counter("reasoningTokens", OF_CALLS, [{ terms: { reasoning: 1 } }]),
  histogram("executeToolDuration", "tool_ms", OF_WORK, MILLIS_A_SECOND),
  counter(
    "taskCount",
    OF_WORK,
    TASK_RESULTS.map((result) => ({
      attributes: { [canonicalName("taskResult")]: result },
      terms: { [`tasks_${result}`]: 1 } as Terms,
    })),
  ),
  histogram("taskDuration", "task_ms", OF_WORK, MILLIS_A_SECOND),
  histogram("taskTokens", "task_tokens", OF_WORK, 1),
  counter("errors", OF_WORK, [{ terms: { call_errors: 1, tool_errors: 1, tasks_failure: 1, tasks_timeout: 1 } }]),
  counter(
    "cost",
    OF_CALLS,
    [
      { attributes: originOf("reported"), terms: { reported_cost_nano_usd: 1 } },
      { attributes: originOf("computed"), terms: { cost_nano_usd: 1, reported_cost_nano_usd: -1 } },
    ],
    NANO_USD_A_DOLLAR,
  ),
];

/** Names of the attributes that groups become. */
export const ATTRIBUTE_OF_DIMENSION: Readonly<Record<Dimension, string>> = {
  product: canonicalName("product"),
  project: canonicalName("project"),
  agent: canonicalName("agentName"),
  model: canonicalName("requestModel"),
};

function originOf(origin: "reported" | "computed"): CumulativeAttributes {
  return { [canonicalName("costOrigin")]: origin };
}

function counter(
  key: MetricKey,
  groupBy: readonly Dimension[],
  parts: readonly { readonly attributes?: CumulativeAttributes; readonly terms: Terms }[],
  divisor = 1,
): CumulativeSource {
  const from = { parts: parts.map(({ attributes = {}, terms }) => ({ attributes, terms })) };
  return { metric: { ...describe(key), kind: "counter", bounds: [] }, groupBy, divisor, from };
}

function histogram(
  key: MetricKey,
  distribution: Distribution,
  groupBy: readonly Dimension[],
  divisor: number,
): CumulativeSource {
  const { bounds, exponents } = exactBounds(METRICS[key].buckets ?? [], divisor);
  return {
    metric: { ...describe(key), kind: "histogram", bounds },
    groupBy,
    divisor,
    from: { distribution, exponents },
  };
}

/** A metric as the catalogue tells it. */
export function describe(key: MetricKey): Omit<CumulativeMetric, "kind" | "bounds"> {
  const { unit, description } = METRICS[key];
  return { key, name: canonicalName(METRICS[key].key), unit, description };
}
