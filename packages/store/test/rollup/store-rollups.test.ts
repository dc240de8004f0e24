/** Rollups of a store: late and corrected facts, zones, damage, and files from before. */
import { join } from "node:path";
import { createZoneCalendar, DAY_MILLIS, QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { MIGRATIONS } from "../../src/migrations/index.ts";
import { checkRollups } from "../../src/rollup/check.ts";
import { keepZone } from "../../src/rollup/keep-zones.ts";
import { LEVEL_QUARTER_HOUR_MARGINS } from "../../src/rollup/places.ts";
import { readRollups } from "../../src/rollup/read-rollups.ts";
import type { RollupQuestion } from "../../src/rollup/types.ts";
import { readClosedDays, zoneDaysOf } from "../../src/rollup/zone-days.ts";
import { call, everyRollup, NOON, session, task, temporaryFolder, temporaryStore, tool } from "../helpers.ts";

const DAY = Math.floor(NOON / DAY_MILLIS);
const FIRST = DAY * 96;
const LATER = NOON + 2 * DAY_MILLIS;

function open(path: string): Database.Database {
  const database = new Database(path);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

const durations = (fields: Partial<RollupQuestion> = {}): RollupQuestion => ({
  edges: [FIRST, FIRST + 96],
  filter: {},
  groupBy: [],
  sums: ["calls", "call_ms"],
  extremes: ["call_ms"],
  histograms: [],
  ...fields,
});

describe("a closed day", () => {
  it("takes late facts in, and knows the next extreme when one is corrected", () => {
    const store = temporaryStore();
    const database = open(store.path);
    const times = [10, 20, 30, 40].map((durationMillis, i) =>
      call({ requestId: `req_${i}`, responseId: `msg_${i}`, durationMillis }),
    );
    store.write({ facts: times });
    expect(store.foldRollups(NOON)).toBe(0);
    expect(readClosedDays(database)).toEqual([]);
    expect(store.foldRollups(LATER)).toBe(0);
    expect(readClosedDays(database)).toEqual([DAY]);
    expect(readRollups(database, durations())).toMatchObject([{ sums: [4, 100], extremes: [{ min: 10, max: 40 }] }]);
    // A better witness says that the longest call took longer, and the shortest one as long as the next.
    const better = { witness: "process", usage: undefined } as const;
    store.write({
      facts: [
        call({ ...better, requestId: "req_3", responseId: "msg_3", durationMillis: 35 }),
        call({ ...better, requestId: "req_0", responseId: "msg_0", durationMillis: 20 }),
        call({ requestId: "late", responseId: "late", durationMillis: 25 }),
      ],
    });
    const corrected = [{ sums: [5, 130], extremes: [{ min: 20, max: 35 }] }];
    expect(readRollups(database, durations())).toMatchObject(corrected);
    expect(checkRollups(database)).toEqual([]);
    const halves = durations({ edges: [FIRST, NOON / QUARTER_HOUR_MILLIS, FIRST + 96], groupBy: ["model"] });
    expect(readRollups(database, halves)).toMatchObject([{ bucket: 1, ...corrected[0] }]);
    store.foldRollups(LATER);
    expect(readRollups(database, durations())).toMatchObject(corrected);
    expect(checkRollups(database)).toEqual([]);
  });

  it("of which nothing is left is not closed any more", () => {
    const store = temporaryStore();
    const database = open(store.path);
    store.write({ facts: [task({ startedAtMillis: undefined, lastSeenAtMillis: NOON, outcome: endedAt(NOON) })] });
    store.foldRollups(LATER);
    store.write({ facts: [task({ lastSeenAtMillis: NOON + DAY_MILLIS })] });
    store.foldRollups(LATER + DAY_MILLIS);
    expect(readClosedDays(database)).toEqual([DAY + 1]);
    expect(database.prepare("SELECT count(*) FROM rollup_sheet").pluck().get()).toBe(0);
    expect(checkRollups(database)).toEqual([]);
  });
});

const endedAt = (atMillis: number) => ({ result: "success", origin: "reported", atMillis }) as const;

describe("a zone that is kept", () => {
  it("has days of 23 and 25 hours, and days that begin on a quarter hour", () => {
    const newYork = createZoneCalendar("America/New_York");
    const hoursOn = (date: string): number[] =>
      zoneDaysOf(newYork, Date.parse(date) / DAY_MILLIS).map(({ first, behind }) => (behind - first) / 4);
    expect(hoursOn("2026-03-08")).toEqual([24, 23]);
    expect(hoursOn("2026-11-01")).toEqual([24, 25]);
    expect(zoneDaysOf(createZoneCalendar("Asia/Kathmandu"), DAY)[0]).toEqual({ first: FIRST - 23, behind: FIRST + 73 });
    // Samoa skipped a day when it crossed the date line.
    const samoa = zoneDaysOf(createZoneCalendar("Pacific/Apia"), Date.parse("2011-12-30") / DAY_MILLIS);
    expect(samoa.map(({ first, behind }) => (behind - first) / 4)).toEqual([24, 24]);
  });

  it("is added up step by step, newest days first, and answers are right all the while", async () => {
    const store = temporaryStore();
    const database = open(store.path);
    const days = [0, 1, 2, 3];
    store.write({
      facts: days.map((day) =>
        call({ requestId: `r${day}`, responseId: `m${day}`, endedAtMillis: NOON + day * DAY_MILLIS }),
      ),
    });
    const later = LATER + 3 * DAY_MILLIS;
    store.foldRollups(later);
    const reference = everyRollup(database);
    const kept = database.prepare("SELECT count(*) FROM rollup_day WHERE zone_id = 2").pluck();
    expect(store.keepZone("Asia/Kathmandu", 0)).toBe(5);
    expect(kept.get()).toBe(0);
    for (let left = 4; left > 0; left--) {
      expect(store.keepZone("Asia/Kathmandu", Number.MIN_VALUE)).toBe(left);
      expect(kept.get()).toBe(5 - left);
      expect(checkRollups(database)).toEqual([]);
      expect(readRollups(database, durations({ timeZone: "Asia/Kathmandu" }))).toMatchObject([{ sums: [1, 0] }]);
    }
    expect(keepZone(database, "Asia/Kathmandu")).toBe(0);
    expect(kept.get()).toBe(5);
    expect(checkRollups(database)).toEqual([]);
    expect(everyRollup(database)).toEqual(reference);
    expect(store.keepZone("Asia/Kathmandu")).toBe(0);
  });

  it("gets its days from maintenance, which comes for it before its time", async () => {
    const store = temporaryStore();
    const database = open(store.path);
    store.write({ facts: [call(), call({ requestId: "b", responseId: "b", endedAtMillis: NOON + DAY_MILLIS })] });
    const nowMillis = LATER + DAY_MILLIS;
    expect((await store.maintain({ nowMillis })).state).toBe("done");
    expect((await store.maintain({ nowMillis })).state).toBe("not due");
    store.keepZone("Asia/Seoul", 0);
    expect(await store.maintain({ nowMillis, maxMillis: 0 })).toMatchObject({ state: "unfinished", steps: 1 });
    for (let runs = 0; (await store.maintain({ nowMillis })).state !== "not due"; runs++) expect(runs).toBeLessThan(2);
    expect(database.prepare("SELECT count(*) FROM rollup_day WHERE zone_id = 2").pluck().get()).toBe(3);
    expect(checkRollups(database)).toEqual([]);
  });

  it("must be a zone, and is one of sixteen at most", () => {
    const store = temporaryStore();
    expect(() => store.keepZone("Mars/Olympus")).toThrow(/Mars\/Olympus/);
    for (const timeZone of Intl.supportedValuesOf("timeZone").slice(0, 20)) expect(store.keepZone(timeZone)).toBe(0);
    expect(open(store.path).prepare("SELECT count(*) FROM rollup_zone").pluck().get()).toBe(16);
  });
});

it("history that was imported is folded before maintenance is due again", async () => {
  const store = temporaryStore();
  const database = open(store.path);
  await store.maintain({ nowMillis: LATER });
  const facts = [1, 2, 3].map((day) =>
    call({ requestId: `r${day}`, responseId: `m${day}`, endedAtMillis: NOON - day * DAY_MILLIS }),
  );
  store.write({ facts: facts.slice(0, 2) });
  expect((await store.maintain({ nowMillis: LATER })).state).toBe("not due");
  store.write({ facts });
  expect((await store.maintain({ nowMillis: LATER })).state).toBe("done");
  expect(readClosedDays(database)).toEqual([DAY - 1, DAY - 2, DAY - 3]);
});

it("a busy day is folded before it is over, by whoever comes by", async () => {
  const store = temporaryStore();
  const database = open(store.path);
  await store.maintain({ nowMillis: NOON });
  const facts = Array.from({ length: 9_000 }, (_, i) =>
    call({
      requestId: `r${i}`,
      responseId: undefined,
      model: `model-${i % 500}`,
      durationMillis: 1_000 + ((i * 7_919) % 60_000),
      endedAtMillis: NOON + i * 1_200,
    }),
  );
  const nowMillis = NOON + 4 * 3_600_000;
  store.write({ facts: facts.slice(0, 1_000) });
  expect((await store.maintain({ nowMillis })).state).toBe("not due");
  store.write({ facts: facts.slice(1_000) });
  const before = readRollups(database, durations());
  expect(before).toMatchObject([{ sums: [facts.length, expect.any(Number)] }]);
  expect((await store.maintain({ nowMillis })).state).toBe("done");
  expect(readClosedDays(database)).toEqual([DAY]);
  expect(database.prepare("SELECT count(*) FROM rollup_sheet").pluck().get()).toBe(0);
  expect(readRollups(database, durations())).toEqual(before);
  store.write({ facts: [call({ requestId: "later", responseId: undefined, durationMillis: 5 })] });
  expect(readRollups(database, durations())).toMatchObject([{ sums: [facts.length + 1, expect.any(Number)] }]);
  expect(checkRollups(database)).toEqual([]);
});

describe("damage", () => {
  it("is found by its checksum, named, and mended by a rebuild", async () => {
    const store = temporaryStore();
    const database = open(store.path);
    store.write({
      facts: [session({ project: "/a" }), call({ durationMillis: 7 }), tool({ endedAtMillis: NOON + 2_000 })],
    });
    store.foldRollups(LATER);
    const before = everyRollup(database);
    database.exec("UPDATE rollup_column SET data = CAST(x'00' || substr(data, 2) AS BLOB) WHERE id & 63 = 1");
    expect(() =>
      readRollups(database, durations({ groupBy: ["agent", "model"], edges: [FIRST + 1, FIRST + 95] })),
    ).toThrow(/db rebuild/);
    expect(checkRollups(database)).toMatchObject([{ quarterHour: FIRST, column: expect.stringContaining("damaged") }]);
    database.exec("DELETE FROM rollup_column WHERE id & 63 = 0");
    expect(() => readRollups(database, durations())).toThrow(/db rebuild/);
    const progress: number[] = [];
    const days = await store.rebuildRollups(({ daysDone }) => progress.push(daysDone));
    expect(progress).toEqual(Array.from({ length: days }, (_, i) => i + 1));
    expect(checkRollups(database)).toEqual([]);
    expect(everyRollup(database)).toEqual(before);
  });

  it("of a day, a margin or a zone's day that does not equal its quarter hours is found", () => {
    const store = temporaryStore();
    const database = open(store.path);
    store.write({ facts: [call(), call({ requestId: "b", responseId: "b", endedAtMillis: NOON + DAY_MILLIS })] });
    store.foldRollups(LATER + DAY_MILLIS);
    expect(checkRollups(database)).toEqual([]);
    // Every level but the quarter hours of each cell takes the place of the next day's.
    database.exec(`DELETE FROM rollup_column WHERE id >= ${2 ** 30} AND (id >> 6) % ${2 ** 24} = ${FIRST}`);
    const found = checkRollups(database);
    expect(new Set(found.map(({ dimensions }) => dimensions.replace(/ ?product_id.*/, "")))).toEqual(
      new Set(["everything", "day in UTC", "margin of a day in UTC"]),
    );
  });
});

describe("quarter hours along a dimension", () => {
  const isMargin = `(id >> 30) = ${LEVEL_QUARTER_HOUR_MARGINS}`;
  const filled = () => {
    const store = temporaryStore();
    const facts = [0, 1, 2].flatMap((day) =>
      [3, 50, 700].map((durationMillis, i) =>
        call({
          requestId: `r${day}${i}`,
          responseId: `m${day}${i}`,
          model: `model-${i % 2}`,
          durationMillis,
          endedAtMillis: NOON + day * DAY_MILLIS + i * 600_000,
        }),
      ),
    );
    store.write({ facts });
    store.foldRollups(LATER + 2 * DAY_MILLIS);
    return { store, database: open(store.path) };
  };
  const hours = durations({
    edges: Array.from({ length: 73 }, (_, hour) => FIRST + hour * 4),
    groupBy: ["model"],
  });

  it("are answered alike with and without what was added up of them, which maintenance adds", async () => {
    const { store, database } = filled();
    const margins = database.prepare(`SELECT id, crc, data FROM rollup_column WHERE ${isMargin} ORDER BY id`);
    const [expected, added] = [readRollups(database, hours), margins.all()];
    expect(expected).toHaveLength(6);
    expect(added).not.toHaveLength(0);
    database.exec(`DELETE FROM rollup_column WHERE ${isMargin} AND (id >> 6) % ${2 ** 24} < ${FIRST + 192}`);
    expect(readRollups(database, hours)).toEqual(expected);
    expect(checkRollups(database)).toEqual([]);
    expect((await store.maintain({ nowMillis: LATER + 2 * DAY_MILLIS })).state).toBe("done");
    expect(margins.all()).toEqual(added);
    expect(readRollups(database, hours)).toEqual(expected);
  });

  it("that do not equal those of each cell are found", () => {
    const { database } = filled();
    database.exec(`DELETE FROM rollup_column WHERE ${isMargin} AND id & 63 = 2`);
    expect(new Set(checkRollups(database).map(({ column }) => column))).toEqual(
      new Set(["call_ms", "call_ms_count", "least call_ms", "greatest call_ms"]),
    );
    expect(checkRollups(database).every(({ dimensions }) => dimensions.startsWith("margin "))).toBe(true);
  });
});

it("days before the watermark are kept as they are, by rebuild and check", async () => {
  const store = temporaryStore();
  const database = open(store.path);
  store.write({ facts: [call({ durationMillis: 7 })] });
  store.foldRollups(LATER);
  const before = everyRollup(database);
  database.exec("DELETE FROM model_call");
  expect(checkRollups(database)).not.toEqual([]);
  database.prepare("INSERT INTO meta (key, value) VALUES ('watermark_day', ?)").run(BigInt(DAY + 1));
  expect(checkRollups(database)).toEqual([]);
  await store.rebuildRollups();
  expect(everyRollup(database)).toEqual(before);
});

it("a file from before gets its rollups from its ledger, older days closed", () => {
  const store = temporaryStore();
  const facts = [0, 1, 2, 3].map((day) =>
    call({ requestId: `r${day}`, responseId: `m${day}`, taskId: `t${day}`, endedAtMillis: NOON + day * DAY_MILLIS }),
  );
  store.write({ facts });
  const reference = everyRollup(open(store.path));
  const path = join(temporaryFolder(), "old.db");
  open(store.path).exec(`VACUUM INTO '${path}'`);
  const old = open(path);
  old.exec("DROP TABLE rollup_sheet; DROP TABLE rollup_column; DROP TABLE rollup_zone; DROP TABLE rollup_day");
  old.exec("CREATE TABLE rollup (quarter_hour INTEGER) STRICT");
  const migration = MIGRATIONS.find(({ name }) => name === "rollups with histograms");
  migration?.apply(old);
  expect(readClosedDays(old)).toEqual([DAY + 1, DAY]);
  expect(checkRollups(old)).toEqual([]);
  expect(everyRollup(old)).toEqual(reference);
});

it("a question must have ascending edges", () => {
  const store = temporaryStore();
  const database = open(store.path);
  for (const edges of [[], [5], [5, 5], [6, 5], [0.5, 2]]) {
    expect(() => readRollups(database, durations({ edges }))).toThrow(/ascending quarter hours/);
  }
  expect(readRollups(database, durations({ edges: [0, Number.MAX_SAFE_INTEGER] }))).toEqual([]);
});
