/** Reports of closed days and weeks: made when missing, made again when late facts changed them, else left alone. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createZoneCalendar, DAY_MILLIS, type Fact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type WriteReportsOptions, writeReports } from "../../src/index.ts";

const UTC = createZoneCalendar("UTC");
/** Wednesday, 26 November 2025, 09:00 UTC. */
const NOW = Date.UTC(2025, 10, 26, 9);
const noonOf = (day: number): number => Date.UTC(2025, 10, day, 12);
const BASE = { witness: "transcript", product: "claude-code" } as const;
const LONG_AGO = new Date("2001-01-01T00:00:00Z");

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "written-reports-"));
  store = openStore({ path: join(folder, "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
});

/** A session of half an hour with one task and one call. */
function work(id: string, atMillis: number, project = "/p/shop"): Fact[] {
  const usage = { input: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 5, reasoning: 0 };
  return [
    {
      ...BASE,
      kind: "session",
      sessionId: id,
      project,
      activity: [{ startMillis: atMillis, endMillis: atMillis + 1_800_000 }],
    },
    {
      ...BASE,
      kind: "task",
      sessionId: id,
      taskId: `t-${id}`,
      agent: "main",
      startedAtMillis: atMillis,
      lastSeenAtMillis: atMillis + 1_000,
      outcome: { result: "success", origin: "reported", atMillis: atMillis + 1_000 },
    },
    {
      ...BASE,
      kind: "model_call",
      sessionId: id,
      taskId: `t-${id}`,
      requestId: id,
      endedAtMillis: atMillis,
      model: "m",
      usage,
    },
  ];
}

const write = (more: Partial<WriteReportsOptions> = {}) =>
  writeReports(store, {
    folder: join(folder, "reports"),
    calendar: UTC,
    nowMillis: NOW,
    hasDays: true,
    hasWeeks: true,
    hidden: new Set(),
    ...more,
  });

const files = (): string[] =>
  (readdirSync(join(folder, "reports"), { recursive: true }) as string[])
    .filter((name) => /^\w+\/.*\.json$/.test(name))
    .sort();
const read = (file: string) => JSON.parse(readFileSync(join(folder, "reports", file), "utf8"));
const age = (): void => {
  for (const file of files()) utimesSync(join(folder, "reports", file), LONG_AGO, LONG_AGO);
};
const rewritten = (): string[] =>
  files().filter((file) => statSync(join(folder, "reports", file)).mtimeMs > LONG_AGO.getTime());

describe("writeReports", () => {
  it("writes closed days and weeks in which something happened, and nothing of what still runs", () => {
    store.write({
      facts: [...work("a", noonOf(18)), ...work("b", noonOf(24)), ...work("c", noonOf(25)), ...work("d", NOW - 60_000)],
    });
    expect(write().written).toHaveLength(4);
    expect(files()).toEqual([
      "daily/2025-11-18.json",
      "daily/2025-11-24.json",
      "daily/2025-11-25.json",
      "weekly/2025-W47.json",
    ]);
    expect(read("daily/2025-11-25.json").daily_report).toMatchObject({
      date: "2025-11-25",
      summary: { sessions: 1, total_duration_hours: 0.5, tasks_completed: 1, success_rate: 1, tokens_used: 15 },
      trends: { success_rate_change: "0%", efficiency_change: "0%" },
    });
    expect(read("weekly/2025-W47.json").weekly_report).toMatchObject({
      week: "2025-W47",
      summary: { tasks_completed: 1 },
    });
    expect(statSync(join(folder, "reports", "daily", "2025-11-18.json")).mode & 0o777).toBe(0o600);
  });

  it("touches nothing when nothing changed, and makes the day that closes since", () => {
    store.write({ facts: [...work("a", noonOf(25)), ...work("b", NOW - 60_000)] });
    write();
    age();
    expect(write()).toEqual({ written: [], left: 0 });
    expect(write({ nowMillis: NOW + DAY_MILLIS }).written).toEqual(["daily/2025-11-26.json"]);
    expect(rewritten()).toEqual(["daily/2025-11-26.json"]);
  });

  it.each([["before"], ["after"]])("writes again what late facts changed, found %s their day was folded", (when) => {
    store.write({ facts: [...work("a", noonOf(18)), ...work("b", noonOf(20)), ...work("c", noonOf(25))] });
    store.foldRollups(NOW);
    write();
    age();
    store.write({ facts: work("late", noonOf(20) + 60_000) });
    if (when === "after") store.foldRollups(NOW);
    expect([...write().written].sort()).toEqual(["daily/2025-11-20.json", "weekly/2025-W47.json"]);
    expect(read("daily/2025-11-20.json").daily_report.summary.tasks_completed).toBe(2);
    expect(rewritten()).toEqual(["daily/2025-11-20.json", "weekly/2025-W47.json"]);
    store.foldRollups(NOW);
    expect(write().written).toEqual([]);
  });

  it("writes the day after a changed one again, whose trends compare with it", () => {
    store.write({ facts: [...work("a", noonOf(24)), ...work("b", noonOf(25))] });
    write();
    store.write({ facts: work("late", noonOf(24) + 60_000) });
    expect([...write().written].sort()).toEqual(["daily/2025-11-24.json", "daily/2025-11-25.json"]);
  });

  it("writes a day again whose sessions turn out to be longer", () => {
    store.write({ facts: work("a", noonOf(25)) });
    write();
    const activity = [{ startMillis: noonOf(25) + 1_800_000, endMillis: noonOf(25) + 3_600_000 }];
    store.write({ facts: [{ ...BASE, kind: "session", sessionId: "a", activity }, ...work("today", NOW - 1)] });
    store.foldRollups(NOW);
    expect(write().written).toEqual(["daily/2025-11-25.json"]);
    expect(read("daily/2025-11-25.json").daily_report.summary.total_duration_hours).toBe(1);
  });

  it("has the days of the zone: midnight in Seoul closes a day that runs in UTC", () => {
    store.write({ facts: work("a", Date.UTC(2025, 10, 25, 16)) });
    const seoul = createZoneCalendar("Asia/Seoul");
    expect(write({ calendar: seoul, nowMillis: Date.UTC(2025, 10, 26, 14, 59) }).written).toEqual([]);
    expect(write({ calendar: seoul, nowMillis: Date.UTC(2025, 10, 26, 15) }).written).toEqual([
      "daily/2025-11-26.json",
    ]);
    expect(read("daily/2025-11-26.json").daily_report.time_zone).toBe("Asia/Seoul");
    age();
    expect(write({ nowMillis: Date.UTC(2025, 10, 26, 15) }).written).toEqual(["daily/2025-11-25.json"]);
  });

  it("knows days of 23 and 25 hours", () => {
    const berlin = createZoneCalendar("Europe/Berlin");
    store.write({ facts: [...work("a", Date.UTC(2025, 9, 26, 22, 30)), ...work("b", Date.UTC(2025, 9, 26, 23, 30))] });
    expect(
      write({ calendar: berlin })
        .written.filter((file) => file.startsWith("daily"))
        .sort(),
    ).toEqual(["daily/2025-10-26.json", "daily/2025-10-27.json"]);
  });

  it("writes only what is switched on, and all of it when it is switched on later", () => {
    store.write({ facts: [...work("a", noonOf(18)), ...work("b", noonOf(19))] });
    expect(write({ hasDays: false, hasWeeks: false }).written).toEqual([]);
    expect(write({ hasDays: false }).written).toEqual(["weekly/2025-W47.json"]);
    expect(write({ hasWeeks: false }).written).toHaveLength(2);
    expect(write().written).toEqual([]);
    expect(write({ hidden: new Set(["by_agent"]) }).written).toHaveLength(3);
    expect(read("daily/2025-11-18.json").daily_report).not.toHaveProperty("by_agent");
  });

  it("covers the projects it is asked for", () => {
    store.write({ facts: [...work("a", noonOf(25)), ...work("b", noonOf(25) + 1, "/p/other")] });
    write({ filter: { projects: ["/p/other"] } });
    expect(read("daily/2025-11-25.json").daily_report.summary).toMatchObject({ sessions: 1, tasks_completed: 1 });
  });

  it("writes at least one however little time there is, the newest first, and the others the next times", () => {
    store.write({ facts: [18, 19, 20, 25].flatMap((day) => work(`s${day}`, noonOf(day))) });
    const rounds = Array.from({ length: 6 }, () => write({ maxMillis: 0 }));
    expect(rounds.map(({ written, left }) => [written.length, left])).toEqual([
      [1, 4],
      [1, 3],
      [1, 2],
      [1, 1],
      [1, 0],
      [0, 0],
    ]);
    expect(rounds[0]?.written).toEqual(["daily/2025-11-25.json"]);
  });

  it("makes again what someone deleted its marks of, or damaged them, with the same content", () => {
    store.write({ facts: work("a", noonOf(25)) });
    write();
    const before = readFileSync(join(folder, "reports", "daily", "2025-11-25.json"), "utf8");
    writeFileSync(join(folder, "reports", ".written.json"), "{");
    expect(write().written).toEqual(["daily/2025-11-25.json"]);
    expect(readFileSync(join(folder, "reports", "daily", "2025-11-25.json"), "utf8")).toBe(before);
  });

  it("makes a report again that is missing", () => {
    store.write({ facts: [...work("a", noonOf(24)), ...work("b", noonOf(25))] });
    write();
    rmSync(join(folder, "reports", "daily", "2025-11-24.json"));
    expect(write().written).toEqual(["daily/2025-11-24.json"]);
  });

  it("leaves days alone that the ledger no longer holds, and weeks that lie partly before them", async () => {
    store.write({ facts: [18, 19, 20, 25, 26].flatMap((day) => work(`s${day}`, noonOf(day) - 6 * 3_600_000)) });
    write();
    age();
    store.close();
    store = openStore({ path: join(folder, "metrics.db"), settings: { retention: { ledgerDays: 6 } } });
    // Nothing is let go before two runs agree on the time.
    await store.maintain({ nowMillis: NOW - DAY_MILLIS });
    const { state } = await store.maintain({ nowMillis: NOW });
    expect([state, store.ledger.rollupState().watermarkMillis]).toEqual(["done", Date.UTC(2025, 10, 19)]);
    expect(write().written).toEqual([]);
    expect(rewritten()).toEqual([]);
  });

  it("says so when the folder cannot be written, and leaves no half of a file", () => {
    store.write({ facts: work("a", noonOf(25)) });
    mkdirSync(join(folder, "reports"));
    writeFileSync(join(folder, "reports", "daily"), "in the way");
    expect(() => write()).toThrow(/EEXIST|ENOTDIR/);
    expect(readdirSync(join(folder, "reports"))).toEqual(["daily"]);
  });

  it("is empty for an empty store", () => {
    expect(write()).toEqual({ written: [], left: 0 });
  });
});
