/** Looks up the cells of a table. */
import type { Table } from "../render/table-model.ts";
import type { PageTable } from "./types.ts";

/** The columns that `keys` name, in that order; all of them without it. */
export function pageTable<Row>(table: Table<Row>, keys?: readonly string[]): PageTable {
  const columns =
    keys === undefined
      ? table.columns
      : keys.flatMap((key) => table.columns.find((column) => column.key === key) ?? []);
  return {
    columns: columns.map(({ key, title, kind, dropRank, minWidth }) => ({
      key,
      title: title ?? key,
      kind,
      dropRank,
      minWidth,
    })),
    rows: table.rows.map((row) => columns.map((column) => column.textValue?.(row) ?? column.value(row))),
  };
}
