/**
 * Histograms of whole numbers from 0 up, in OpenTelemetry's base-2 exponential buckets at scale 5.
 *
 * Bucket `i` holds the numbers above 2^(i/32) and up to 2^((i+1)/32); so 1 lies in bucket -1. Zero has a bucket of its
 * own, {@link ZERO_BUCKET}. Up to 45 every bucket holds a single whole number. Whatever is read from a histogram is
 * therefore exact up to 45, and above that within {@link RELATIVE_ERROR} of the true number.
 *
 * https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
import type { SparseHistogram } from "./types.ts";

const BUCKETS_PER_DOUBLING = 32;

/** Holds the zeros. */
export const ZERO_BUCKET = -2;

/** Ratio of the limits of a bucket. */
const BASE = 2 ** (1 / BUCKETS_PER_DOUBLING);

/** The farthest that {@link bucketValue} lies from a number of its bucket, relative to that number: 1.0831 %. */
export const RELATIVE_ERROR: number = (BASE - 1) / (BASE + 1);

/** The bucket of a whole number from 0 up. */
export function bucketOf(value: number): number {
  return value === 0 ? ZERO_BUCKET : Math.ceil(Math.log2(value) * BUCKETS_PER_DOUBLING) - 1;
}

/** The number that a bucket stands for: the one whose relative error is least at both limits. */
export function bucketValue(bucket: number): number {
  if (bucket === ZERO_BUCKET) return 0;
  const lower = 2 ** (bucket / BUCKETS_PER_DOUBLING);
  const least = Math.floor(lower) + 1;
  if (least + 1 > lower * BASE) return least;
  return (2 * lower * BASE) / (BASE + 1);
}

/**
 * The value below or at which `percentile` percent of the values lie, by nearest rank: the value at place
 * ⌈percentile / 100 × count⌉, counted from 1. Within {@link RELATIVE_ERROR} of it; never beyond `extremes`, when given.
 * @param percentile from 0 (the least value) to 100 (the greatest).
 * @returns undefined when there is no value.
 */
export function percentileOf(
  { count, buckets }: SparseHistogram,
  percentile: number,
  extremes?: { readonly min: number; readonly max: number },
): number | undefined {
  if (count <= 0) return undefined;
  // A percentage such as 99.9 is no exact double: what is a whole place must not become the next one.
  const place = Math.min(count, Math.max(1, Math.ceil((percentile / 100) * count - count * 1e-12)));
  if (extremes !== undefined && place === 1) return extremes.min;
  if (extremes !== undefined && place === count) return extremes.max;
  let passed = 0;
  for (const [bucket, values] of buckets) {
    passed += values;
    if (passed < place) continue;
    const value = bucketValue(bucket);
    return extremes === undefined ? value : Math.min(extremes.max, Math.max(extremes.min, value));
  }
  return undefined;
}
