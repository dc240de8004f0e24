/** What a connection keeps of closed blocks, looked at from the rows that it reads for them. */
import { join } from "node:path";
import { DAY_MILLIS } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { openStore } from "../../src/index.ts";
import { histogramColumn, sumColumn } from "../../src/rollup/block-columns.ts";
import { createBlockFiles } from "../../src/rollup/block-files.ts";
import { KEYS_COLUMN } from "../../src/rollup/block-keys.ts";
import { createOpenBlocks, type OpenBlocks } from "../../src/rollup/open-blocks.ts";
import { LEVEL_QUARTER_HOURS } from "../../src/rollup/places.ts";
import { SUM_PLACES } from "../../src/rollup/sums.ts";
import { call, NOON, temporaryFolder } from "../helpers.ts";

const DAYS = 3;
const FIRST = Math.floor(NOON / DAY_MILLIS);
const quarterHourOf = (day: number): number => (FIRST + day) * 96;
const CALLS = [KEYS_COLUMN, sumColumn(SUM_PLACES.calls)];
const DURATIONS = [KEYS_COLUMN, histogramColumn(0)];

/** Closed days, one call each, and a connection whose reads of blocks are counted. */
function watch(options: { readonly: boolean; maxBytes?: number }) {
  const store = openStore({ path: join(temporaryFolder(), "metrics.db") });
  const write = (name: string, day: number): void => {
    const endedAtMillis = NOON + day * DAY_MILLIS;
    store.write({ facts: [call({ requestId: name, endedAtMillis, durationMillis: 1_000 })] });
  };
  for (let day = 0; day < DAYS; day++) write(`first-${day}`, day);
  const fold = (): unknown => store.foldRollups(NOON + 30 * DAY_MILLIS);
  fold();
  const database = new Database(store.path, { readonly: options.readonly });
  onTestFinished(() => {
    database.close();
    store.close();
  });
  const files = createBlockFiles(database);
  let reads = 0;
  const counted = (read: typeof files.find): typeof files.find => {
    return (...asked) => {
      reads += 1;
      return read(...asked);
    };
  };
  const blocks = createOpenBlocks(
    database,
    { ...files, find: counted(files.find), read: counted(files.read) as typeof files.read },
    options.maxBytes,
  );
  return {
    ...{ write, fold, blocks },
    /** How many reads it takes to do something. */
    readsOf: (work: () => void): number => {
      reads = 0;
      work();
      return reads;
    },
  };
}

const readDays = (blocks: OpenBlocks, columns: readonly number[]): void => {
  blocks.begin();
  for (let day = 0; day < DAYS; day++) blocks.read(LEVEL_QUARTER_HOURS, quarterHourOf(day), columns);
};

it("reads a closed block once, and then only the columns that were not asked for yet", () => {
  const { blocks, readsOf } = watch({ readonly: true });
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(DAYS);
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(0);
  expect(readsOf(() => readDays(blocks, DURATIONS))).toBe(DAYS);
  expect(readsOf(() => readDays(blocks, [...CALLS, ...DURATIONS]))).toBe(0);
  const { block } = blocks.read(LEVEL_QUARTER_HOURS, quarterHourOf(0), DURATIONS);
  expect([...block.keys()]).toEqual(expect.arrayContaining([...CALLS, ...DURATIONS]));
});

it("reads again when a closed day was written by another connection", () => {
  const { blocks, readsOf, write, fold } = watch({ readonly: true });
  readDays(blocks, CALLS);
  write("late", 1);
  // Open facts do not touch what is closed.
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(0);
  fold();
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(DAYS);
});

it("keeps nothing from one question to the next on a connection that may write", () => {
  const { blocks, readsOf } = watch({ readonly: false });
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(DAYS);
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(DAYS);
});

it("keeps nothing of a question that says it reads once, and what was kept before stays", () => {
  const { blocks, readsOf } = watch({ readonly: true });
  const readOnce = (): void => {
    blocks.begin({ isReadOnce: true });
    expect(blocks.areKept).toBe(false);
    for (let day = 0; day < DAYS; day++) blocks.read(LEVEL_QUARTER_HOURS, quarterHourOf(day), CALLS);
  };
  expect([readsOf(readOnce), readsOf(readOnce)]).toEqual([DAYS, DAYS]);
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(DAYS);
  expect(readsOf(readOnce)).toBe(DAYS);
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(0);
});

it("lets go of what was not used for the longest time when memory runs out", () => {
  const { blocks, readsOf } = watch({ readonly: true, maxBytes: 1 });
  expect(readsOf(() => readDays(blocks, CALLS))).toBe(DAYS);
  const readDay = (day: number) => (): void => {
    blocks.read(LEVEL_QUARTER_HOURS, quarterHourOf(day), CALLS);
  };
  // The last one is kept, too large though it is.
  expect([readsOf(readDay(DAYS - 1)), readsOf(readDay(0)), readsOf(readDay(0))]).toEqual([0, 1, 0]);
});

it("says that a closed block is damaged when it is not there, and finds none where there may be none", () => {
  const { blocks } = watch({ readonly: true });
  blocks.begin();
  expect(() => blocks.read(LEVEL_QUARTER_HOURS, quarterHourOf(9), CALLS)).toThrow("are damaged");
  expect(blocks.find(LEVEL_QUARTER_HOURS, quarterHourOf(9), CALLS)).toBeUndefined();
});
