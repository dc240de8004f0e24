/** Row numbers of new rows, given out before the rows are written, so that others can refer to them. */
import type { Database } from "better-sqlite3";

export interface RowNumbers {
  /** The next free number. Must be called inside a write transaction, whose end must find the row written. */
  next(): number;
  /** Another connection may have written, or ours was rolled back. */
  forget(): void;
}

export function createRowNumbers(database: Database, table: "session" | "task"): RowNumbers {
  const greatest = database.prepare<[], number | null>(`SELECT max(id) FROM ${table}`).pluck();
  let last: number | undefined;
  return {
    next() {
      last = (last ?? greatest.get() ?? 0) + 1;
      return last;
    },
    forget() {
      last = undefined;
    },
  };
}
