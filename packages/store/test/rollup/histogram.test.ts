/** Percentiles from histograms, against the values themselves. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bucketOf,
  bucketValue,
  DenseHistogram,
  percentileOf,
  RELATIVE_ERROR,
  ZERO_BUCKET,
} from "../../src/rollup/histogram.ts";

const value = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 1_000_000 }), fc.maxSafeNat());

function histogramOf(values: readonly number[]): DenseHistogram {
  const histogram = new DenseHistogram();
  for (const each of values) histogram.add(bucketOf(each), 1);
  return histogram;
}

describe("a bucket", () => {
  it("stands for each of its numbers within the stated error", () => {
    expect(RELATIVE_ERROR).toBeCloseTo(0.01083, 6);
    fc.assert(
      fc.property(value, (each) => {
        expect(Math.abs(bucketValue(bucketOf(each)) - each)).toBeLessThanOrEqual(each * RELATIVE_ERROR * (1 + 1e-9));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is exact for 0 to 45, and ends at powers of two as OpenTelemetry says", () => {
    for (let each = 0; each <= 45; each++) expect(bucketValue(bucketOf(each))).toBe(each);
    expect(bucketOf(0)).toBe(ZERO_BUCKET);
    expect(bucketOf(1)).toBe(-1);
    for (let power = 1; power <= 52; power++) expect(bucketOf(2 ** power)).toBe(32 * power - 1);
  });
});

describe("a percentile", () => {
  it("is that of the values by nearest rank, within the stated error", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0, 0.1, 5, 7, 25, 50, 90, 95, 99, 99.9, 100),
        fc.boolean(),
        (values, percentile, knowsExtremes) => {
          const ascending = values.toSorted((a, b) => a - b);
          const place = Math.max(1, Math.ceil((Math.round(percentile * 10) * values.length) / 1_000));
          const truth = ascending[place - 1] ?? 0;
          const extremes = { min: ascending[0] ?? 0, max: ascending.at(-1) ?? 0 };
          const dense = histogramOf(values);
          const sparse = { count: dense.count, buckets: dense.buckets };
          const found = percentileOf(dense, percentile, knowsExtremes ? extremes : undefined);
          expect(percentileOf(sparse, percentile, knowsExtremes ? extremes : undefined)).toBe(found);
          expect(Math.abs((found ?? Number.NaN) - truth)).toBeLessThanOrEqual(truth * RELATIVE_ERROR * (1 + 1e-9));
          if (knowsExtremes && (place === 1 || place === values.length)) expect(found).toBe(truth);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("of nothing is not known", () => {
    expect(percentileOf(new DenseHistogram(), 50)).toBeUndefined();
    expect(percentileOf({ count: 2, buckets: new Map() }, 50)).toBeUndefined();
  });
});
