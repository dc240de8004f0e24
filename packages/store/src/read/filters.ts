/** Filters as SQL conditions. */
import type { LedgerFilter } from "./types.ts";

/** A condition with the values of its placeholders. */
export interface Condition {
  readonly condition: string;
  readonly parameters: readonly (string | number)[];
}

/** What an alias in a statement offers to filter by: the column of each dimension. */
export interface FilterColumns {
  readonly product: string;
  readonly project: string;
  readonly agent: string;
  readonly model?: string;
}

/** The condition on the given columns, which hold string numbers; a missing column is not filtered. */
export function planColumnFilter(columns: FilterColumns, filter: LedgerFilter): Condition {
  return joinConditions([
    planNameFilter(columns.product, filter.products),
    planNameFilter(columns.project, filter.projects),
    planNameFilter(columns.agent, filter.agents),
    columns.model === undefined ? ALWAYS : planNameFilter(columns.model, filter.models),
  ]);
}

/** The condition on a text column. */
export function planTextFilter(column: string, values: readonly string[] | undefined): Condition {
  if (values === undefined) return ALWAYS;
  return { condition: `${column} IN (SELECT value FROM json_each(?))`, parameters: [JSON.stringify(values)] };
}

/** Both conditions, and all others. */
export function joinConditions(conditions: readonly Condition[]): Condition {
  return {
    condition: conditions.map(({ condition }) => `(${condition})`).join(" AND "),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

const ALWAYS: Condition = { condition: "true", parameters: [] };

/**
 * The condition on a column of string numbers. The empty name stands for "not known" and has the number 0, which is in
 * no table.
 */
export function planNameFilter(column: string, values: readonly string[] | undefined): Condition {
  if (values === undefined) return ALWAYS;
  const [only, another] = values;
  // A single value lets an index give rows in the order that is asked for.
  if (only !== undefined && another === undefined) {
    return {
      condition: `${column} = coalesce((SELECT id FROM string WHERE text = ?), ?)`,
      parameters: [only, only === "" ? 0 : -1],
    };
  }
  return {
    condition: `${column} IN (SELECT id FROM string WHERE text IN (SELECT value FROM json_each(?)) UNION ALL SELECT 0 WHERE ?)`,
    parameters: [JSON.stringify(values), values.includes("") ? 1 : 0],
  };
}
