import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { createRowUpdate } from "../../src/write/row-update.ts";

const COLUMNS = ["owner", "at", "result", "total"];

function open(): Database.Database {
  const database = new Database(":memory:");
  database.exec(`
    CREATE TABLE thing (id INTEGER PRIMARY KEY, owner INTEGER, at INTEGER, result TEXT, total INTEGER);
    CREATE INDEX thing_by_owner ON thing (owner);
    CREATE INDEX thing_open ON thing (at) WHERE result IS NULL;
    INSERT INTO thing VALUES (1, 7, 100, NULL, 0), (2, 7, 200, NULL, 0);
  `);
  return database;
}

describe("an update of a row", () => {
  it.each([
    ["only what lies in no index", [7, 100, null, 5]],
    ["the columns of one index", [7, 150, "success", 0]],
    ["the columns of another", [8, 100, null, 0]],
    ["everything, one to unknown", [9, null, "failure", 3]],
    ["nothing", [7, 100, null, 0]],
  ])("writes %s, and indexes follow", (_, values) => {
    using database = Object.assign(open(), { [Symbol.dispose]: () => database.close() });
    const update = createRowUpdate(database, "thing", COLUMNS, [["owner"], ["at", "result"]]);
    update.run(1, [7, 100, null, 0], values);
    expect(database.prepare("SELECT * FROM thing ORDER BY id").raw().all()).toEqual([
      [1, ...values],
      [2, 7, 200, null, 0],
    ]);
    expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  });

  it("does not touch the pages of an index whose columns keep their values", () => {
    using database = Object.assign(open(), { [Symbol.dispose]: () => database.close() });
    const update = createRowUpdate(database, "thing", COLUMNS, [["owner"], ["at", "result"]]);
    const named: string[] = [];
    const prepare = database.prepare.bind(database);
    database.prepare = ((sql: string) => {
      named.push(sql);
      return prepare(sql);
    }) as typeof database.prepare;
    update.run(1, [7, 100, null, 0], [7, 100, null, 5]);
    update.run(2, [7, 200, null, 0], [7, 200, null, 6]);
    update.run(1, [7, 100, null, 5], [7, 100, "success", 5]);
    expect(named).toEqual([
      "UPDATE thing SET total = ? WHERE id = ?",
      "UPDATE thing SET at = ?, result = ?, total = ? WHERE id = ?",
    ]);
  });
});
