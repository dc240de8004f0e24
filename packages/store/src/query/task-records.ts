/** Tasks as rows, with the totals that they carry themselves. */
import type { TaskKind, TaskResult } from "@moai-metrics/model";
import { REPORTED_BONUS } from "../merge/task.ts";
import { callMeasures } from "../read/call-measures.ts";
import { type ReportColumns, reportRow, SELECTED_REPORT } from "../read/task-report-row.ts";
import { TOTALS, type TotalsRow } from "../write/totals.ts";
import type { QueryContext } from "./context.ts";
import { JOIN_SESSION } from "./ledger-sql.ts";
import type { Selection } from "./selection.ts";
import type { TaskRecord } from "./types.ts";

/** A task as its columns tell it. */
export interface TaskColumns extends TotalsRow, ReportColumns {
  readonly id: number;
  readonly product_id: number;
  readonly task_key: string;
  readonly session_key: string;
  readonly parent_key: string | null;
  readonly kind: TaskKind | null;
  readonly agent_id: number;
  readonly project_id: number;
  readonly branch_id: number;
  readonly started_at: number | null;
  readonly last_seen_at: number;
  readonly result: TaskResult | null;
  readonly result_rank: number;
  readonly error_type_id: number;
}

const COLUMNS = [
  ...["id", "product_id", "task_key", "parent_key", "kind", "agent_id", "started_at", "last_seen_at", "result"],
  ...["result_rank", "error_type_id", ...SELECTED_REPORT, ...TOTALS],
].map((column) => `fact.${column}`);

/** When a task was there. */
export type TaskTimes = Pick<TaskColumns, "id" | "started_at" | "last_seen_at">;

const WHOLE = [...COLUMNS, "session.session_key", "session.project_id", "session.branch_id"];
const TIMES = ["fact.id", "fact.started_at", "fact.last_seen_at"];

/** Tasks under the alias `fact` that match, in the given order. */
export function selectTasks(
  context: QueryContext,
  { where }: Pick<Selection, "where">,
  order: string,
  limit: number | undefined,
): TaskColumns[] {
  return select(context, WHOLE, { joins: JOIN_SESSION, where }, order, limit) as TaskColumns[];
}

/** Only when those tasks were there: a third of the time, for who will not want all of them. */
export function selectTaskTimes(
  context: QueryContext,
  selection: Selection,
  order: string,
  limit: number | undefined,
): TaskTimes[] {
  return select(context, TIMES, selection, order, limit) as TaskTimes[];
}

/** Tasks by their row numbers. */
export function selectTasksOf(context: QueryContext, ids: readonly number[]): ReadonlyMap<number, TaskColumns> {
  const sql = `SELECT ${WHOLE.join(", ")}
    FROM json_each(?) AS wanted CROSS JOIN task AS fact ON fact.id = wanted.value
    ${JOIN_SESSION}`;
  const rows = context.statement(sql).all(JSON.stringify(ids)) as TaskColumns[];
  return new Map(rows.map((row) => [row.id, row]));
}

function select(
  context: QueryContext,
  columns: readonly string[],
  { joins, where }: Selection,
  order: string,
  limit: number | undefined,
): unknown[] {
  const sql = `SELECT ${columns.join(", ")}
    FROM task AS fact
    ${joins}
    WHERE ${where.condition}
    ORDER BY ${order}
    LIMIT ?`;
  return context.statement(sql).all(...where.parameters, limit ?? -1);
}

/** What the totals of a row tell. */
export function totalFigures(row: TotalsRow) {
  return {
    ...callMeasures(row),
    toolCalls: row.tool_calls,
    toolErrors: row.tool_errors,
    toolMillis: row.tool_ms,
  };
}

export function toTaskRecord(context: QueryContext, row: TaskColumns): TaskRecord {
  const startedAtMillis = row.started_at ?? row.last_seen_at - (row.reported_ms ?? 0);
  return {
    product: context.nameOf(row.product_id),
    taskId: row.task_key,
    sessionId: row.session_key,
    parentTaskId: row.parent_key ?? "",
    kind: row.kind ?? "",
    agent: context.nameOf(row.agent_id),
    project: context.nameOf(row.project_id),
    branch: context.nameOf(row.branch_id),
    startedAtMillis,
    lastSeenAtMillis: row.last_seen_at,
    durationMillis: row.reported_ms ?? row.last_seen_at - startedAtMillis,
    report: reportRow(row),
    result: row.result ?? "open",
    resultOrigin: originOf(row),
    errorType: context.nameOf(row.error_type_id),
    ...totalFigures(row),
  };
}

function originOf({ result, result_rank }: TaskColumns): TaskRecord["resultOrigin"] {
  if (result === null) return "";
  return result_rank >= REPORTED_BONUS ? "reported" : "inferred";
}
