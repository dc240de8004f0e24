/** What readers are told of changes: never too little, whenever they looked last. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ChangedQuarterHours,
  changedSince,
  planChangedQuarterHours,
} from "../../src/rollup/changed-quarter-hours.ts";

const NOTHING: ChangedQuarterHours = { generation: 0, forgotten: 0, changes: new Map() };
const change = fc.oneof(
  fc.uniqueArray(fc.nat(100), { minLength: 1, maxLength: 3 }),
  fc.uniqueArray(fc.nat(1_000), { minLength: 1, maxLength: 20 }),
);

describe("changed quarter hours", () => {
  it("tell everything that changed since any moment, or that it is not known any more", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.nat(60), (all, seen) => {
        const known = all.reduce((before, each) => planChangedQuarterHours(before, new Set(each)), NOTHING);
        expect(known.generation).toBe(all.length);
        expect(known.changes.size).toBeLessThanOrEqual(16);
        const told = changedSince(known, seen);
        if (seen > all.length) expect(told).toBeUndefined();
        else if (told !== undefined) expect(new Set(told)).toEqual(new Set(all.slice(seen).flat()));
      }),
    );
  });

  it("tell of one change after the other for as long as they are few", () => {
    let known = NOTHING;
    for (let i = 0; i < 1_000; i++) {
      known = planChangedQuarterHours(known, new Set([i, i + 1]));
      expect(changedSince(known, i)).toEqual([i, i + 1]);
    }
    expect(changedSince(known, 980)).toBeUndefined();
    expect(changedSince(known, known.generation)).toEqual([]);
  });
});
