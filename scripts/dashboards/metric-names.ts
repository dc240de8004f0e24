/** The catalogue's metrics by the names that they have in Prometheus, and their labels. */
import { canonicalName, METRICS, type MetricKey } from "../../packages/model/src/index.ts";
import { familyName, labelName } from "../../packages/report/src/export/prometheus-names.ts";

/** Labels of the catalogue's series. */
export const LABELS = {
  product: labelName(canonicalName("product")),
  project: labelName(canonicalName("project")),
  agent: labelName(canonicalName("agentName")),
  model: labelName(canonicalName("requestModel")),
  result: labelName(canonicalName("taskResult")),
  kind: labelName(canonicalName("taskKind")),
  tool: labelName(canonicalName("toolName")),
  error: labelName(canonicalName("errorType")),
  fileChange: labelName(canonicalName("fileChange")),
  lineChange: labelName(canonicalName("lineChange")),
  benchmark: labelName(canonicalName("benchmarkName")),
  origin: labelName(canonicalName("costOrigin")),
  budget: labelName(canonicalName("budgetName")),
  budgetMeasure: labelName(canonicalName("budgetMeasure")),
  // The stack's daemon promotes it (docker/config.json); series without a team are those of nobody.
  team: "team",
} as const;
export type Label = keyof typeof LABELS;

/** What of a histogram is meant. */
export type HistogramPart = "bucket" | "count" | "sum";

/** The name of a counter or gauge. */
export function nameOf(key: MetricKey): string {
  const kind = METRICS[key].instrument === "counter" ? "counter" : "gauge";
  return `${familyOf(key, kind)}${kind === "counter" ? "_total" : ""}`;
}

/** The name of a part of a histogram. */
export function histogramName(key: MetricKey, part: HistogramPart): string {
  return `${familyOf(key, "histogram")}_${part}`;
}

function familyOf(key: MetricKey, kind: "counter" | "gauge" | "histogram"): string {
  return familyName({ name: canonicalName(METRICS[key].key), unit: METRICS[key].unit, kind }).family;
}
