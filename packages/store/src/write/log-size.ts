/** How large the write-ahead log grows before its pages are copied into the file. */
import type { Database } from "better-sqlite3";

/** The log of a connection that writes. */
export interface LogSize {
  /** To be called before a transaction: `rows` is how many things it will write. */
  prepareFor(rows: number): void;
}

/** So many at once are an import or a catching up: the next ones change the same pages of the indexes again. */
const MANY_ROWS = 1_000;

const FEW_ROWS_PAGES = 4_000;
/** A page that changes in many transactions is copied once for all of those that the log holds. */
const MANY_ROWS_PAGES = 16_000;

const PAGE_BYTES = 4_096;

/** Sets the log up for a connection that writes little. */
export function limitLog(database: Database, pages = FEW_ROWS_PAGES): void {
  database.pragma(`wal_autocheckpoint = ${pages}`);
  database.pragma(`journal_size_limit = ${pages * PAGE_BYTES}`);
}

/** Gives the log more room while much is written. */
export function createLogSize(database: Database): LogSize {
  let current: number | undefined;
  return {
    prepareFor(rows) {
      const pages = rows < MANY_ROWS ? FEW_ROWS_PAGES : MANY_ROWS_PAGES;
      if (pages === current) return;
      limitLog(database, pages);
      current = pages;
    },
  };
}
