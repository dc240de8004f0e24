import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BucketCounts } from "../../src/rollup/bucket-counts.ts";

const changes = fc.array(
  fc.record({
    bucket: fc.integer({ min: -2, max: 30 }),
    count: fc.integer({ min: -3, max: 3 }).filter((n) => n !== 0),
  }),
  { maxLength: 60 },
);

function madeOf(all: readonly { bucket: number; count: number }[]): BucketCounts {
  const counts = new BucketCounts();
  for (const { bucket, count } of all) counts.add(bucket, count);
  return counts;
}

/** The same by the plainest means: what is left of each bucket, in order. */
function leftOf(all: readonly { bucket: number; count: number }[]): [bucket: number, count: number][] {
  const left = new Map<number, number>();
  for (const { bucket, count } of all) left.set(bucket, (left.get(bucket) ?? 0) + count);
  return [...left].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
}

const told = ({ buckets, counts }: BucketCounts): [number, number][] =>
  buckets.map((bucket, place) => [bucket, counts[place] ?? 0]);

describe("the buckets of a histogram", () => {
  it("hold what was added less what was taken back, in order, in whatever order it came", () => {
    fc.assert(
      fc.property(changes, (all) => {
        const counts = madeOf(all);
        expect(told(counts)).toEqual(leftOf(all));
        expect(counts.size).toBe(leftOf(all).length);
      }),
    );
  });

  it("add all buckets of others", () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 6 }), (parts) => {
        const sum = new BucketCounts();
        for (const part of parts) sum.addAll(madeOf(part));
        expect(told(sum)).toEqual(leftOf(parts.flat()));
      }),
    );
  });
});
