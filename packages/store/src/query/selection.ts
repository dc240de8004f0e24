/** Filters as SQL: which rows of a table of facts a question is about. */
import { DAY_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import { type Condition, joinConditions, planNameFilter, planTextFilter } from "../read/filters.ts";
import { MAX_TASK_STRAY_MILLIS, quarterHourRange, rowRange, rowsInside } from "../write/locator.ts";
import { hashOfTaskKey } from "../write/task-key.ts";
import type { QueryContext } from "./context.ts";
import { DIMENSION_COLUMNS, FACT_TABLES, JOIN_SESSION } from "./ledger-sql.ts";
import type { Population } from "./measures.ts";
import type { FactFilter } from "./types.ts";

/** Rows that filters on sessions and tasks leave, looked up once per question. */
export interface Scope {
  /** JSON of row numbers; undefined: all sessions. */
  readonly sessions: string | undefined;
  readonly areSessionsFew: boolean;
  /** JSON of row numbers; undefined: all tasks. */
  readonly tasks: string | undefined;
  /** No call of these sessions and tasks lies outside of it. */
  readonly extentOfCalls: TimeRange;
  /** None of these tasks lies outside of it. A task may outlive its session, as other witnesses see that. */
  readonly extentOfTasks: TimeRange;
}

/** A statement's FROM and WHERE. */
export interface Selection {
  readonly joins: string;
  readonly where: Condition;
}

interface Found {
  readonly id: number;
  readonly first: number | null;
  readonly last: number | null;
}

const EVERYTHING: TimeRange = { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };

const FEW_SESSIONS = 100;

/** Products without a look at every row: the unique key of sessions begins with the product. */
const EACH_PRODUCT = `product(id) AS (
     SELECT min(product_id) FROM session
     UNION ALL
     SELECT (SELECT min(product_id) FROM session WHERE product_id > product.id) FROM product WHERE product.id IS NOT NULL
   )`;

/** Looks up which sessions and tasks a filter means; of sessions only those that were there within a day of its range. */
export function findScope(context: QueryContext, filter: FactFilter): Scope {
  const sessions = findSessions(context, filter);
  const tasks = filter.taskIds === undefined ? undefined : findTasks(context, filter.taskIds);
  const extentOfTasks = tasks === undefined ? EVERYTHING : widen(extentOf(tasks), MAX_TASK_STRAY_MILLIS);
  return {
    sessions: sessions === undefined ? undefined : JSON.stringify(sessions.map(({ id }) => id)),
    areSessionsFew: (sessions?.length ?? 0) <= FEW_SESSIONS,
    tasks: tasks === undefined ? undefined : JSON.stringify(tasks.map(({ id }) => id)),
    extentOfCalls: sessions === undefined ? extentOfTasks : intersect(extentOf(sessions), extentOfTasks),
    extentOfTasks,
  };
}

function findSessions(context: QueryContext, filter: FactFilter): readonly Found[] | undefined {
  const { sessionIds, branches, tags, range = EVERYTHING } = filter;
  if (sessionIds === undefined && branches === undefined && tags === undefined) return undefined;
  const conditions = joinConditions([
    {
      condition: "session.started_at < ? AND session.ended_at >= ?",
      parameters: [range.endMillis + DAY_MILLIS, range.startMillis - DAY_MILLIS],
    },
    planNameFilter("session.branch_id", branches),
    ...Object.entries(tags ?? {}).map(([key, values]) => planTagFilter(key, values)),
  ]);
  const columns = "session.id, session.started_at AS first, session.ended_at AS last";
  if (sessionIds === undefined) {
    const sql = `SELECT ${columns} FROM session WHERE ${conditions.condition}`;
    return context.statement(sql).all(...conditions.parameters) as Found[];
  }
  const sql = `WITH RECURSIVE ${EACH_PRODUCT}
    SELECT ${columns}
    FROM product CROSS JOIN json_each(?) AS wanted
    JOIN session ON session.product_id = product.id AND session.session_key = wanted.value
    WHERE ${conditions.condition}`;
  return context.statement(sql).all(JSON.stringify(distinct(sessionIds)), ...conditions.parameters) as Found[];
}

function planTagFilter(key: string, values: readonly string[]): Condition {
  return {
    condition: `session.id IN (
      SELECT session_id FROM session_tag
      WHERE key_id IN (SELECT id FROM string WHERE text = ?)
        AND value_id IN (SELECT id FROM string WHERE text IN (SELECT value FROM json_each(?)) UNION ALL SELECT 0 WHERE ?))`,
    parameters: [key, JSON.stringify(values), values.includes("") ? 1 : 0],
  };
}

/** By their ids, or by the names that hooks gave them. */
function findTasks(context: QueryContext, taskIds: readonly string[]): readonly Found[] {
  const sql = `
    SELECT task.id, task.started_at AS first, task.last_seen_at AS last
    FROM json_each(?) AS wanted
    JOIN task ON task.key_hash = wanted.value ->> 0 AND task.task_key = wanted.value ->> 1
    UNION
    SELECT id, started_at, last_seen_at FROM task
    WHERE report_rank > 0 AND reported_name IN (SELECT value FROM json_each(?))`;
  const ids = distinct(taskIds);
  const wanted = ids.map((taskId) => [hashOfTaskKey(taskId), taskId]);
  return context.statement(sql).all(JSON.stringify(wanted), JSON.stringify(ids)) as Found[];
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function extentOf(found: readonly Found[]): TimeRange {
  let startMillis = Number.MAX_SAFE_INTEGER;
  let endMillis = 0;
  for (const { first, last } of found) {
    startMillis = Math.min(startMillis, first ?? last ?? 0);
    endMillis = Math.max(endMillis, (last ?? 0) + 1);
  }
  return { startMillis: Math.min(startMillis, endMillis), endMillis };
}

function widen({ startMillis, endMillis }: TimeRange, millis: number): TimeRange {
  return { startMillis: startMillis - millis, endMillis: endMillis + millis };
}

/** What two ranges share; empty when they do not touch. */
export function intersect(a: TimeRange, b: TimeRange): TimeRange {
  const startMillis = Math.max(a.startMillis, b.startMillis);
  return { startMillis, endMillis: Math.max(startMillis, Math.min(a.endMillis, b.endMillis)) };
}

/** What a selection must be able to name beyond what its filter needs. */
export interface SelectionNeeds {
  readonly session?: boolean | undefined;
  readonly task?: boolean | undefined;
  /** Leaves out rows that lie more quarter hours away from the range than this. Default: none is left out. */
  readonly maxStray?: number | undefined;
}

/** Rows of a population inside a range that match a filter. */
export function planSelection(
  population: Population,
  filter: FactFilter,
  scope: Scope,
  range: TimeRange,
  needs: SelectionNeeds = {},
): Selection {
  const table = FACT_TABLES[population];
  const extent = population === "tasks" ? scope.extentOfTasks : scope.extentOfCalls;
  const { startMillis, endMillis } = intersect(range, extent);
  const { maxStray } = needs;
  const { firstId, lastId } =
    maxStray === undefined
      ? rowRange(startMillis, endMillis)
      : quarterHourRange(quarterHourOf(startMillis) - maxStray, quarterHourOf(endMillis - 1) + maxStray);
  const where = joinConditions([
    ...(table.isInRowOrder ? [{ condition: "fact.id BETWEEN ? AND ?", parameters: [firstId, lastId] }] : []),
    table.isInRowOrder
      ? isInTime(table.time, { startMillis, endMillis })
      : { condition: `${table.time} >= ? AND ${table.time} < ?`, parameters: [startMillis, endMillis] },
    // Few sessions are found by their index, many by looking at all facts of the time.
    isOneOfRows(scope.areSessionsFew ? "fact.session_id" : "+fact.session_id", scope.sessions),
    isOneOfRows(table.task, scope.tasks),
    planNameFilter(DIMENSION_COLUMNS.product, filter.products),
    planNameFilter(DIMENSION_COLUMNS.project, filter.projects),
    planNameFilter(table.agent, filter.agents),
    planTextFilter(table.kind, filter.kinds),
    planTextFilter(table.result, filter.results),
    planNameFilter("fact.error_type_id", filter.errorTypes),
    ...(population === "calls" ? [planNameFilter(DIMENSION_COLUMNS.model, filter.models)] : []),
    ...(population === "tools" ? [planNameFilter("fact.tool_id", filter.tools)] : []),
  ]);
  const needsSession = needs.session || filter.products !== undefined || filter.projects !== undefined;
  const needsTask =
    needs.task || filter.agents !== undefined || filter.kinds !== undefined || filter.results !== undefined;
  return {
    joins: [needsSession ? JOIN_SESSION : "", needsTask ? table.taskJoin : ""].join("\n"),
    where,
  };
}

/** Rows far from both ends need not be asked for their time. */
function isInTime(time: string, { startMillis, endMillis }: TimeRange): Condition {
  const { firstId, lastId } = rowsInside(startMillis, endMillis);
  return {
    condition: `(+fact.id BETWEEN ? AND ? OR (${time} >= ? AND ${time} < ?))`,
    parameters: [firstId, lastId, startMillis, endMillis],
  };
}

function isOneOfRows(column: string, ids: string | undefined): Condition {
  if (ids === undefined) return { condition: "true", parameters: [] };
  return { condition: `${column} IN (SELECT value FROM json_each(?))`, parameters: [ids] };
}
