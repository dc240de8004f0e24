/**
 * Bounds of buckets at which the rollups can count exactly. Their histograms are base-2 exponential over whole
 * milliseconds or tokens, so every power of two is the limit of one of their buckets. A bound of the catalogue is
 * replaced by the power of two that is nearest on a logarithmic scale; bounds of token counts are powers of two anyway.
 */
import { ZERO_BUCKET } from "../rollup/histogram.ts";
import type { SparseHistogram } from "../rollup/types.ts";

const BUCKETS_PER_DOUBLING = 32;

/** Bounds, as powers of two of the rollups' own unit. */
export interface ExactBounds {
  /** In the metric's unit. */
  readonly bounds: readonly number[];
  readonly exponents: readonly number[];
}

/** @param divisor how many of the rollups' units make one of the metric's: 1000 milliseconds a second. */
export function exactBounds(wanted: readonly number[], divisor: number): ExactBounds {
  const exponents = [...new Set(wanted.map((bound) => Math.round(Math.log2(bound * divisor))))];
  return { bounds: exponents.map((exponent) => 2 ** exponent / divisor), exponents };
}

/** Adds the values of a histogram to the counts of the buckets between the bounds; one more count than bounds. */
export function addToBuckets(counts: number[], histogram: SparseHistogram, exponents: readonly number[]): void {
  for (const [bucket, count] of histogram.buckets) {
    const place = bucket === ZERO_BUCKET ? 0 : placeOf(bucket, exponents);
    counts[place] = (counts[place] ?? 0) + count;
  }
}

/** Bucket `i` ends at 2^((i + 1) / 32). */
function placeOf(bucket: number, exponents: readonly number[]): number {
  const place = exponents.findIndex((exponent) => bucket < exponent * BUCKETS_PER_DOUBLING);
  return place === -1 ? exponents.length : place;
}
