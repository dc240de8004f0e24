/**
 * Metrics as Prometheus' text format 0.0.4 or OpenMetrics 1.0, such that every scraper accepts all of it: whatever
 * metrics, attributes and values come in, no family, series or label stands there twice.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
import { createSeriesLines, escapeHelp, labelsText, numberText } from "../export/prometheus-lines.ts";
import { familyName } from "../export/prometheus-names.ts";
import { type MergedSeries, mergeSeries } from "./merge-series.ts";
import type { ExposedMetric, Exposition, ExpositionFormat } from "./types.ts";

/** Suffixes of the samples of a family: names that no other family may have. */
const SUFFIXES: Readonly<Record<ExposedMetric["kind"], readonly string[]>> = {
  counter: ["", "_total", "_created"],
  histogram: ["", "_bucket", "_count", "_sum", "_created"],
  gauge: [""],
};

interface Family {
  readonly metric: ExposedMetric;
  readonly unit: string | undefined;
  readonly others: ExposedMetric[];
}

/** Families in the order in which their first metrics come. */
export function renderExposition(metrics: readonly ExposedMetric[], format: ExpositionFormat): Exposition {
  const dropped: Record<string, number> = {};
  const drop = (reason: string, count: number): void => {
    if (count > 0) dropped[reason] = (dropped[reason] ?? 0) + count;
  };
  const pieces: string[] = [];
  for (const [family, { metric, unit, others }] of groupFamilies(metrics, drop)) {
    const shown = format === "text" && metric.kind === "counter" ? `${family}_total` : family;
    pieces.push(`# TYPE ${shown} ${metric.kind}\n`);
    if (format === "openmetrics" && unit !== undefined) pieces.push(`# UNIT ${shown} ${unit}\n`);
    pieces.push(`# HELP ${shown} ${escapeHelp(metric.description)}\n`);
    const series = mergeSeries(
      metric,
      [metric, ...others].flatMap((each) => each.series),
      labelsText,
      drop,
    );
    for (const [labels, merged] of series) pieces.push(linesOf(metric, family, labels, merged, format));
  }
  if (format === "openmetrics") pieces.push("# EOF\n");
  return { text: pieces.join(""), dropped };
}

/** Metrics whose names become the same are one family, if they are of one kind; else the first one is shown. */
function groupFamilies(
  metrics: readonly ExposedMetric[],
  drop: (reason: string, count: number) => void,
): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  const taken = new Set<string>();
  for (const metric of metrics) {
    const { family, unit } = familyName(metric);
    const known = families.get(family);
    if (known !== undefined && isSameKind(known.metric, metric) && known.unit === unit) {
      known.others.push(metric);
      continue;
    }
    const names = SUFFIXES[metric.kind].map((suffix) => family + suffix);
    if (known !== undefined || names.some((name) => taken.has(name))) {
      drop("name of another metric", metric.series.length);
      continue;
    }
    for (const name of names) taken.add(name);
    families.set(family, { metric, unit, others: [] });
  }
  return families;
}

function isSameKind(a: ExposedMetric, b: ExposedMetric): boolean {
  return (
    a.kind === b.kind && a.bounds.length === b.bounds.length && a.bounds.every((bound, i) => bound === b.bounds[i])
  );
}

function linesOf(
  metric: ExposedMetric,
  family: string,
  labels: string,
  series: MergedSeries,
  format: ExpositionFormat,
): string {
  const lines = createSeriesLines(metric, labels)(series, "");
  if (format === "text" || metric.kind === "gauge" || series.startMillis === undefined) return lines;
  const braced = labels === "" ? "" : `{${labels}}`;
  return `${lines}${family}_created${braced} ${numberText(series.startMillis / 1_000)}\n`;
}
