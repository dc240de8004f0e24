/** Damaged files: what can be read is saved, nothing of the damaged one is lost. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore, salvageStore } from "../../src/index.ts";
import { acquireMaintenanceLock } from "../../src/maintenance/lock.ts";
import { SCHEMA_VERSION } from "../../src/migrations/index.ts";
import { call, NOON, session, task, temporaryStore } from "../helpers.ts";
import { fileOfVersion1 } from "../migrations/fixture.ts";
import { cutOff, leavesOf, overwrite, ruinPage } from "./damage.ts";

const SESSIONS = 40;
const CALLS = 50;

function facts(): Fact[] {
  return Array.from({ length: SESSIONS }, (_, s) => {
    const names = { sessionId: `s${s}`, taskId: `t${s}` };
    const at = NOON - s * DAY_MILLIS;
    return [
      session({ ...names, activity: [{ startMillis: at, endMillis: at + 60_000 }] }),
      task({ ...names, agent: `agent ${s}`, startedAtMillis: at, lastSeenAtMillis: at + 50_000 }),
      ...Array.from({ length: CALLS }, (_, c) =>
        call({ ...names, requestId: `r${s}-${c}`, responseId: `m${s}-${c}`, endedAtMillis: at + c * 1_000 }),
      ),
    ];
  }).flat();
}

/** A closed file with a few dozen pages of calls. */
function makeFile(): string {
  const store = temporaryStore();
  const cursor = { product: "claude-code", inode: 1, sizeBytes: 9, modifiedAtMillis: 1, offsetBytes: 9, state: "{}" };
  store.write({ facts: facts(), cursors: [{ ...cursor, path: "/t.jsonl" }] });
  store.close();
  return store.path;
}

/** One task over six days with a call each; the ledger has kept the last three of them. */
async function fileWithDeletedDays(): Promise<string> {
  const store = temporaryStore({ settings: { retention: { ledgerDays: 2 }, reserve: { bytes: 0 } } });
  const names = { sessionId: "s", taskId: "t" };
  store.write({
    facts: [0, 1, 2, 3, 4, 5].map((day) =>
      call({ ...names, requestId: `r${day}`, responseId: `m${day}`, endedAtMillis: NOON + day * DAY_MILLIS }),
    ),
  });
  await store.maintain({ nowMillis: NOON + 5 * DAY_MILLIS });
  await store.maintain({ nowMillis: NOON + 6 * DAY_MILLIS });
  store.close();
  return store.path;
}

