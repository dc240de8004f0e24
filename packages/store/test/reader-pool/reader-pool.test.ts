/** Real threads on real files. A question is made slow by a view that counts before it answers. */
import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createReaderPool,
  openStore,
  type ReaderPool,
  type ReaderPoolOptions,
  type StoreError,
} from "../../src/index.ts";
import { call, NOON, session, temporaryFolder, tool } from "../helpers.ts";

function newFile(): string {
  const path = join(temporaryFolder(), "metrics.db");
  const store = openStore({ path });
  store.write({ facts: [session(), call(), tool()] });
  store.close();
  return path;
}

/** From now on `ledger.tools` takes this many steps of SQLite per row, and nothing can interrupt it. */
function slowDown(path: string, steps: number): void {
  const database = new Database(path);
  database.exec(`
    ALTER TABLE tool_call RENAME TO quick_tool_call;
    CREATE VIEW tool_call AS SELECT quick_tool_call.* FROM quick_tool_call, (
      WITH RECURSIVE counter (step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM counter WHERE step < ${steps})
      SELECT count(*) AS steps FROM counter
    ) WHERE steps > 0`);
  database.close();
}

function newPool(options: Partial<ReaderPoolOptions> & { path: string }): ReaderPool {
  const pool = createReaderPool(options);
  onTestFinished(() => pool.close());
  return pool;
}

const tools = (pool: ReaderPool, signal?: AbortSignal) =>
  pool.ask({ target: "ledger", method: "tools", parameters: [{}] }, { signal });
const span = (pool: ReaderPool, signal?: AbortSignal) =>
  pool.ask({ target: "ledger", method: "span", parameters: [] }, { signal });
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "answered",
    (error: StoreError) => error.code,
  );
/** A question that takes some hundred milliseconds, and one that takes a second or more. */
const SLOW = 1_000_000;
const ENDLESS = 10_000_000;

