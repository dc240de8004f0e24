/**
 * Bounds of buckets at which the rollups can count exactly. Their histograms are base-2 exponential over whole
 * milliseconds or tokens, so every power of two is the limit of one of their buckets. A bound of the catalogue is
 * replaced by the power of two that is nearest on a logarithmic scale; bounds of token counts are powers of two anyway.
 */
import type { SparseHistogram } from "../rollup/types.ts";

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

/** Adds the values of a histogram of scale 0 to the counts between the bounds; one more count than bounds. */
export function addToBuckets(counts: number[], histogram: SparseHistogram, exponents: readonly number[]): void {
  for (const [bucket, count] of histogram.buckets) {
    // Bucket `i` ends at 2^(i + 1).
    const found = exponents.findIndex((exponent) => bucket < exponent);
    const place = found === -1 ? exponents.length : found;
    counts[place] = (counts[place] ?? 0) + count;
  }
}
