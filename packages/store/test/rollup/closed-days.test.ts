/** Which days are closed, asked over and over, while days are closed by another connection. */
import { join } from "node:path";
import { DAY_MILLIS } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { openStore } from "../../src/index.ts";
import { createBlockFiles } from "../../src/rollup/block-files.ts";
import { createClosedDays } from "../../src/rollup/closed-days.ts";
import { createOpenBlocks } from "../../src/rollup/open-blocks.ts";
import { UTC_ZONE_ID } from "../../src/rollup/places.ts";
import { call, NOON, temporaryFolder } from "../helpers.ts";

const FIRST = Math.floor(NOON / DAY_MILLIS);
const startOf = (day: number): number => (FIRST + day) * 96;

function watch(isReadOnly: boolean) {
  const store = openStore({ path: join(temporaryFolder(), "metrics.db") });
  const close = (...days: readonly number[]): void => {
    const facts = days.map((day) => call({ requestId: `day ${day}`, endedAtMillis: NOON + day * DAY_MILLIS }));
    store.write({ facts });
    store.foldRollups(NOON + 30 * DAY_MILLIS);
  };
  // A reader waits for the file to be there.
  close(0);
  const database = new Database(store.path, { readonly: isReadOnly });
  onTestFinished(() => {
    database.close();
    store.close();
  });
  const blocks = createOpenBlocks(database, createBlockFiles(database));
  const closedDays = createClosedDays(database, blocks);
  return {
    close,
    begin: (isReadOnce = false) => blocks.begin({ isReadOnce }),
    between: (from: number, to: number) => closedDays(UTC_ZONE_ID, from, to).map(({ first }) => first / 96 - FIRST),
  };
}

it.each([true, false])("are those that begin in the span, however often it is asked (read-only: %s)", (isReadOnly) => {
  const { close, begin, between } = watch(isReadOnly);
  const days = [0, 1, 2, 5, 6, 11];
  close(...days.slice(1));
  begin();
  const quarterHour = fc.integer({ min: startOf(-2), max: startOf(13) });
  fc.assert(
    fc.property(quarterHour, quarterHour, (from, to) => {
      const expected = days.filter((day) => startOf(day) >= from && startOf(day) <= to);
      expect(between(from, to)).toEqual(expected);
    }),
    { numRuns: 100, seed: 3 },
  );
});

it("are asked for anew by the next question after a day was closed, and by one that reads once", () => {
  const { close, begin, between } = watch(true);
  begin();
  expect(between(startOf(0), startOf(9))).toEqual([0]);
  close(3);
  begin(true);
  expect(between(startOf(0), startOf(9))).toEqual([0, 3]);
  begin();
  expect(between(startOf(0), startOf(9))).toEqual([0, 3]);
});
