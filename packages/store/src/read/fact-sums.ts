/** Sums of facts per session or per task, straight from the ledger. */
import type { FileChange, TimeRange } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { rowRange } from "../write/locator.ts";
import { CALL_SUMS_SQL, type CallSums, callMeasures } from "./call-measures.ts";
import { type Condition, joinConditions, planColumnFilter } from "./filters.ts";
import type { ChangeMeasures, LedgerFilter, ModelShare, ToolShare } from "./types.ts";

/** What belongs to one session or task. */
export interface FactSums {
  readonly models: ModelShare[];
  readonly tools: ToolShare[];
  readonly errors: Record<string, number>;
  readonly changes: ChangeMeasures;
}

/** Which facts to sum. */
export interface FactSelection {
  readonly groupBy: "session_id" | "task_id";
  /** Row numbers of the sessions or tasks. */
  readonly ids: readonly number[];
  /** Where the facts lie in time; nothing outside of it is looked at. */
  readonly range: TimeRange;
  readonly filter: LedgerFilter;
}

const NO_CHANGES: ChangeMeasures = Object.freeze({
  filesCreated: 0,
  filesModified: 0,
  filesDeleted: 0,
  linesAdded: 0,
  linesRemoved: 0,
});

/** Sums by the row number of the session or task; groups without facts are missing. */
export function readFactSums(database: Database, selection: FactSelection): (id: number) => FactSums {
  const sums = new Map<number, FactSums>();
  const of = (id: number): FactSums => {
    let known = sums.get(id);
    if (known === undefined) {
      known = { models: [], tools: [], errors: {}, changes: NO_CHANGES };
      sums.set(id, known);
    }
    return known;
  };
  readCalls(database, selection, of);
  readTools(database, selection, of);
  readErrors(database, selection, of);
  const change = (id: number, difference: Partial<ChangeMeasures>): void => {
    const known = of(id);
    sums.set(id, { ...known, changes: addChanges(known.changes, difference) });
  };
  readFiles(database, selection, change);
  readLines(database, selection, change);
  return of;
}

type GroupedRow<T> = T & { readonly id: number };

function readCalls(database: Database, selection: FactSelection, of: (id: number) => FactSums): void {
  const where = planFactFilter("fact", "ended_at", selection, true);
  const rows = database
    .prepare<unknown[], GroupedRow<CallSums & { model: string }>>(
      `SELECT fact.${selection.groupBy} AS id, coalesce(name.text, '') AS model, ${CALL_SUMS_SQL}
       FROM model_call_fact AS fact
       JOIN session ON session.id = fact.session_id
       LEFT JOIN task ON task.id = fact.task_id
       LEFT JOIN string AS name ON name.id = fact.model_id
       WHERE ${where.condition}
       GROUP BY fact.${selection.groupBy}, fact.model_id
       ORDER BY sum(fact.input + fact.cache_read + fact.cache_write_5m + fact.cache_write_1h + fact.output) DESC, model`,
    )
    .all(...where.parameters);
  for (const row of rows) of(row.id).models.push({ model: row.model, ...callMeasures(row) });
}

function readTools(database: Database, selection: FactSelection, of: (id: number) => FactSums): void {
  if (selection.filter.models !== undefined) return;
  const where = planFactFilter("fact", "started_at", selection, false);
  const rows = database
    .prepare<unknown[], GroupedRow<ToolShare>>(
      `SELECT fact.${selection.groupBy} AS id, ${TOOL_SUMS_SQL}
       FROM tool_call AS fact
       JOIN session ON session.id = fact.session_id
       LEFT JOIN task ON task.id = fact.task_id
       LEFT JOIN string AS name ON name.id = fact.tool_id
       WHERE ${where.condition}
       GROUP BY fact.${selection.groupBy}, fact.tool_id
       ORDER BY toolCalls DESC, tool`,
    )
    .all(...where.parameters);
  for (const { id, ...share } of rows) of(id).tools.push(share);
}

/** Sums of tool calls with the alias `fact` and the tool's `name`. */
export const TOOL_SUMS_SQL = `
  coalesce(name.text, '') AS tool,
  count(*) AS toolCalls,
  coalesce(sum(fact.is_success = 0), 0) AS toolErrors,
  coalesce(sum(max(0, fact.ended_at - fact.started_at)), 0) AS toolMillis`;

function readErrors(database: Database, selection: FactSelection, of: (id: number) => FactSums): void {
  const calls = planFactFilter("fact", "ended_at", selection, true);
  const tools = planFactFilter("fact", "started_at", selection, false);
  const tasks = planTaskFilter(selection);
  const isModelAsked = selection.filter.models !== undefined;
  const rows = database
    .prepare<unknown[], GroupedRow<{ type: string; count: number }>>(
      `SELECT error.id, name.text AS type, count(*) AS count FROM (
         SELECT fact.${selection.groupBy} AS id, fact.error_type_id FROM model_call_fact AS fact
         JOIN session ON session.id = fact.session_id LEFT JOIN task ON task.id = fact.task_id
         WHERE ${calls.condition}
         UNION ALL
         SELECT fact.${selection.groupBy}, fact.error_type_id FROM tool_call AS fact
         JOIN session ON session.id = fact.session_id LEFT JOIN task ON task.id = fact.task_id
         WHERE ${tools.condition} AND ${isModelAsked ? "false" : "true"}
         UNION ALL
         SELECT ${selection.groupBy === "task_id" ? "task.id" : "task.session_id"}, task.error_type_id FROM task
         JOIN session ON session.id = task.session_id
         WHERE ${tasks.condition} AND ${isModelAsked ? "false" : "true"}
       ) AS error
       JOIN string AS name ON name.id = error.error_type_id
       GROUP BY error.id, error.error_type_id
       ORDER BY count DESC, type`,
    )
    .all(...calls.parameters, ...tools.parameters, ...tasks.parameters);
  for (const { id, type, count } of rows) of(id).errors[type] = count;
}

