/** Inserts many rows with few statements: most of the cost of a small row is the call itself. */
import type { Database } from "better-sqlite3";

export interface BulkInsert {
  /** Queues a row whose key is known to be free; the values in the order of the columns. */
  add(values: readonly SqlValue[]): void;
  /** Writes what is queued. Must be called before anything reads the table. */
  flush(): void;
  /** Drops what is queued. */
  discard(): void;
}

/** What a column of the ledger holds. */
export type SqlValue = number | string | null;

const ROWS_PER_STATEMENT = 16;

export function createBulkInsert(database: Database, table: string, columns: readonly string[]): BulkInsert {
  const row = `(${columns.map(() => "?").join(", ")})`;
  const insertOf = (rows: number) =>
    database.prepare<[readonly SqlValue[]]>(
      `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${Array.from({ length: rows }, () => row).join(", ")}`,
    );
  const insertMany = insertOf(ROWS_PER_STATEMENT);
  const insertOne = insertOf(1);
  /** As long as a statement takes, so that it never has to grow. */
  const queued = new Array<SqlValue>(ROWS_PER_STATEMENT * columns.length).fill(null);
  let length = 0;

  return {
    add(values) {
      for (const value of values) queued[length++] = value;
      if (length < queued.length) return;
      insertMany.run(queued);
      length = 0;
    },
    flush() {
      for (let i = 0; i < length; i += columns.length) insertOne.run(queued.slice(i, i + columns.length));
      length = 0;
    },
    discard() {
      length = 0;
    },
  };
}
