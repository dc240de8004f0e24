import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  firstRowOf,
  keyOfRow,
  keyRestOf,
  placeOfKey,
  quarterHourOfRow,
  rowRange,
  slotsOf,
} from "../../src/write/locator.ts";

const key = fc.integer({ min: 0, max: 2 ** 48 - 1 });
/** From 1970 to 2089. */
const quarterHour = fc.integer({ min: 0, max: 2 ** 22 - 2 });

describe("the place of a call", () => {
  it("gives back key and quarter hour, whichever of its slots it is in", () => {
    fc.assert(
      fc.property(quarterHour, key, (at, of) => {
        for (const id of slotsOf(at, of)) {
          expect(Number.isSafeInteger(id)).toBe(true);
          expect(quarterHourOfRow(id)).toBe(at);
          expect(keyOfRow(id, keyRestOf(id, of))).toBe(of);
        }
      }),
    );
  });

  it("is the rest of the key, up to the longest keys", () => {
    const spread = 2 ** 22 - 3;
    const nearMultiple = fc
      .tuple(fc.integer({ min: 1, max: Math.floor(2 ** 53 / spread) - 1 }), fc.integer({ min: -2, max: 2 }))
      .map(([times, beside]) => times * spread + beside);
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger().map(Math.abs), nearMultiple), (of) => {
        expect(placeOfKey(of)).toBe(of % spread);
      }),
      { numRuns: 2_000 },
    );
  });

  it("needs no more than four bytes of the row for the rest of its key", () => {
    fc.assert(
      fc.property(quarterHour, key, (at, of) => {
        for (const id of slotsOf(at, of)) expect(keyRestOf(id, of)).toBeLessThan(2 ** 31);
      }),
    );
  });

  it("lies in the range of rows of its time, also before 2020", () => {
    fc.assert(
      fc.property(quarterHour, key, (at, of) => {
        const { firstId, lastId } = rowRange(at * 900_000, at * 900_000);
        for (const id of slotsOf(at, of)) {
          expect(id).toBeGreaterThanOrEqual(firstId);
          expect(id).toBeLessThanOrEqual(lastId);
        }
      }),
    );
    expect(firstRowOf(1_753_152)).toBe(0);
  });
});