function readFiles(
  database: Database,
  selection: FactSelection,
  change: (id: number, difference: Partial<ChangeMeasures>) => void,
): void {
  if (selection.filter.models !== undefined) return;
  const where = joinConditions([
    planTaskOwner(selection),
    planColumnFilter(
      { product: "session.product_id", project: "session.project_id", agent: "task.agent_id" },
      selection.filter,
    ),
  ]);
  const rows = database
    .prepare<unknown[], GroupedRow<{ change: FileChange; count: number }>>(
      `SELECT ${selection.groupBy === "task_id" ? "task.id" : "task.session_id"} AS id, fact.change, count(*) AS count
       FROM file_change AS fact
       JOIN task ON task.id = fact.task_id
       JOIN session ON session.id = task.session_id
       WHERE ${where.condition} AND fact.changed_at >= ? AND fact.changed_at < ?
       GROUP BY 1, 2`,
    )
    .all(...where.parameters, selection.range.startMillis, selection.range.endMillis);
  for (const row of rows) {
    if (row.change === "created") change(row.id, { filesCreated: row.count });
    else if (row.change === "modified") change(row.id, { filesModified: row.count });
    else change(row.id, { filesDeleted: row.count });
  }
}

/** A task's own figure replaces the sum over its tool calls. */
function readLines(
  database: Database,
  selection: FactSelection,
  change: (id: number, difference: Partial<ChangeMeasures>) => void,
): void {
  if (selection.filter.models !== undefined) return;
  const tools = planFactFilter("fact", "started_at", selection, false);
  const tasks = planTaskFilter(selection);
  const rows = database
    .prepare<unknown[], GroupedRow<{ added: number | null; removed: number | null }>>(
      `SELECT fact.${selection.groupBy} AS id, sum(fact.lines_added) AS added, sum(fact.lines_removed) AS removed
       FROM tool_call AS fact
       JOIN session ON session.id = fact.session_id
       LEFT JOIN task ON task.id = fact.task_id
       WHERE ${tools.condition} AND task.lines_added IS NULL AND task.lines_removed IS NULL
         AND fact.lines_added IS NOT NULL
       GROUP BY 1
       UNION ALL
       SELECT ${selection.groupBy === "task_id" ? "task.id" : "task.session_id"}, sum(task.lines_added), sum(task.lines_removed)
       FROM task
       JOIN session ON session.id = task.session_id
       WHERE ${tasks.condition} AND (task.lines_added IS NOT NULL OR task.lines_removed IS NOT NULL)
       GROUP BY 1`,
    )
    .all(...tools.parameters, ...tasks.parameters);
  for (const { id, added, removed } of rows) change(id, { linesAdded: added ?? 0, linesRemoved: removed ?? 0 });
}

function planFactFilter(
  alias: string,
  timeColumn: "ended_at" | "started_at",
  { groupBy, ids, range, filter }: FactSelection,
  hasModel: boolean,
): Condition {
  const { firstId, lastId } = rowRange(range.startMillis, range.endMillis);
  return joinConditions([
    { condition: `${alias}.id BETWEEN ? AND ?`, parameters: [firstId, lastId] },
    {
      condition: `${alias}.${timeColumn} >= ? AND ${alias}.${timeColumn} < ?`,
      parameters: [range.startMillis, range.endMillis],
    },
    { condition: `${alias}.${groupBy} IN (SELECT value FROM json_each(?))`, parameters: [JSON.stringify(ids)] },
    planColumnFilter(
      {
        product: "session.product_id",
        project: "session.project_id",
        agent: "coalesce(task.agent_id, 0)",
        ...(hasModel ? { model: `${alias}.model_id` } : {}),
      },
      filter,
    ),
  ]);
}

function planTaskFilter(selection: FactSelection): Condition {
  const { range, filter } = selection;
  return joinConditions([
    planTaskOwner(selection),
    { condition: "task.last_seen_at >= ? AND task.last_seen_at < ?", parameters: [range.startMillis, range.endMillis] },
    planColumnFilter({ product: "session.product_id", project: "session.project_id", agent: "task.agent_id" }, filter),
  ]);
}

function planTaskOwner({ groupBy, ids }: FactSelection): Condition {
  return {
    condition: `${groupBy === "task_id" ? "task.id" : "task.session_id"} IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(ids)],
  };
}

function addChanges(a: ChangeMeasures, b: Partial<ChangeMeasures>): ChangeMeasures {
  return {
    filesCreated: a.filesCreated + (b.filesCreated ?? 0),
    filesModified: a.filesModified + (b.filesModified ?? 0),
    filesDeleted: a.filesDeleted + (b.filesDeleted ?? 0),
    linesAdded: a.linesAdded + (b.linesAdded ?? 0),
    linesRemoved: a.linesRemoved + (b.linesRemoved ?? 0),
  };
}
