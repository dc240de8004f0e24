/** Inserts many rows with few statements: most of the cost of a small row is the call itself, and handing over values. */
import type { Database, Statement } from "better-sqlite3";

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

/**
 * @param usual columns that hold the same in most rows. Where all of them do they are part of the statement: handing over
 * a value takes as long as writing three.
 */
export function createBulkInsert(
  database: Database,
  table: string,
  columns: readonly string[],
  usual: Readonly<Record<string, 0 | null>> = {},
): BulkInsert {
  const names = columns.join(", ");
  const places = columns.map((_, place) => place);
  const usualPlaces = places.filter((place) => usual[columns[place] as string] !== undefined);
  const usualValues = usualPlaces.map((place) => usual[columns[place] as string]);
  const queueOf = (row: string, handedOver: readonly number[]): Queue =>
    createQueue(database, `INSERT INTO ${table} (${names}) VALUES`, `(${row})`, handedOver);
  const usualRows = queueOf(
    columns.map((name) => (usual[name] === undefined ? "?" : String(usual[name]))).join(", "),
    places.filter((place) => !usualPlaces.includes(place)),
  );
  const otherRows = queueOf(columns.map(() => "?").join(", "), places);

  const isUsual = (values: readonly SqlValue[]): boolean => {
    for (let i = 0; i < usualPlaces.length; i++) if (values[usualPlaces[i] as number] !== usualValues[i]) return false;
    return true;
  };

  return {
    add(values) {
      if (isUsual(values)) usualRows.add(values);
      else otherRows.add(values);
    },
    flush() {
      usualRows.flush();
      otherRows.flush();
    },
    discard() {
      usualRows.discard();
      otherRows.discard();
    },
  };
}

type Queue = BulkInsert;

/** @param places of the values that are handed over. */
function createQueue(database: Database, insert: string, row: string, places: readonly number[]): Queue {
  const prepare = (rows: number): Statement<SqlValue[]> =>
    database.prepare(`${insert} ${Array.from({ length: rows }, () => row).join(", ")}`);
  let insertMany: Statement<SqlValue[]> | undefined;
  let insertOne: Statement<SqlValue[]> | undefined;
  /** As long as a statement takes, so that it never has to grow. */
  const queued = new Array<SqlValue>(ROWS_PER_STATEMENT * places.length).fill(null);
  let length = 0;

  return {
    add(values) {
      for (let i = 0; i < places.length; i++) queued[length++] = values[places[i] as number] as SqlValue;
      if (length < queued.length) return;
      insertMany ??= prepare(ROWS_PER_STATEMENT);
      insertMany.run(...queued);
      length = 0;
    },
    flush() {
      if (length === 0) return;
      insertOne ??= prepare(1);
      for (let i = 0; i < length; i += places.length) insertOne.run(...queued.slice(i, i + places.length));
      length = 0;
    },
    discard() {
      length = 0;
    },
  };
}
