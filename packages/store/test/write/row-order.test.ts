import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstRowOf } from "../../src/write/locator.ts";
import { inOrderOfRows } from "../../src/write/row-order.ts";

/** From 1970 to 2089: now and then farther apart than what is sorted as numbers. */
const anyRow = fc.integer({ min: firstRowOf(0), max: firstRowOf(4_193_000) });
const rowOfNow = fc.integer({ min: 0, max: 2 ** 24 }).map((place) => firstRowOf(1_994_000) + place);

describe("the order of rows", () => {
  it("is that of their numbers, near together or far apart, few or many", () => {
    const rows = fc.oneof(
      fc.array(rowOfNow),
      fc.array(anyRow),
      fc.array(rowOfNow, { minLength: 2_049, maxLength: 2_100 }),
    );
    fc.assert(
      fc.property(rows, (ids) => {
        const items = ids.map((id) => ({ id }));
        const sorted = inOrderOfRows(items, ({ id }) => id);
        expect(sorted.map(({ id }) => id)).toEqual(ids.toSorted((a, b) => a - b));
        expect(new Set(sorted)).toEqual(new Set(items));
      }),
      { numRuns: 60 },
    );
  });
});
