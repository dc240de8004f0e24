/** Lines that Prometheus' text format and OpenMetrics have in common. */
import type { CumulativeAttributes, CumulativeMetric, CumulativeValue } from "@moai-metrics/store";
import { toPlainText } from "../render/plain-text.ts";
import { familyName, labelName } from "./prometheus-names.ts";

/** Labels that mean something in the samples of histograms and summaries. */
const RESERVED_LABELS: ReadonlySet<string> = new Set(["le", "quantile"]);

/** Names as values of labels: one line of visible text. */
export function toLabelValue(name: string): string {
  return toPlainText(name);
}

/** Text inside of a quoted label value. */
function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** What HELP says of a family, as one line. */
export function escapeHelp(text: string): string {
  return toPlainText(text).replaceAll("\\", "\\\\");
}

/**
 * Labels without braces, in the order of their names. Values of attributes whose names become the same label are joined
 * by `;` in the order of the attributes' names, as the specification says; what has no value has no label.
 */
export function labelsText(attributes: CumulativeAttributes): string {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = toLabelValue(value);
    if (text === "") continue;
    const plain = labelName(name);
    const label = RESERVED_LABELS.has(plain) ? `${plain}_` : plain;
    const before = values.get(label);
    values.set(label, before === undefined ? text : `${before};${text}`);
  }
  return [...values]
    .map(([label, value]) => `${label}="${escapeValue(value)}"`)
    .sort()
    .join(",");
}

/** What is the same for all samples of a series: each makes a line with a value, and a time where there is one. */
export type SeriesLines = (value: CumulativeValue, time: string) => string;

/** The lines of a series, its labels written once. */
export function createSeriesLines(
  metric: Pick<CumulativeMetric, "name" | "unit" | "kind" | "bounds">,
  labels: string,
): SeriesLines {
  const { family } = familyName(metric);
  const braced = labels === "" ? "" : `{${labels}}`;
  if (metric.kind !== "histogram") {
    const name = `${family}${metric.kind === "counter" ? "_total" : ""}${braced}`;
    return ({ sum }, time) => `${name} ${numberText(sum)}${time}\n`;
  }
  const bucketNames = [...metric.bounds.map(boundText), "+Inf"].map(
    (bound) => `${family}_bucket{${labels}${labels === "" ? "" : ","}le="${bound}"}`,
  );
  return ({ sum, count, bucketCounts }, time) => {
    let passed = 0;
    const buckets = bucketNames.map((name, i) => {
      passed += bucketCounts[i] ?? 0;
      return `${name} ${passed}${time}\n`;
    });
    return `${buckets.join("")}${family}_count${braced} ${count}${time}\n${family}_sum${braced} ${numberText(sum)}${time}\n`;
  };
}

/** A bound as OpenMetrics writes it: `1.0`, so that both formats name the same series. */
function boundText(bound: number): string {
  return Number.isInteger(bound) && Math.abs(bound) < 1e21 ? bound.toFixed(1) : numberText(bound);
}

/** Shortest text that is read back as the same number; both formats know exponents. */
export function numberText(value: number): string {
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);
}
