/** Series as a scraper can take them: each set of labels once, and only numbers that a counter may have. */
import type { CumulativeAttributes, CumulativeValue } from "@moai-metrics/store";
import type { ExposedMetric, ExposedSeries } from "./types.ts";

/** A series under its labels. */
export interface MergedSeries extends CumulativeValue {
  readonly startMillis: number | undefined;
}

/**
 * Adds up series whose labels are the same, since the earliest of their starts.
 * @param labelsOf what stands in braces; the same text, the same series.
 * @param drop told of series that no scraper would accept.
 */
export function mergeSeries(
  metric: ExposedMetric,
  series: readonly ExposedSeries[],
  labelsOf: (attributes: CumulativeAttributes) => string,
  drop: (reason: string, count: number) => void,
): ReadonlyMap<string, MergedSeries> {
  const merged = new Map<string, MergedSeries>();
  for (const each of series) {
    const reason = faultOf(metric, each);
    if (reason !== undefined) {
      drop(reason, 1);
      continue;
    }
    const labels = labelsOf(each.attributes);
    const before = merged.get(labels);
    merged.set(labels, before === undefined ? { ...each, startMillis: each.startMillis } : add(before, each));
  }
  return merged;
}

function add(a: MergedSeries, b: ExposedSeries): MergedSeries {
  const starts = [a.startMillis, b.startMillis].filter((start) => start !== undefined);
  return {
    sum: a.sum + b.sum,
    count: a.count + b.count,
    bucketCounts: a.bucketCounts.map((count, i) => count + (b.bucketCounts[i] ?? 0)),
    startMillis: starts.length === 0 ? undefined : Math.min(...starts),
  };
}

/** Why a series would spoil the scrape. */
function faultOf({ kind, bounds }: ExposedMetric, { sum, count, bucketCounts }: ExposedSeries): string | undefined {
  if (kind === "gauge") return undefined;
  if (Number.isNaN(sum)) return "not a number";
  if (kind === "counter") return sum < 0 ? "counter below zero" : undefined;
  const isAscending = bounds.every((bound, i) => bound > (bounds[i - 1] ?? -Number.MIN_VALUE) && bound < Infinity);
  const counted = bucketCounts.reduce((total, each) => total + each, 0);
  const isWhole = bucketCounts.every((each) => Number.isSafeInteger(each) && each >= 0);
  const fits = isAscending && isWhole && bucketCounts.length === bounds.length + 1 && counted === count;
  return fits ? undefined : "buckets that do not fit";
}
