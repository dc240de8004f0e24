/**
 * Updates rows and leaves indexes alone whose columns keep their values: SQLite would take an entry out and put it in
 * again for every column that is named, and each index has a page of its own for it.
 */
import type { Database, Statement } from "better-sqlite3";
import type { SqlValue } from "./bulk-insert.ts";

export interface RowUpdate {
  /** Writes a row. @param stored the values that the file holds, in the order of the columns. */
  run(id: number, stored: readonly SqlValue[], values: readonly SqlValue[]): void;
}

interface ColumnUpdate {
  readonly statement: Statement<SqlValue[]>;
  /** Which of the values it writes. */
  readonly places: readonly number[];
}

/**
 * @param columns all that may change.
 * @param indexed groups of them that lie in an index: a group whose values are the same is not named.
 */
export function createRowUpdate(
  database: Database,
  table: string,
  columns: readonly string[],
  indexed: readonly (readonly string[])[],
): RowUpdate {
  const groups = indexed.map((names) => names.map((name) => columns.indexOf(name)));
  /** By the groups that are named, as bits. */
  const updates = new Map<number, ColumnUpdate>();

  const prepare = (named: number): ColumnUpdate => {
    const left = new Set(groups.filter((_, group) => (named & (1 << group)) === 0).flat());
    const places = columns.map((_, place) => place).filter((place) => !left.has(place));
    const set = places.map((place) => `${columns[place]} = ?`).join(", ");
    const update = { statement: database.prepare<SqlValue[]>(`UPDATE ${table} SET ${set} WHERE id = ?`), places };
    updates.set(named, update);
    return update;
  };

  return {
    run(id, stored, values) {
      let named = 0;
      for (const [group, places] of groups.entries()) {
        if (places.some((place) => stored[place] !== values[place])) named |= 1 << group;
      }
      const { statement, places } = updates.get(named) ?? prepare(named);
      statement.run(...places.map((place) => values[place] ?? null), id);
    },
  };
}
