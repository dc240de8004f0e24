/** What is kept of witnesses beside the calls: a check finds what does not agree, a salvage makes it right. */
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore, type Store, salvageStore } from "../../src/index.ts";
import { moveWatermark } from "../../src/maintenance/watermark.ts";
import { call, NOON, session, task, temporaryStore, USAGE } from "../helpers.ts";

const MINUTE = 60_000;

/** A session whose call two witnesses tell in two ways, and of which a hook reports, too. */
const FACTS: readonly Fact[] = [
  session({ project: "/home/dev/shop" }),
  task({ agent: "expert", startedAtMillis: NOON - MINUTE, lastSeenAtMillis: NOON }),
  call({ witness: "log", endedAtMillis: NOON - MINUTE, usage: { ...USAGE, output: 1 } }),
  call({ endedAtMillis: NOON - MINUTE }),
  task({
    witness: "hook",
    taskId: "hook:1",
    taskKind: "hook",
    agent: "expert",
    startedAtMillis: undefined,
    lastSeenAtMillis: NOON,
    outcome: { result: "success", origin: "reported", atMillis: NOON },
    report: { tokens: 25_000, durationMillis: 2 * MINUTE, knowsSession: true },
  }),
];

interface Before {
  readonly facts: readonly Fact[];
  readonly watermarkDay: number;
}

function storeChangedBy(sql: string, { facts = FACTS, watermarkDay }: Partial<Before> = {}): Store {
  const store = temporaryStore();
  store.write({ facts });
  expect(store.check()).toMatchObject({ isSound: true });
  store.close();
  const database = new Database(store.path);
  if (watermarkDay !== undefined) moveWatermark(database, watermarkDay);
  expect(database.prepare(sql).run().changes).toBe(1);
  database.close();
  return openStore({ path: store.path });
}

const found = (store: Store) => store.check().parts.find(({ name }) => name === "witnesses")?.problems;

describe("a check of witnesses", () => {
  it("finds what was said of a call that is gone, which a salvage drops", () => {
    using store = storeChangedBy("UPDATE model_call_dissent SET call_id = call_id + 1");
    expect(found(store)).toEqual([expect.stringMatching(/^call \d+: what witness 8 said of it is kept/)]);
    store.close();
    salvageStore(store.path, { nowMillis: NOON });
    using saved = openStore({ path: store.path });
    expect(saved.check()).toMatchObject({ isSound: true });
  });

  it("finds what a witness said that the call does not know", () => {
    using store = storeChangedBy("UPDATE model_call_dissent SET witness = 4");
    expect(found(store)).toEqual([expect.stringContaining("what witness 4 said")]);
    store.close();
    salvageStore(store.path, { nowMillis: NOON });
    using saved = openStore({ path: store.path });
    expect(saved.check()).toMatchObject({ isSound: true });
  });

  it("finds a report that counts beside the calls that tell of it, which a salvage decides anew", () => {
    using store = storeChangedBy("UPDATE task SET is_covered = 0 WHERE report_rank > 0");
    expect(found(store)).toEqual(["task hook:1: what a hook reported counts, and model calls tell of it"]);
    store.close();
    salvageStore(store.path, { nowMillis: NOON });
    using saved = openStore({ path: store.path });
    expect(saved.check()).toMatchObject({ isSound: true });
    expect(saved.ledger.usage({})[0]?.tokens.undivided ?? 0).toBe(0);
  });

  it("finds a report that no longer counts although its calls are lost, and brings its tokens back", () => {
    using store = storeChangedBy("DELETE FROM model_call");
    expect(found(store)).toContain("task hook:1: what a hook reported does not count, and no model call tells of it");
    store.close();
    salvageStore(store.path, { nowMillis: NOON });
    using saved = openStore({ path: store.path });
    expect(saved.check()).toMatchObject({ isSound: true });
    expect(saved.ledger.usage({})[0]?.tokens.undivided).toBe(25_000);
  });

  it("brings its tokens back also in a session that began before the oldest day kept", () => {
    const early = session({ activity: [{ startMillis: NOON - 3 * DAY_MILLIS, endMillis: NOON - 3 * DAY_MILLIS + 1 }] });
    const before = { facts: [early, ...FACTS], watermarkDay: Math.floor(NOON / DAY_MILLIS) - 1 };
    using store = storeChangedBy("DELETE FROM model_call", before);
    store.close();
    salvageStore(store.path, { nowMillis: NOON });
    using saved = openStore({ path: store.path });
    expect(saved.check()).toMatchObject({ isSound: true });
    const sums = new Database(saved.path, { readonly: true });
    expect(sums.prepare("SELECT undivided_tokens FROM session").pluck().all()).toEqual([25_000]);
    expect(sums.prepare("SELECT undivided_tokens FROM task WHERE report_rank > 0").pluck().all()).toEqual([25_000]);
    sums.close();
  });

  it("finds a wrong total of a report also where older days are gone", () => {
    const sql = "UPDATE task SET undivided_tokens = 7 WHERE report_rank > 0";
    using store = storeChangedBy(sql, { watermarkDay: Math.floor(NOON / DAY_MILLIS) - 40 });
    expect(store.check().parts.flatMap(({ problems }) => problems)).toEqual([
      "task hook:1: undivided_tokens is 7, its calls say 0",
    ]);
  });
});
