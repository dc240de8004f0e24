/** Lists every table and column that the file really has, each with what is known of it. */
import type { Database } from "better-sqlite3";
import { DESCRIBED_TABLES } from "./described-tables.ts";
import type { StoredTable } from "./types.ts";

/** Tables in order of their names. Views store nothing and are left out. */
export function readContents(database: Database): StoredTable[] {
  const names = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all();
  const columns = database.prepare<[string], string>("SELECT name FROM pragma_table_xinfo(?) ORDER BY cid").pluck();
  return names.map((name) => {
    const described = DESCRIBED_TABLES[name];
    return {
      name,
      holds: described?.holds,
      keeping: described?.keeping,
      fields: columns.all(name).map((column) => ({ name: column, holds: described?.fields[column] })),
    };
  });
}
