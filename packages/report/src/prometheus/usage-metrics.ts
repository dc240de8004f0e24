/** Which series of Prometheus tell usage, and the query for them: from the definitions that `/metrics` is made of. */
import { canonicalName, METRICS, type MetricKey } from "@moai-metrics/model";
import { familyName, labelName } from "../export/prometheus-names.ts";

/** What a sample measures: a counter, or the sum or number of a histogram's values. */
export interface UsageMetric {
  readonly key: MetricKey;
  readonly part: "total" | "sum" | "count";
}

const WANTED: readonly UsageMetric[] = [
  ...(["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens"] as const).map(
    (key): UsageMetric => ({ key, part: "total" }),
  ),
  { key: "cost", part: "total" },
  { key: "callInputTokens", part: "count" },
  { key: "inferenceDuration", part: "sum" },
  { key: "executeToolDuration", part: "count" },
  { key: "taskCount", part: "total" },
  { key: "taskDuration", part: "sum" },
];

/** What the name of a series measures. */
export const USAGE_METRIC_OF_NAME: ReadonlyMap<string, UsageMetric> = new Map(
  WANTED.map((wanted) => [nameOf(wanted), wanted]),
);

/** Labels by what they tell. */
export const USAGE_LABELS = {
  product: labelName(canonicalName("product")),
  project: labelName(canonicalName("project")),
  agent: labelName(canonicalName("agentName")),
  model: labelName(canonicalName("requestModel")),
  result: labelName(canonicalName("taskResult")),
  costOrigin: labelName(canonicalName("costOrigin")),
  errorType: labelName(canonicalName("errorType")),
} as const;

/**
 * The last value of every series of usage, asked at a moment. A machine may have been off for a week: its counters go on
 * where they were.
 */
export function usageQuery(): string {
  return `last_over_time({__name__=~"${[...USAGE_METRIC_OF_NAME.keys()].join("|")}"}[7d])`;
}

function nameOf({ key, part }: UsageMetric): string {
  const { key: convention, unit, instrument } = METRICS[key];
  const kind = instrument === "counter" ? "counter" : "histogram";
  return `${familyName({ name: canonicalName(convention), unit, kind }).family}_${part}`;
}
