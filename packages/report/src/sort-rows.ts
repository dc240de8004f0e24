/** Sorting rows by any column of their table. */
import { compareNames } from "./fields.ts";
import type { CellValue, Table } from "./render/table-model.ts";

/** Which way to sort. */
export type SortOrder = "asc" | "desc";

/** What `--sort` may name: the key of a column, or a short word for one. */
const ALIASES: Readonly<Record<string, string>> = {
  cost: "totalCost",
  tokens: "totalTokens",
  total: "totalTokens",
  input: "inputTokens",
  output: "outputTokens",
  tasks: "tasksCompleted",
  success: "successRate",
  tools: "toolCalls",
  started: "startedAt",
};

/**
 * Sorts the rows of a table by a column; rows without a value come last in either order. Equal rows keep theirs.
 *
 * @returns undefined when the table has no such column.
 */
export function sortTable<Row>(table: Table<Row>, by: string, order: SortOrder): Table<Row> | undefined {
  const column = table.columns.find(({ key }) => key === by) ?? table.columns.find(({ key }) => key === ALIASES[by]);
  if (column === undefined) return undefined;
  const direction = order === "asc" ? 1 : -1;
  const rows = table.rows.toSorted((a, b) => compareCells(column.value(a), column.value(b), direction));
  return { ...table, rows };
}

function compareCells(a: CellValue, b: CellValue, direction: 1 | -1): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return direction * (a - b);
  return direction * compareNames(String(a), String(b));
}
