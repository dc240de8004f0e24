/** Tables of other programs' files, read without touching them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { openForeignTables } from "../../src/index.ts";
import { temporaryFolder } from "../helpers.ts";

function foreignFile(sql: string): string {
  const path = join(temporaryFolder(), "other.db");
  const database = new Database(path);
  database.exec(sql);
  database.close();
  return path;
}

function open(path: string) {
  const tables = openForeignTables(path);
  onTestFinished(() => tables.close());
  return tables;
}

describe("a file of another program", () => {
  it("gives all rows in pages, in the order they were written", () => {
    const path = foreignFile(`
      CREATE TABLE "odd ""name" (a INTEGER, b);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25)
      INSERT INTO "odd ""name" SELECT i, 'row ' || i FROM n;`);
    const tables = open(path);
    expect(tables.columns('odd "name')).toEqual(["a", "b"]);
    const pages = [...tables.pages('odd "name', ["b", "a"], 10)];
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat().map(({ a }) => a)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    expect(pages[0]?.[0]).toEqual({ b: "row 1", a: 1 });
  });

  it("keeps what a double cannot hold", () => {
    const path = foreignFile(
      `CREATE TABLE t (v); INSERT INTO t VALUES (9007199254740993), (-5), (0.5), (NULL), (x'01')`,
    );
    const values = [...open(path).pages("t", ["v"], 100)].flat().map(({ v }) => v);
    expect(values).toEqual([9007199254740993n, -5, 0.5, null, Buffer.from([1])]);
  });

  it("has no columns where it has no table", () => {
    expect(open(foreignFile("CREATE TABLE t (v)")).columns("nothing")).toEqual([]);
    expect([...open(foreignFile("CREATE TABLE t (v)")).pages("t", ["v"], 5)]).toEqual([]);
  });

  it("is byte for byte the same afterwards", () => {
    const path = foreignFile("CREATE TABLE t (v); INSERT INTO t VALUES (1)");
    const before = readFileSync(path);
    const tables = openForeignTables(path);
    expect([...tables.pages("t", ["v"], 5)]).toEqual([[{ v: 1 }]]);
    tables.close();
    expect(readFileSync(path)).toEqual(before);
  });

  it("can be written by its program while it is read, also in WAL mode", () => {
    const path = foreignFile("PRAGMA journal_mode = WAL; CREATE TABLE t (v); INSERT INTO t VALUES (1), (2)");
    const owner = new Database(path, { timeout: 0 });
    onTestFinished(() => {
      owner.close();
    });
    const seen: unknown[] = [];
    for (const [row] of open(path).pages("t", ["v"], 1)) {
      seen.push(row?.["v"]);
      if (seen.length === 1) owner.exec("INSERT INTO t VALUES (3)");
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it("that is missing, no database, damaged or busy says so and what to do", () => {
    const folder = temporaryFolder();
    expect(() => openForeignTables(join(folder, "none.db"))).toThrow(
      expect.objectContaining({ code: "not_found", message: expect.stringContaining("--path") }),
    );
    const text = join(folder, "text.db");
    writeFileSync(text, "This is a text and no database, and long enough for a header.".repeat(30));
    expect(() => openForeignTables(text)).toThrow(expect.objectContaining({ code: "not_our_file" }));
    expect(() => openForeignTables(folder)).toThrow(
      expect.objectContaining({ code: "cannot_open", message: expect.stringContaining(folder) }),
    );

    const damaged = foreignFile("CREATE TABLE t (v); INSERT INTO t VALUES (1)");
    const bytes = readFileSync(damaged);
    writeFileSync(damaged, bytes.fill(0xff, 4096));
    expect(() => [...open(damaged).pages("t", ["v"], 5)]).toThrow(expect.objectContaining({ code: "damaged" }));
  });
});
