/** Sessions are counted for many periods at once: each as if it had been asked alone. */
import type { Period } from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOON, session, temporaryStore } from "../helpers.ts";

const HOUR = 3_600_000;
const MAX_HOURS = 60;

const hours = fc.integer({ min: 0, max: MAX_HOURS });
/** One interval at an edge of hours, or beside it by a millisecond. */
const interval = fc.record({ from: hours, lasts: hours, offset: fc.integer({ min: -1, max: 1 }) });
const sessions = fc.array(fc.array(interval, { minLength: 1, maxLength: 4 }), { maxLength: 12 });

const period = (from: number, to: number): Period => ({
  label: `${from} to ${to}`,
  firstDate: "2026-11-22",
  lastDate: "2026-11-24",
  startMillis: NOON + from * HOUR,
  endMillis: NOON + to * HOUR,
});

/** Neighbours of any length, some left out, and behind them spans that overlap, in any order. */
const periods = fc
  .record({
    edges: fc.uniqueArray(hours, { minLength: 2, maxLength: 12 }),
    without: hours,
    spans: fc.array(fc.uniqueArray(hours, { minLength: 2, maxLength: 2 }), { maxLength: 3 }),
  })
  .map(({ edges, without, spans }) => {
    const sorted = edges.toSorted((a, b) => a - b);
    const neighbours = sorted.slice(1).map((to, i) => period(sorted[i] ?? 0, to));
    const others = spans.map(([a = 0, b = 0]) => period(Math.min(a, b), Math.max(a, b)));
    return [...neighbours.filter((_, i) => neighbours.length === 1 || i !== without), ...others];
  });

describe("the sessions of many periods", () => {
  it("are for each of them as many as are listed for it, and as whose activity is summed up", () => {
    fc.assert(
      fc.property(sessions, periods, (drawn, asked) => {
        using store = temporaryStore();
        const facts = drawn.map((intervals, i) =>
          session({
            sessionId: `s${i}`,
            activity: intervals.map(({ from, lasts, offset }) => ({
              startMillis: NOON + from * HOUR + offset,
              endMillis: NOON + (from + lasts) * HOUR + offset,
            })),
          }),
        );
        store.write({ facts });
        const listed = asked.map((range) => store.ledger.sessions({ range }).length);
        expect(store.ledger.sessionCounts(asked, {})).toEqual(listed);
        expect(store.ledger.sessionActivity(asked, {}).map((each) => each.sessions)).toEqual(listed);
      }),
      { numRuns: 20 },
    );
  });
});
