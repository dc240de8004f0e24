/** Percentiles by nearest rank, of exact values, of histograms, and of both together. */
import { bucketOf, percentileOf, RELATIVE_ERROR } from "../rollup/histogram.ts";
import type { SparseHistogram } from "../rollup/types.ts";

/** Values of one group. */
export interface ValueSet {
  /** Values that are known one by one, in no order. */
  readonly exact: readonly number[];
  /** Values that are known by bucket. */
  readonly buckets: ReadonlyMap<number, number>;
  readonly extremes: { readonly min: number; readonly max: number } | undefined;
}

/** A percentile, and how far off it may be. */
export interface Quantile {
  readonly value: number | undefined;
  readonly relativeError: number;
}

/**
 * The value at place `⌈percentile × count⌉`, counted from 1. The least and the greatest value are always exact.
 * @param percentile from 0 to 1.
 */
export function quantileOf({ exact, buckets, extremes }: ValueSet, percentile: number): Quantile {
  if (buckets.size === 0) return { value: exactQuantile(exact, percentile), relativeError: 0 };
  if (percentile === 0) return { value: extremes?.min, relativeError: 0 };
  if (percentile === 1) return { value: extremes?.max, relativeError: 0 };
  const all = new Map(buckets);
  for (const value of exact) {
    const bucket = bucketOf(value);
    all.set(bucket, (all.get(bucket) ?? 0) + 1);
  }
  const histogram: SparseHistogram = {
    count: sum(all.values()),
    buckets: new Map([...all].sort(([a], [b]) => a - b)),
  };
  return { value: percentileOf(histogram, percentile * 100, extremes), relativeError: RELATIVE_ERROR };
}

/** How far off the percentiles of a set may be. */
export function relativeErrorOf({ buckets }: ValueSet): number {
  return buckets.size === 0 ? 0 : RELATIVE_ERROR;
}

function exactQuantile(values: readonly number[], percentile: number): number | undefined {
  const { length } = values;
  // A share such as 0.07 is no exact double: what is a whole place must not become the next one.
  const place = Math.min(length, Math.max(1, Math.ceil(percentile * length - length * 1e-12)));
  return Float64Array.from(values).sort()[place - 1];
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** Adds the buckets of one histogram to those of another. */
export function addHistogram(to: Map<number, number>, histogram: SparseHistogram): void {
  for (const [bucket, count] of histogram.buckets) to.set(bucket, (to.get(bucket) ?? 0) + count);
}

/** @throws RangeError for anything but a number from 0 to 1. */
export function requirePercentile(percentile: number | undefined): number {
  if (percentile !== undefined && percentile >= 0 && percentile <= 1) return percentile;
  throw new RangeError(`The percentile ${percentile} is none. Give a number from 0 to 1, such as 0.95.`);
}
