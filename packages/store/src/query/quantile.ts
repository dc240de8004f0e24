/** Percentiles by nearest rank, of exact values, of histograms, and of both together. */
import { bucketOf, DenseHistogram, percentileOf, RELATIVE_ERROR } from "../rollup/histogram.ts";

/** Values of one group. */
export interface ValueSet {
  /** Values that are known one by one, in no order. */
  readonly exact: readonly number[];
  /** Values that are known by bucket. */
  readonly histogram: DenseHistogram | undefined;
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
export function quantileOf({ exact, histogram, extremes }: ValueSet, percentile: number): Quantile {
  if (histogram === undefined || histogram.count === 0) {
    return { value: exactQuantile(exact, percentile), relativeError: 0 };
  }
  if (percentile === 0) return { value: extremes?.min, relativeError: 0 };
  if (percentile === 1) return { value: extremes?.max, relativeError: 0 };
  return { value: percentileOf(joined(histogram, exact), percentile * 100, extremes), relativeError: RELATIVE_ERROR };
}

function joined(histogram: DenseHistogram, exact: readonly number[]): DenseHistogram {
  if (exact.length === 0) return histogram;
  const all = new DenseHistogram();
  all.addAll(histogram);
  for (const value of exact) all.add(bucketOf(value), 1);
  return all;
}

/** How far off the percentiles of a set may be. */
export function relativeErrorOf({ histogram }: ValueSet): number {
  return histogram === undefined || histogram.count === 0 ? 0 : RELATIVE_ERROR;
}

function exactQuantile(values: readonly number[], percentile: number): number | undefined {
  const { length } = values;
  // A share such as 0.07 is no exact double: what is a whole place must not become the next one.
  const place = Math.min(length, Math.max(1, Math.ceil(percentile * length - length * 1e-12)));
  return Float64Array.from(values).sort()[place - 1];
}

/** @throws RangeError for anything but a number from 0 to 1. */
export function requirePercentile(percentile: number | undefined): number {
  if (percentile !== undefined && percentile >= 0 && percentile <= 1) return percentile;
  throw new RangeError(`The percentile ${percentile} is none. Give a number from 0 to 1, such as 0.95.`);
}