function execSql(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

function figuresOf(path: string) {
  using store = openStore({ path });
  expect(store.check()).toMatchObject({ isSound: true });
  return {
    calls: store.ledger.usage({})[0]?.calls,
    task: store.query.getTasks({}).rows[0]?.calls,
    session: store.query.getSessions({}).rows[0]?.calls,
    kept: store.query.getModelCalls({}).rows.length,
  };
}

/** Salvages, and proves that the new file is sound and complete again when the facts are told again. */
function salvageAndProve(path: string) {
  const before = readFileSync(path);
  const outcome = salvageStore(path, { nowMillis: NOON });
  expect(readFileSync(outcome.movedTo)).toEqual(before);
  const store = openStore({ path });
  expect(store.check()).toMatchObject({ isSound: true });
  const calls = store.ledger.usage({})[0]?.calls ?? 0;
  // Otherwise the next import would not read it again.
  expect(store.transcripts("claude-code").size).toBe(0);
  store.write({ facts: facts() });
  expect(store.ledger.usage({})[0]?.calls).toBe(SESSIONS * CALLS);
  expect(store.ledger.sessions({})).toHaveLength(SESSIONS);
  expect(store.ledger.tasks({}).map(({ agent }) => agent)).toContain("agent 7");
  expect(store.check()).toMatchObject({ isSound: true });
  store.close();
  return { outcome, calls, table: (name: string) => outcome.tables.find(({ table }) => table === name) };
}

describe("a damaged file", () => {
  it("that is whole loses nothing", () => {
    const { calls, outcome } = salvageAndProve(makeFile());
    expect(calls).toBe(SESSIONS * CALLS);
    expect(outcome.tables.every(({ gaps, rejected, lost }) => gaps === 0 && rejected === 0 && lost === 0)).toBe(true);
  });

  it("with unreadable pages in the middle loses the rows on them", () => {
    const path = makeFile();
    const leaves = leavesOf(path, "model_call");
    expect(leaves.length).toBeGreaterThan(10);
    for (const place of [3, 4, 8]) ruinPage(path, leaves[place] ?? 0);
    const { calls, table } = salvageAndProve(path);
    const perLeaf = (SESSIONS * CALLS) / leaves.length;
    expect(calls).toBeGreaterThan(SESSIONS * CALLS - 6 * perLeaf);
    expect(calls).toBeLessThan(SESSIONS * CALLS);
    expect(table("model_call")?.gaps).toBe(2);
    expect(table("task")).toMatchObject({ recovered: SESSIONS, gaps: 0 });
  });

  it("whose sessions or names are lost keeps nothing that refers to them", () => {
    for (const name of ["session", "string", "task"]) {
      const path = makeFile();
      ruinPage(path, leavesOf(path, name)[0] ?? 0);
      const { table } = salvageAndProve(path);
      expect(table(name)?.gaps).toBeGreaterThan(0);
    }
  });

  it("whose names are lost does not tell rows as saved that went with them", () => {
    const path = makeFile();
    ruinPage(path, leavesOf(path, "string")[0] ?? 0);
    const { tables } = salvageStore(path, { nowMillis: NOON });
    const told = tables.filter(({ table }) => ["session", "task", "model_call"].includes(table));
    expect(told).toEqual([
      { table: "model_call", recovered: 0, rejected: SESSIONS * CALLS, gaps: 0, lost: 0 },
      { table: "session", recovered: 0, rejected: SESSIONS, gaps: 0, lost: 0 },
      { table: "task", recovered: 0, rejected: SESSIONS, gaps: 0, lost: 0 },
    ]);
    using store = openStore({ path });
    expect(store.ledger.sessions({})).toEqual([]);
  });

  it("that was cut off keeps what came before", () => {
    const path = makeFile();
    cutOff(path, 0.7);
    const { outcome } = salvageAndProve(path);
    expect(outcome.isReadable).toBe(true);
  });

  it("that was cleaned up before it was cut off keeps what came before, too", async () => {
    const path = makeFile();
    const store = openStore({ path });
    await store.maintain({ nowMillis: NOON });
    store.close();
    cutOff(path, 0.7);
    const { outcome, calls } = salvageAndProve(path);
    expect(outcome.isReadable).toBe(true);
    expect(calls).toBeGreaterThan(0);
  });

  it("whose header is gone is read with a new one", () => {
    const path = makeFile();
    overwrite(path, 0, Buffer.alloc(100));
    expect(() => openStore({ path })).toThrow(expect.objectContaining({ code: "not_our_file" }));
    const { calls } = salvageAndProve(path);
    expect(calls).toBe(SESSIONS * CALLS);
  });

  it("of which nothing can be read is replaced by an empty one", () => {
    const path = makeFile();
    overwrite(path, 0, Buffer.alloc(4096));
    const { outcome, calls } = salvageAndProve(path);
    expect(outcome).toMatchObject({ isReadable: false, tables: [] });
    expect(calls).toBe(0);
  });

  it("with garbage for a log is read without it", () => {
    const path = makeFile();
    writeFileSync(`${path}-wal`, Buffer.alloc(50_000, 0x5a));
    const { outcome, calls } = salvageAndProve(path);
    expect(calls).toBe(SESSIONS * CALLS);
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(statSync(`${outcome.movedTo}-wal`).size).toBe(50_000);
  });

  it("whose old days are only in damaged rollups still agrees with itself", async () => {
    const store = temporaryStore({ settings: { retention: { ledgerDays: 5 } } });
    store.write({ facts: facts() });
    await store.maintain({ nowMillis: NOON });
    await store.maintain({ nowMillis: NOON + DAY_MILLIS });
    expect(store.ledger.sessions({}).length).toBeLessThan(10);
    store.close();
    const leaves = leavesOf(store.path, "rollup_column");
    expect(leaves.length).toBeGreaterThan(6);
    for (const place of [1, 3, 4]) ruinPage(store.path, leaves[place] ?? 0);
    const outcome = salvageStore(store.path, { nowMillis: NOON });
    expect(outcome.tables.find(({ table }) => table === "rollup_column")?.gaps).toBeGreaterThan(0);
    const saved = openStore({ path: store.path });
    expect(saved.check()).toMatchObject({ isSound: true });
    expect(saved.ledger.usage({})[0]?.calls).toBeGreaterThan(5 * CALLS);
    saved.close();
  });

  it("keeps the totals of a task and a session whose first calls were deleted for their age", async () => {
    const path = await fileWithDeletedDays();
    const before = figuresOf(path);
    expect(before).toMatchObject({ calls: 6, task: 6, session: 6, kept: 3 });
    salvageStore(path, { nowMillis: NOON });
    expect(figuresOf(path)).toEqual(before);
  });

  it.each(["row", "page"])("that lost the %s of the watermark keeps the days that only rollups know", async (lost) => {
    const path = await fileWithDeletedDays();
    const before = figuresOf(path);
    if (lost === "page") ruinPage(path, leavesOf(path, "meta")[0] ?? 0);
    else execSql(path, "DELETE FROM meta WHERE key = 'watermark_day'");
    salvageStore(path, { nowMillis: NOON });
    expect(figuresOf(path)).toEqual(before);
  });

  it("that lost all its facts, and never deleted any for their age, takes them in again once", async () => {
    const path = makeFile();
    const store = openStore({ path });
    store.foldRollups(NOON + 9 * DAY_MILLIS);
    store.close();
    ruinPage(path, leavesOf(path, "task")[0] ?? 0);
    expect(salvageAndProve(path).calls).toBe(0);
  });

  it("of an older version comes back in the current one", () => {
    const path = fileOfVersion1();
    const leaves = leavesOf(path, "model_call");
    ruinPage(path, leaves[1] ?? 0);
    salvageStore(path, { nowMillis: NOON });
    const store = openStore({ path });
    expect(store.check()).toMatchObject({ isSound: true });
    expect(store.ledger.usage({})[0]?.calls).toBeGreaterThan(50);
    store.close();
  });
});

describe("a salvage", () => {
  it("never overwrites an earlier one, and needs a file", () => {
    const path = makeFile();
    const first = salvageStore(path, { nowMillis: NOON });
    const second = salvageStore(path, { nowMillis: NOON });
    expect(second.movedTo).toBe(`${first.movedTo}-2`);
    expect(() => salvageStore(`${path}.not`, { nowMillis: NOON })).toThrow(
      expect.objectContaining({ code: "not_found" }),
    );
  });

  it("leaves alone what is whole: a newer store, the file of another program, a folder", () => {
    const refused = (path: string, code: string, message: RegExp): void => {
      expect(() => salvageStore(path, { nowMillis: NOON })).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
      expect(readdirSync(dirname(path)).filter((name) => name.includes("damaged"))).toEqual([]);
    };
    const newer = makeFile();
    execSql(newer, `PRAGMA user_version = ${SCHEMA_VERSION + 3}`);
    refused(newer, "newer_version", /newer moai-metrics .* Nothing was changed\. Upgrade moai-metrics/);
    const foreign = join(dirname(makeFile()), "cookies.db");
    execSql(foreign, "CREATE TABLE cookies (name)");
    refused(foreign, "not_our_file", /of another program\. Nothing was changed/);
    refused(dirname(newer), "cannot_open", /is not a file\. Nothing was changed/);
  });

  it("does not believe a version that only damage can have written", () => {
    const path = makeFile();
    execSql(path, "PRAGMA user_version = 1090519040");
    expect(salvageAndProve(path).calls).toBe(SESSIONS * CALLS);
  });

  it("waits for its turn", () => {
    const path = makeFile();
    const lock = acquireMaintenanceLock(path);
    expect(() => salvageStore(path, { nowMillis: NOON })).toThrow(expect.objectContaining({ code: "busy" }));
    lock?.release();
  });

  it("is what the message of a damaged file asks for", () => {
    const path = makeFile();
    const root = leavesOf(path, "meta")[0] ?? 0;
    ruinPage(path, root);
    expect(() => openStore({ path }).write({ facts: [call()] })).toThrow(/damaged\. Run "moai-metrics db salvage"/);
  });
});

describe("the check of a file", () => {
  it("names the page, the checksum, the total or the rollup that does not hold", () => {
    const path = makeFile();
    ruinPage(path, leavesOf(path, "model_call")[5] ?? 0);
    const store = openStore({ path });
    const { isSound, parts } = store.check();
    expect(isSound).toBe(false);
    expect(parts.find(({ name }) => name === "pages")?.problems.join()).toMatch(/page|Tree|malformed/);
    store.close();
  });

  it("finds a bit that flipped inside compressed points", () => {
    const store = temporaryStore();
    store.close();
    const database = new Database(store.path);
    database.exec("INSERT INTO series_chunk VALUES (1, 20000, 0, 1, 5, 1, 77, x'0102')");
    database.close();
    const opened = openStore({ path: store.path });
    expect(opened.check().parts.find(({ name }) => name === "points")?.problems).toHaveLength(1);
    opened.close();
  });
});
