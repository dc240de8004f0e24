import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growTogether } from "../../src/live/grow-together.ts";

/** A sum, and counts up to three bounds, of which none is more than the next. */
const vector = fc
  .tuple(fc.nat({ max: 50 }), fc.array(fc.nat({ max: 5 }), { minLength: 3, maxLength: 3 }))
  .map(([sum, counts]) => {
    let below = 0;
    return [sum, ...counts.map((count) => (below += count))];
  });
const siblings = fc.array(fc.record({ shown: vector, facts: vector }), { minLength: 1, maxLength: 5 });
const sumAt = (vectors: readonly (readonly number[])[], i: number): number =>
  vectors.reduce((sum, each) => sum + (each[i] ?? 0), 0);

describe("series that grow together", () => {
  it("never fall, grow no further than their facts, and together no further than all facts", () => {
    fc.assert(
      fc.property(siblings, (series) => {
        const grown = growTogether(series);
        for (const [s, { shown, facts }] of series.entries()) {
          const now = grown[s] ?? [];
          for (const [i, value] of now.entries()) {
            expect(value).toBeGreaterThanOrEqual(shown[i] ?? 0);
            expect(value).toBeLessThanOrEqual(Math.max(shown[i] ?? 0, facts[i] ?? 0));
            if (i > 1) expect(value).toBeGreaterThanOrEqual(now[i - 1] ?? 0);
          }
        }
        for (const i of [0, 1, 2, 3]) {
          const [before, known] = [series.map(({ shown }) => shown), series.map(({ facts }) => facts)];
          const most = Math.max(sumAt(before, i), sumAt(known, i));
          expect(sumAt(grown, i)).toBeLessThanOrEqual(most);
          // Nothing but the order of the counts keeps a sum from being what the facts add up to.
          if (i === 0 || i === 3) expect(sumAt(grown, i)).toBe(most);
        }
      }),
    );
  });

  it("are what the facts say as long as none is held, and once they have caught up", () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1, maxLength: 5 }), siblings, (facts, before) => {
        expect(growTogether(facts.map((each) => ({ shown: each.map(() => 0), facts: each })))).toEqual(facts);
        const shown = growTogether(before);
        const later = shown.map((each, s) => each.map((value, i) => value + (facts[s % facts.length]?.[i] ?? 0)));
        expect(growTogether(later.map((each, s) => ({ shown: shown[s] ?? [], facts: each })))).toEqual(later);
      }),
    );
  });
});
