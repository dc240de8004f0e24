/** What is kept of a series' steps, against the additions themselves. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createGrowth } from "../../src/cumulative/growth.ts";
import type { CumulativeValue } from "../../src/cumulative/types.ts";

const BOUNDS = 3;
const STEPS = 5;

const whole = fc.oneof(
  fc.nat({ max: 300 }),
  fc.maxSafeNat().map((each) => Math.floor(each / 2 ** 8)),
);
const value: fc.Arbitrary<CumulativeValue> = fc.record({
  sum: fc.oneof(whole, fc.integer()),
  count: fc.integer({ min: 1, max: 1_000 }),
  bucketCounts: fc.array(whole, { minLength: BOUNDS + 1, maxLength: BOUNDS + 1 }),
});
const stretch = fc.array(fc.tuple(fc.nat({ max: STEPS - 1 }), value), { maxLength: 8 });

it("tells what had been reached behind each step in which a series grew, as often as it is asked", () => {
  fc.assert(
    fc.property(fc.nat({ max: 50 }), fc.array(stretch, { maxLength: 6 }), (first, stretches) => {
      const growth = createGrowth(BOUNDS, first, STEPS);
      const byStep = new Map<number, CumulativeValue[]>();
      for (const [i, additions] of stretches.entries()) {
        const from = first + i * STEPS;
        for (const [step, added] of additions) {
          growth.add(from + step, added);
          byStep.set(from + step, [...(byStep.get(from + step) ?? []), added]);
        }
        growth.close(from + STEPS);
      }
      let reached = growth.nothing;
      const expected = [...byStep]
        .sort(([a], [b]) => a - b)
        .map(([step, all]) => {
          for (const each of all) reached = joined(reached, each);
          return { step, value: reached };
        });
      expect([...growth.steps()]).toEqual(expected);
      expect([...growth.steps()]).toEqual(expected);
    }),
  );
});

function joined(a: CumulativeValue, b: CumulativeValue): CumulativeValue {
  return {
    sum: a.sum + b.sum,
    count: a.count + b.count,
    bucketCounts: a.bucketCounts.map((count, i) => count + (b.bucketCounts[i] ?? 0)),
  };
}
