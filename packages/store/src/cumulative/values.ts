/** Arithmetic of cumulative values. */
import type { CumulativeSource } from "./sources.ts";
import type { CumulativeValue } from "./types.ts";

/** A sum of two values of one series. */
export function addValues(a: CumulativeValue, b: CumulativeValue): CumulativeValue {
  return {
    sum: a.sum + b.sum,
    count: a.count + b.count,
    bucketCounts: a.bucketCounts.map((count, i) => count + (b.bucketCounts[i] ?? 0)),
  };
}

/** A value in the rollups' units, in the metric's. */
export function inUnits({ sum, count, bucketCounts }: CumulativeValue, { divisor }: CumulativeSource): CumulativeValue {
  return { sum: sum / divisor, count, bucketCounts };
}
