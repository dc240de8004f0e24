/** Reads tables of other programs' SQLite files, for importers. Never writes, never holds a lock for long. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "../errors.ts";

/** A value as it lies in the file. Integers that a double cannot hold come as bigint. */
type ForeignValue = string | number | bigint | Buffer | null;

/** A row, by the names of the columns that were asked for. */
export type ForeignRow = Readonly<Record<string, ForeignValue>>;

/** A file of another program, open for reading. */
export interface ForeignTables {
  /** Absolute path. */
  readonly path: string;
  /** The columns of a table in their order; empty when there is no such table. */
  columns(table: string): string[];
  /**
   * The rows of an ordinary table in the order they were written, page by page. No lock is held between two pages, so
   * the program that owns the file is not kept waiting; rows that it adds meanwhile are read as well.
   * @throws StoreError `busy`, `damaged` or `cannot_open`.
   */
  pages(table: string, columns: readonly string[], rowsPerPage: number): Generator<ForeignRow[], void, void>;
  close(): void;
}

const BUSY_TIMEOUT_MILLIS = 5_000;

/**
 * Opens another program's SQLite file for reading only.
 *
 * @throws StoreError `not_found`, `not_our_file`, `busy`, `damaged` or `cannot_open`, with a message that says what to do.
 */
export function openForeignTables(path: string): ForeignTables {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new StoreError("not_found", `There is no file ${absolute}. Name the file with --path.`);
  }
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toForeignError(error, absolute);
    }
  };
  const database = guarded(() => {
    const opened = new Database(absolute, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MILLIS });
    opened.pragma("query_only = ON");
    // Opening is lazy: this is what touches the file.
    opened.prepare("SELECT count(*) FROM sqlite_schema").get();
    return opened.defaultSafeIntegers(true);
  });

  return {
    path: absolute,
    columns: (table) =>
      guarded(() => database.prepare<[string], string>("SELECT name FROM pragma_table_info(?)").pluck().all(table)),
    *pages(table, columns, rowsPerPage) {
      const select = guarded(() =>
        database
          .prepare<[bigint, number], [rowId: bigint, ...ForeignValue[]]>(
            `SELECT rowid, ${columns.map(quoted).join(", ")} FROM ${quoted(table)} WHERE rowid > ? ORDER BY rowid LIMIT ?`,
          )
          .raw(),
      );
      let last = -(2n ** 63n);
      for (;;) {
        const rows = guarded(() => select.all(last, rowsPerPage));
        const end = rows.at(-1);
        if (end === undefined) return;
        last = end[0];
        yield rows.map(([, ...values]) => rowOf(columns, values));
        if (rows.length < rowsPerPage) return;
      }
    },
    close: () => {
      database.close();
    },
  };
}

/** Names cannot be bound; a quoted name is never anything but a name. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function rowOf(columns: readonly string[], values: readonly ForeignValue[]): ForeignRow {
  return Object.fromEntries(columns.map((column, i) => [column, plainValue(values[i] ?? null)]));
}

function plainValue(value: ForeignValue): ForeignValue {
  if (typeof value !== "bigint") return value;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function toForeignError(error: unknown, path: string): unknown {
  const code = error instanceof Database.SqliteError ? error.code : undefined;
  if (code === undefined) return error;
  const options = { cause: error };
  if (code === "SQLITE_NOTADB") {
    return new StoreError("not_our_file", `${path} is not an SQLite database. Name another file.`, options);
  }
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new StoreError("busy", `${path} is being written by another program. Try again in a moment.`, options);
  }
  if (code.startsWith("SQLITE_CORRUPT")) {
    return new StoreError(
      "damaged",
      `${path} is damaged. What sqlite3's .recover command can still read of it can be imported from a copy.`,
      options,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(
    "cannot_open",
    `Cannot read ${path}: ${reason} (${code}). Check that you may read the file; if its program died while writing, ` +
      "open it once with that program, so that it can clean up.",
    options,
  );
}
