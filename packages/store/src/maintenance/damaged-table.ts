/** Reads what can be read of a table in a damaged file. */
import type { Database } from "better-sqlite3";

/** A row as SQLite has it; integers as bigint, so that none is rounded. */
export type RawRow = unknown[];

/** A table to read. */
export interface DamagedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of the order in which rows lie: the row number, or the primary key. */
  readonly order: readonly string[];
  /** The first of them is a whole number, so that one can look beyond unreadable pages. */
  readonly isNumbered: boolean;
}

/** What became of a table. */
export interface ReadingResult {
  /** Stretches of the table that could not be read. */
  readonly gaps: number;
}

/** A gap is halved this often in search of readable pages inside it. */
const MAX_HALVINGS = 10;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Hands every readable row to `onRow`: from the start up to the first unreadable page, from the end down to the last
 * one, and from islands in between. A row may be handed over twice.
 */
export function readDamagedTable(database: Database, table: DamagedTable, onRow: (row: RawRow) => void): ReadingResult {
  const reader = createReader(database, table, onRow);
  const up = reader.upwards(MIN_INT64, MAX_INT64);
  if (up.isComplete) return { gaps: 0 };
  const down = reader.downwards(MAX_INT64, up.last ?? MIN_INT64);
  if (down.isComplete) return { gaps: 1 };
  if (!table.isNumbered) return { gaps: 1 };
  return { gaps: 1 + searchGap(reader, up.last ?? MIN_INT64, down.last ?? MAX_INT64, MAX_HALVINGS) };
}

/** How far a stretch was read: to its end, or to the last number before an unreadable page. */
interface Stretch {
  readonly isComplete: boolean;
  readonly last: bigint | undefined;
}

interface Reader {
  upwards(from: bigint, to: bigint): Stretch;
  downwards(from: bigint, to: bigint): Stretch;
}

/** Looks for readable islands strictly between two numbers; returns how many more gaps they make. */
function searchGap(reader: Reader, low: bigint, high: bigint, halvings: number): number {
  if (halvings === 0 || high - low < 2n) return 0;
  const middle = (low + high) / 2n;
  const up = reader.upwards(middle, high - 1n);
  const down = reader.downwards(middle, low + 1n);
  const isIsland = up.last !== undefined || down.last !== undefined;
  return (
    (isIsland ? 1 : 0) +
    (down.isComplete ? 0 : searchGap(reader, low, down.last ?? middle, halvings - 1)) +
    (up.isComplete ? 0 : searchGap(reader, up.last ?? middle, high, halvings - 1))
  );
}

/** Names come from our own schema, never from the damaged file. */
function createReader(database: Database, table: DamagedTable, onRow: (row: RawRow) => void): Reader {
  const [key = "rowid"] = table.order;
  const range = table.isNumbered ? `WHERE ${key} BETWEEN ? AND ?` : "";
  const select = (direction: "ASC" | "DESC") =>
    database
      .prepare<bigint[], RawRow>(
        `SELECT ${key}, ${table.columns.join(", ")} FROM ${table.name} NOT INDEXED ${range}
         ORDER BY ${table.order.map((column) => `${column} ${direction}`).join(", ")}`,
      )
      .raw()
      .safeIntegers();
  const read = (direction: "ASC" | "DESC", low: bigint, high: bigint): Stretch => {
    let last: bigint | undefined;
    try {
      for (const [place, ...row] of select(direction).iterate(...(table.isNumbered ? [low, high] : []))) {
        if (typeof place === "bigint") last = place;
        onRow(row);
      }
      return { isComplete: true, last };
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return { isComplete: false, last };
    }
  };
  return {
    upwards: (from, to) => read("ASC", from, to),
    downwards: (from, to) => read("DESC", to, from),
  };
}

/** Whether an error means that a page cannot be read. */
function isUnreadable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return false;
  return (
    code.startsWith("SQLITE_CORRUPT") ||
    code.startsWith("SQLITE_IOERR") ||
    code === "SQLITE_NOTADB" ||
    code === "SQLITE_ERROR"
  );
}
