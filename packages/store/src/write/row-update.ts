/**
 * Updates rows and names only columns that may have changed. SQLite takes an entry of an index out and puts it in again for
 * every column that is named, and each index has a page of its own for it; and every value that is handed over takes time.
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
 * @param kept groups of them that mostly keep their values together, those of an index first of all: a group whose values
 * are the same is not named.
 */
export function createRowUpdate(
  database: Database,
  table: string,
  columns: readonly string[],
  kept: readonly (readonly string[])[],
): RowUpdate {
  const groups = kept.map((names) => names.map((name) => columns.indexOf(name)));
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
      for (let group = 0; group < groups.length; group++) {
        if (isChanged(groups[group] as readonly number[], stored, values)) named |= 1 << group;
      }
      const { statement, places } = updates.get(named) ?? prepare(named);
      const written: SqlValue[] = [];
      for (let i = 0; i < places.length; i++) written.push(values[places[i] as number] ?? null);
      written.push(id);
      statement.run(...written);
    },
  };
}

function isChanged(places: readonly number[], stored: readonly SqlValue[], values: readonly SqlValue[]): boolean {
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    if (stored[place] !== values[place]) return true;
  }
  return false;
}
