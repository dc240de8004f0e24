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

describe("a histogram of scale 0", () => {
  it("counts what lies between powers of two, whichever way values come in", () => {
    const entries = fc.array(fc.array(fc.nat({ max: 2_000_000 }), { minLength: 1, maxLength: 30 }), { maxLength: 8 });
    fc.assert(
      fc.property(entries, fc.array(fc.nat({ max: 2_000_000 }), { maxLength: 20 }), (several, others) => {
        const coarse = new DenseHistogram(0);
        for (const values of several) addEntryOf(coarse, values);
        for (const each of others) coarse.add(bucketOf(each), 1);
        const sum = new DenseHistogram(0);
        sum.addAll(coarse);
        const all = [...several.flat(), ...others];
        for (const histogram of [coarse, sum]) {
          expect(histogram.count).toBe(all.length);
          for (let power = 0; power <= 21; power++) {
            const upTo = [...histogram.buckets].filter(([bucket]) => bucket < power).map(([, count]) => count);
            expect(upTo.reduce((a, b) => a + b, 0)).toBe(all.filter((each) => each <= 2 ** power).length);
          }
        }
      }),
    );
  });
});

/** As the columns of a block tell it. */
function addEntryOf(histogram: DenseHistogram, values: readonly number[]): void {
  const buckets = [...histogramOf(values).buckets];
  const distances = buckets.slice(1).map(([bucket], i) => bucket - (buckets[i]?.[0] ?? 0));
  const counts = buckets.map(([, count]) => count - 1);
  histogram.addEntry(buckets[0]?.[0] ?? 0, distances, 0, counts, 0, buckets.length);
}

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