describe("a pool of readers", () => {
  it("answers as the store itself does", async () => {
    const path = newFile();
    const pool = newPool({ path });
    using store = openStore({ path, readOnly: true });
    const range = { startMillis: NOON, endMillis: NOON + 3_600_000 };
    const [sessions, usage, nothing, page] = await Promise.all([
      pool.ask({ target: "ledger", method: "sessions", parameters: [{ range }] }),
      pool.ask({ target: "ledger", method: "usage", parameters: [{ by: ["model"] }] }),
      pool.ask({ target: "ledger", method: "tools", parameters: [{ products: ["other"] }] }),
      pool.ask({ target: "query", method: "getModelCalls", parameters: [{ limit: 5 }] }),
    ]);
    expect(sessions).toEqual(store.ledger.sessions({ range }));
    expect(usage).toEqual(store.ledger.usage({ by: ["model"] }));
    expect(nothing).toEqual([]);
    expect(page).toEqual(store.query.getModelCalls({ limit: 5 }));
    expect(page.rows).toHaveLength(1);
    expect(pool.counters()).toMatchObject({ answered: 4, failed: 0, waiting: 0, running: 0 });
  });

  it("brings errors back as what they were", async () => {
    const path = join(temporaryFolder(), "metrics.db");
    const pool = newPool({ path });
    await expect(span(pool)).rejects.toMatchObject({ name: "StoreError", code: "not_found" });
    openStore({ path }).close();
    expect(await span(pool)).toBeUndefined();
    await expect(
      pool.ask({ target: "ledger", method: "usage", parameters: [{ sessionIds: ["s"] }] }),
    ).rejects.toBeInstanceOf(RangeError);
    await expect(pool.ask({ target: "ledger", method: "constructor" as "span", parameters: [] })).rejects.toThrow(
      'no question "ledger.constructor"',
    );
    await expect(pool.ask({ target: "write" as "ledger", method: "span", parameters: [] })).rejects.toThrow(TypeError);
    await expect(
      pool.ask({ target: "ledger", method: "tools", parameters: [{ products: [(() => {}) as never] }] }),
    ).rejects.toThrow(/could not be cloned/);
    expect(await span(pool)).toBeUndefined();
    expect(pool.counters()).toMatchObject({ failed: 5, answered: 2 });
  });

  it("answers from a file that took the place of another", async () => {
    const path = newFile();
    const other = newFile();
    using store = openStore({ path: other });
    store.write({
      facts: [call({ requestId: "r2", responseId: "m2", sessionId: "s2", endedAtMillis: NOON + 9_000_000 })],
    });
    store.close();
    const pool = newPool({ path, maxReaders: 1 });
    const before = await span(pool);
    renameSync(other, path);
    expect(await span(pool)).not.toEqual(before);
  });

  it("leaves the caller's thread free while SQLite works", async () => {
    const path = newFile();
    slowDown(path, SLOW);
    const pool = newPool({ path, maxReaders: 1 });
    await span(pool);
    let turns = 0;
    const answer = tools(pool);
    const turning = setInterval(() => (turns += 1), 1);
    expect(await answer).toHaveLength(1);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(10);
    // The same question on this thread lets nothing else turn.
    turns = 0;
    const blocked = setInterval(() => (turns += 1), 1);
    using store = openStore({ path, readOnly: true });
    store.ledger.tools({});
    clearInterval(blocked);
    expect(turns).toBe(0);
  });

  it("reads with as many threads as allowed, lets the rest wait, and refuses what is too much", async () => {
    const path = newFile();
    slowDown(path, SLOW);
    const pool = newPool({ path, maxReaders: 2, maxQueued: 3 });
    const asked = Array.from({ length: 7 }, () => codeOf(tools(pool)));
    expect(pool.counters()).toMatchObject({ waiting: 5, refused: 2 });
    while (pool.counters().running < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pool.counters().waiting).toBeGreaterThan(0);
    expect((await Promise.all(asked)).toSorted()).toEqual([...Array(5).fill("answered"), "busy", "busy"]);
    expect(pool.counters()).toMatchObject({ running: 0, waiting: 0, answered: 5 });
  });

  it("takes questions back: waiting ones are never read, running ones are abandoned and their reader goes on", async () => {
    const path = newFile();
    slowDown(path, SLOW);
    const pool = newPool({ path, maxReaders: 1 });
    await span(pool);
    const abort = new AbortController();
    const reason = new Error("the user went away");
    const running = tools(pool, abort.signal);
    const waiting = span(pool, abort.signal);
    const patient = span(pool);
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(span(pool, abort.signal)).rejects.toBe(reason);
    expect(pool.counters()).toMatchObject({ cancelled: 2, abandoned: 1, running: 1 });
    expect(await patient).toBeDefined();
    expect(pool.counters()).toMatchObject({ retiring: 0, expired: 0, running: 0, answered: 2 });
  });

  it("replaces a reader whose lease has ended, and goes on with others", async () => {
    const path = newFile();
    slowDown(path, ENDLESS);
    const pool = newPool({ path, maxReaders: 1, leaseMillis: 200 });
    await span(pool);
    expect(await codeOf(tools(pool))).toBe("too_slow");
    expect(pool.counters()).toMatchObject({ expired: 1, retiring: 1, running: 0 });
    expect(await span(pool)).toBeDefined();
    // One more may linger; then questions wait until SQLite has let go of a reader.
    expect(await codeOf(tools(pool))).toBe("too_slow");
    expect(pool.counters().retiring).toBe(2);
    const patient = span(pool);
    expect(pool.counters()).toMatchObject({ waiting: 1, running: 0 });
    expect(await patient).toBeDefined();
    expect(pool.counters().retiring).toBeLessThan(2);
  });

  it("never holds back the writer's log: not between questions, and not when a lease has ended and SQLite returned", async () => {
    const path = newFile();
    const pool = newPool({ path, maxReaders: 1, leaseMillis: 100 });
    await span(pool);
    const database = new Database(path, { timeout: 0 });
    onTestFinished(() => void database.close());
    const truncate = () => (database.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[])[0]?.busy;
    const write = (rounds: number) => {
      const insert = database.prepare("INSERT INTO meta (key, value) VALUES (?, randomblob(4000))");
      for (let i = 0; i < rounds; i++) insert.run(crypto.randomUUID());
    };
    write(50);
    expect(truncate()).toBe(0);
    slowDown(path, ENDLESS / 4);
    expect(truncate()).toBe(0);
    const expired = codeOf(tools(pool));
    expect(await expired).toBe("too_slow");
    // SQLite still works for the reader that is gone: its state of the file is held, and the log grows.
    expect(pool.counters().retiring).toBe(1);
    write(50);
    expect(truncate()).toBe(1);
    while (pool.counters().retiring > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(truncate()).toBe(0);
    expect(statSync(`${path}-wal`).size).toBe(0);
  });

  it("closes: what waits is refused, what is read comes to its end", async () => {
    const path = newFile();
    slowDown(path, SLOW);
    const pool = createReaderPool({ path, maxReaders: 1 });
    await span(pool);
    const running = tools(pool);
    const waiting = codeOf(span(pool));
    const closed = pool.close();
    expect(pool.close()).toBe(closed);
    expect(await waiting).toBe("closed");
    expect(await running).toHaveLength(1);
    await closed;
    expect(await codeOf(span(pool))).toBe("closed");
    expect(pool.counters()).toMatchObject({ running: 0, waiting: 0, retiring: 0 });
    await createReaderPool({ path }).close();
  });

  it("says early which option makes no sense", () => {
    expect(() => createReaderPool({ path: "x", maxReaders: 0 })).toThrow(/maxReaders is 0; give a whole number/);
    expect(() => createReaderPool({ path: "x", leaseMillis: 2 ** 31 })).toThrow(/leaseMillis/);
    expect(() => createReaderPool({ path: "x", maxQueued: 1.5 })).toThrow(/maxQueued/);
  });
});
