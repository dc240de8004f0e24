/** Lines that Prometheus' text format and OpenMetrics have in common. */
import type { CumulativeAttributes, CumulativeMetric, CumulativeValue } from "@moai-metrics/store";
import { toPlainText } from "../render/plain-text.ts";
import { familyName, labelName } from "./prometheus-names.ts";

/** Names as values of labels: one line of visible text. */
export function toLabelValue(name: string): string {
  return toPlainText(name);
}

/** Text inside of a quoted label value. */
function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Labels without braces, in the order of their names. */
function labelsText(attributes: CumulativeAttributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${labelName(name)}="${escapeValue(value)}"`)
    .sort()
    .join(",");
}

/** What is the same for all samples of a series: each makes a line with a value, and a time where there is one. */
export type SeriesLines = (value: CumulativeValue, time: string) => string;

/** The lines of a series, its labels written once. */
export function createSeriesLines(metric: CumulativeMetric, attributes: CumulativeAttributes): SeriesLines {
  const { family } = familyName(metric);
  const labels = labelsText(attributes);
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
  return Number.isInteger(bound) ? bound.toFixed(1) : numberText(bound);
}

/** Shortest text that is read back as the same number; both formats know exponents. */
function numberText(value: number): string {
  return String(value);
}
