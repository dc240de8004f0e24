/** Opening a store, and what every method does on a handle that cannot serve it. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, vi } from "vitest";
import { openStore, type Store, StoreError } from "../src/index.ts";
import { call, temporaryFolder, temporaryStore } from "./helpers.ts";

function errorOf(work: () => unknown): StoreError {
  try {
    work();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error("It did not throw.");
}

describe("opening", () => {
  it("creates folder and file for the user alone", () => {
    const folder = join(temporaryFolder(), "a", "b");
    const store = openStore({ path: join(folder, "metrics.db") });
    store.write({ facts: [call()] });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const suffix of ["", "-wal", "-shm"]) {
      expect(statSync(`${store.path}${suffix}`).mode & 0o777).toBe(0o600);
    }
    store.close();
  });

  it("keeps what is there when opened again", () => {
    const path = join(temporaryFolder(), "metrics.db");
    const first = openStore({ path });
    first.write({ facts: [call()] });
    first.close();
    const second = openStore({ path });
    expect(second.ledger.usage({})[0]?.calls).toBe(1);
    expect(second.write({ facts: [call()] })).toMatchObject({ inserted: 0, changed: 0 });
    second.close();
  });

  it("refuses a file that is no database and leaves it as it was", () => {
    const path = join(temporaryFolder(), "metrics.db");
    writeFileSync(path, "these are my notes, not a database; please keep them as they are\n".repeat(100));
    const before = readFileSync(path);
    const error = errorOf(() => openStore({ path }));
    expect(error.code).toBe("not_our_file");
    expect(error.message).toContain(path);
    expect(readFileSync(path)).toEqual(before);
  });

  it("takes no file for another program's while another process is making it", () => {
    const path = join(temporaryFolder(), "metrics.db");
    const begun = new Database(path);
    begun.pragma("journal_mode = WAL");
    begun.close();
    const { prepare } = Database.prototype;
    let isMade = false;
    const spy = vi.spyOn(Database.prototype, "prepare").mockImplementation(function (this: Database.Database, sql) {
      if (this.readonly && sql.includes("sqlite_schema")) {
        // Now the other one is done.
        spy.mockRestore();
        openStore({ path }).close();
        isMade = true;
      }
      return prepare.call(this, sql);
    });
    const store = openStore({ path, readOnly: true });
    expect(isMade).toBe(true);
    expect(store.ledger.usage({})).toEqual([]);
    store.close();
  });

  it("refuses the database of another program and leaves it as it was", () => {
    const path = join(temporaryFolder(), "metrics.db");
    const foreign = new Database(path);
    foreign.exec("CREATE TABLE recipes (name TEXT)");
    foreign.close();
    const before = readFileSync(path);
    expect(errorOf(() => openStore({ path })).code).toBe("not_our_file");
    expect(readFileSync(path)).toEqual(before);
  });

  it("refuses a file of a newer version that it would read wrong and leaves it as it was", () => {
    const path = join(temporaryFolder(), "metrics.db");
    openStore({ path }).close();
    const database = new Database(path);
    database.exec("UPDATE meta SET value = 999 WHERE key = 'readable_from'");
    database.pragma("user_version = 999");
    database.close();
    const before = readFileSync(path);
    const error = errorOf(() => openStore({ path }));
    expect(error.code).toBe("newer_version");
    expect(error.message).toContain("Upgrade moai-metrics");
    expect(readFileSync(path)).toEqual(before);
  });

  it("says which folder cannot be created", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const error = errorOf(() => openStore({ path: join(folder, "file", "metrics.db") }));
    expect(error.code).toBe("cannot_open");
    expect(error.message).toContain("--storage");
  });

  it("refuses a path that is a folder", () => {
    const path = join(temporaryFolder(), "metrics.db");
    mkdirSync(path);
    expect(errorOf(() => openStore({ path })).code).toBe("cannot_open");
  });

  it("for reading needs a file", () => {
    const path = join(temporaryFolder(), "metrics.db");
    expect(errorOf(() => openStore({ path, readOnly: true })).code).toBe("not_found");
  });

  it("for reading needs a file that has been prepared", () => {
    const path = join(temporaryFolder(), "metrics.db");
    new Database(path).close();
    writeFileSync(path, "");
    expect(errorOf(() => openStore({ path, readOnly: true })).code).toBe("not_found");
  });

  it("waits no longer than asked for a file that is in use", () => {
    const store = temporaryStore({ busyTimeoutMillis: 20 });
    const other = new Database(store.path);
    other.exec("BEGIN IMMEDIATE");
    expect(errorOf(() => store.write({ facts: [call()] })).code).toBe("busy");
    other.exec("COMMIT");
    other.close();
    expect(store.write({ facts: [call()] }).inserted).toBeGreaterThan(0);
  });

  it("says so when a damaged page is met", () => {
    const path = join(temporaryFolder(), "metrics.db");
    const first = openStore({ path });
    for (let i = 0; i < 2_000; i++)
      first.write({ facts: [call({ requestId: `r${i}`, responseId: `m${i}`, endedAtMillis: i * 900_000 })] });
    first.close();
    const bytes = readFileSync(path);
    bytes.fill(0xaa, 4096 * 2);
    writeFileSync(path, bytes);
    expect(errorOf(() => openStore({ path }).ledger.sessions({})).message).toContain(path);
  });
});

describe("a handle", () => {
  const uses: [string, (store: Store) => unknown][] = [
    ["write", (store) => store.write({ facts: [call()] })],
    ["writePoints", (store) => store.writePoints({ series: [] })],
    ["points", (store) => store.points("x")],
    ["closeSilentTasks", (store) => store.closeSilentTasks(0)],
    ["countSilentSessions", (store) => store.countSilentSessions(0)],
    ["transcripts", (store) => store.transcripts("x")],
    ["readingState", (store) => store.readingState("x")],
    ["skipped", (store) => store.skipped()],
    ["checkRollups", (store) => store.checkRollups()],
    ["usage", (store) => store.ledger.usage({})],
    ["sessions", (store) => store.ledger.sessions({})],
    ["tasks", (store) => store.ledger.tasks({})],
    ["tools", (store) => store.ledger.tools({})],
    ["sessionCounts", (store) => store.ledger.sessionCounts([], {})],
    ["span", (store) => store.ledger.span()],
  ];

  it.each(uses)("that is closed refuses %s", (_, use) => {
    const store = temporaryStore();
    store.close();
    store.close();
    expect(errorOf(() => use(store)).code).toBe("closed");
  });

  it.each(uses)("that is disposed refuses %s", (_, use) => {
    let escaped: Store;
    {
      using store = temporaryStore();
      escaped = store;
    }
    expect(errorOf(() => use(escaped)).code).toBe("closed");
  });

  it.each(uses)("for reading serves %s, or says that it only reads", (name, use) => {
    const writer = temporaryStore();
    writer.write({ facts: [call()] });
    const reader = openStore({ path: writer.path, readOnly: true });
    const isWrite = name === "write" || name === "writePoints";
    if (isWrite) expect(errorOf(() => use(reader)).code).toBe("read_only");
    else expect(() => use(reader)).not.toThrow();
    reader.close();
  });

  it("forgets what it remembered when another process has written", () => {
    const one = temporaryStore();
    const two = openStore({ path: one.path });
    one.write({ facts: [call()] });
    two.write({ facts: [call({ requestId: "r2", responseId: "m2" })] });
    one.write({ facts: [call({ requestId: "r3", responseId: "m3" })] });
    two.write({ facts: [call({ requestId: "r3", responseId: "m3", witness: "process" })] });
    expect(one.ledger.usage({})[0]?.calls).toBe(3);
    expect(one.checkRollups()).toEqual([]);
    two.close();
  });

  it("refuses to write when its file was deleted or replaced", () => {
    const store = temporaryStore();
    rmSync(store.path);
    expect(errorOf(() => store.write({ facts: [call()] })).code).toBe("not_found");
    const other = openStore({ path: store.path });
    expect(errorOf(() => store.write({ facts: [call()] })).code).toBe("not_found");
    expect(other.write({ facts: [call()] }).inserted).toBeGreaterThan(0);
    other.close();
  });

  it("keeps nothing of a batch that failed half-way", () => {
    const store = temporaryStore();
    const cursor = {
      path: {} as unknown as string,
      product: "claude-code",
      inode: 1,
      sizeBytes: 1,
      modifiedAtMillis: 1,
      offsetBytes: 1,
      state: "",
    };
    expect(() => store.write({ facts: [call()], cursors: [cursor] })).toThrow();
    expect(store.ledger.usage({})).toEqual([]);
    store.write({ facts: [call()] });
    expect(store.ledger.usage({})[0]?.calls).toBe(1);
    expect(store.checkRollups()).toEqual([]);
  });

  it("remembers cursors and what was skipped", () => {
    const store = temporaryStore();
    const cursor = {
      path: "/t.jsonl",
      product: "claude-code",
      inode: 7,
      sizeBytes: 10,
      modifiedAtMillis: 1.5,
      offsetBytes: 9,
      state: "{}",
    };
    store.write({
      facts: [],
      cursors: [cursor],
      skipped: [{ product: "claude-code", path: "/t.jsonl", reason: "unreadable", count: 2 }],
    });
    store.write({
      facts: [],
      cursors: [{ ...cursor, offsetBytes: 10 }],
      skipped: [{ product: "claude-code", path: "/t.jsonl", reason: "unreadable", count: 1 }],
    });
    const { state, ...mark } = cursor;
    expect(store.transcripts("claude-code").get("/t.jsonl")).toEqual({ ...mark, offsetBytes: 10 });
    expect(store.readingState("/t.jsonl")).toBe(state);
    expect(store.readingState("/other.jsonl")).toBeUndefined();
    expect(store.transcripts("codex").size).toBe(0);
    expect(store.skipped()).toEqual([{ product: "claude-code", reason: "unreadable", count: 3 }]);
    store.write({
      facts: [],
      restarted: ["/t.jsonl"],
      skipped: [{ product: "claude-code", path: "/t.jsonl", reason: "unreadable", count: 1 }],
    });
    expect(store.skipped()).toEqual([{ product: "claude-code", reason: "unreadable", count: 1 }]);
  });
});

describe("the check of the rollups", () => {
  it("finds a rollup that does not equal the ledger", () => {
    const store = temporaryStore();
    store.write({ facts: [call()] });
    expect(store.checkRollups()).toEqual([]);
    const tamperer = new Database(store.path);
    tamperer.exec("UPDATE model_call SET output = output - 1");
    tamperer.exec(`INSERT INTO rollup_sheet VALUES (5 * ${2 ** 30}, x'000000010e')`);
    tamperer.close();
    expect(store.checkRollups()).toMatchObject([
      { quarterHour: 5, column: "calls", rollup: 7, ledger: 0 },
      { column: "output", rollup: 345, ledger: 344 },
    ]);
  });
});
