/** A bare SQLite table: what the disk and SQLite take for rows of the shape and size of a model call. */
import Database from "better-sqlite3";
import { createRandom } from "./random.ts";

export interface BareTable {
  /** Inserts rows in one durable transaction, behind the last one or at random row numbers. */
  write(rows: number, isShuffled: boolean): void;
  close(): void;
}

/** About the values of a call: they decide how many bytes a row takes. Together about 45 bytes with the header. */
const VALUES = [9_000_000, 70_000_000, 12, 40_000, 900_000, 700_000, 6_000, null, 9, 42_000, 1_500, 0, 320, 0, null];
const MAX_ROW_NUMBER = 2 ** 40;

/** @param path of a file that does not exist yet. */
export function openBareTable(path: string): BareTable {
  const database = new Database(path);
  database.pragma("page_size = 4096");
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("wal_autocheckpoint = 4000");
  database.pragma("cache_size = -8000");
  const columns = VALUES.map((_, i) => `value_${i}`);
  database.exec(`CREATE TABLE bare (id INTEGER PRIMARY KEY, ${columns.map((name) => `${name} INTEGER`).join(", ")})`);
  const insert = database.prepare<(number | null)[]>(
    `INSERT OR IGNORE INTO bare VALUES (?, ${columns.map(() => "?").join(", ")})`,
  );
  const random = createRandom(1);
  let last = 0;
  const insertRows = database.transaction((rows: number, isShuffled: boolean) => {
    for (let i = 0; i < rows; i++) {
      last += 1;
      insert.run(isShuffled ? random.below(MAX_ROW_NUMBER) : last, ...VALUES);
    }
  });
  return {
    write: (rows, isShuffled) => insertRows.immediate(rows, isShuffled),
    close: () => database.close(),
  };
}
