/**
 * Which metrics the live counters show, and from what. What the rollups know is defined where the rollups are read; here
 * it has more labels, and there are metrics that only live counters have.
 *
 * Not among them, because the ledger does not know it: provider, operation, server and modality of calls, types of tools.
 */
import { type ConventionKey, canonicalName, FILE_CHANGES, METRICS, type MetricKey } from "@moai-metrics/model";
import { exactBounds } from "../cumulative/exact-bounds.ts";
import { ATTRIBUTE_OF_DIMENSION, CUMULATIVE_SOURCES, describe } from "../cumulative/sources.ts";
import type { CumulativeAttributes, CumulativeMetric } from "../cumulative/types.ts";
import type { LiveDistribution, LiveSum } from "./types.ts";

/** What tells series of a metric apart. */
export type LiveLabel = "product" | "project" | "agent" | "model" | "tool" | "errorType" | "taskKind" | "taskResult";

/** A metric and where it comes from; see `CumulativeSource`. */
export interface LiveSource {
  readonly metric: CumulativeMetric;
  readonly labels: readonly LiveLabel[];
  readonly divisor: number;
  readonly from:
    | {
        readonly parts: readonly {
          readonly attributes: CumulativeAttributes;
          readonly terms: Readonly<Partial<Record<LiveSum, 1 | -1>>>;
        }[];
      }
    | { readonly distribution: LiveDistribution; readonly exponents: readonly number[] };
}

const MORE_LABELS: Readonly<Partial<Record<MetricKey, readonly LiveLabel[]>>> = {
  inferenceDuration: ["errorType"],
  executeToolDuration: ["tool", "errorType"],
  taskCount: ["taskKind"],
  taskDuration: ["taskKind", "taskResult"],
  taskTokens: ["taskKind"],
  errors: ["errorType"],
};

const OF_CALLS = ["product", "project", "agent", "model"] as const satisfies readonly LiveLabel[];
const OF_WORK = ["product", "project", "agent"] as const satisfies readonly LiveLabel[];
const OF_SESSIONS = ["product", "project"] as const satisfies readonly LiveLabel[];
const MILLIS_A_SECOND = 1_000;

const ONLY_LIVE: readonly LiveSource[] = [
  histogram("callInputTokens", "call_input", [...OF_CALLS, "errorType"], 1),
  histogram("callOutputTokens", "call_output", [...OF_CALLS, "errorType"], 1),
  histogram("sessionDuration", "session_ms", OF_SESSIONS, MILLIS_A_SECOND),
  histogram("invokeAgentDuration", "run_ms", [...OF_WORK, "errorType"], MILLIS_A_SECOND),
  histogram("invokeAgentInferenceCalls", "run_calls", OF_WORK, 1),
  histogram("invokeAgentToolCalls", "run_tools", OF_WORK, 1),
  counter(
    "taskFiles",
    "fileChange",
    FILE_CHANGES.map((change) => [change, `files_${change}`]),
  ),
  counter("taskLines", "lineChange", [
    ["added", "lines_added"],
    ["removed", "lines_removed"],
  ]),
];

/** In the order of the catalogue. */
export const LIVE_SOURCES: readonly LiveSource[] = [
  ...CUMULATIVE_SOURCES.map(({ metric, groupBy, divisor, from }) => ({
    metric,
    labels: [...groupBy, ...(MORE_LABELS[metric.key] ?? [])],
    divisor,
    from,
  })),
  ...ONLY_LIVE,
].sort((a, b) => placeOf(a) - placeOf(b));

/** Names of the attributes that labels become. */
export const ATTRIBUTE_OF_LABEL: Readonly<Record<LiveLabel, string>> = {
  ...ATTRIBUTE_OF_DIMENSION,
  tool: canonicalName("toolName"),
  errorType: canonicalName("errorType"),
  taskKind: canonicalName("taskKind"),
  taskResult: canonicalName("taskResult"),
};

function placeOf({ metric }: LiveSource): number {
  return Object.keys(METRICS).indexOf(metric.key);
}

/** What tasks changed: one part for each kind of change. */
function counter(
  key: MetricKey,
  attribute: ConventionKey,
  changes: readonly (readonly [change: string, sum: LiveSum])[],
): LiveSource {
  return {
    metric: { ...describe(key), kind: "counter", bounds: [] },
    labels: OF_WORK,
    divisor: 1,
    from: {
      parts: changes.map(([change, sum]) => ({
        attributes: { [canonicalName(attribute)]: change },
        terms: { [sum]: 1 },
      })),
    },
  };
}

function histogram(
  key: MetricKey,
  distribution: LiveDistribution,
  labels: readonly LiveLabel[],
  divisor: number,
): LiveSource {
  const { bounds, exponents } = exactBounds(METRICS[key].buckets ?? [], divisor);
  return {
    metric: { ...describe(key), kind: "histogram", bounds },
    labels,
    divisor,
    from: { distribution, exponents },
  };
}
