/** Tasks with the sums of their own calls. */
import type { TaskKind, TaskResult, TimeRange } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { REPORTED_BONUS } from "../merge/task.ts";
import { addCallMeasures } from "./call-measures.ts";
import { readFactSums } from "./fact-sums.ts";
import { joinConditions, planColumnFilter, planTextFilter } from "./filters.ts";
import { type ReportColumns, reportRow, SELECTED_REPORT, withUndivided } from "./task-report-row.ts";
import type { LedgerFilter, TaskRow } from "./types.ts";

interface StoredTask {
  readonly id: number;
  readonly product: string;
  readonly task_key: string;
  readonly session_key: string;
  readonly parent_key: string | null;
  readonly kind: TaskKind | null;
  readonly agent: string;
  readonly project: string;
  readonly started_at: number;
  readonly last_seen_at: number;
  readonly result: TaskResult | null;
  readonly result_rank: number;
  readonly error_type: string;
  readonly undivided_tokens: number;
}

type StoredTaskAndReport = StoredTask & ReportColumns;

/** A filter on models keeps the tasks that called one of them, and counts only those calls. */
export function readTasks(database: Database, filter: LedgerFilter): TaskRow[] {
  const tasks = selectTasks(database, filter);
  const sums = readFactSums(database, {
    groupBy: "task_id",
    ids: tasks.map(({ id }) => id),
    range: extentOf(tasks),
    filter: { models: filter.models },
  });
  return tasks
    .map((task) => toTaskRow(task, sums(task.id)))
    .filter(({ models }) => filter.models === undefined || models.length > 0);
}

function selectTasks(database: Database, filter: LedgerFilter): StoredTaskAndReport[] {
  const range = filter.range ?? { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };
  const where = joinConditions([
    { condition: "task.last_seen_at >= ? AND task.last_seen_at < ?", parameters: [range.startMillis, range.endMillis] },
    planColumnFilter({ product: "task.product_id", project: "session.project_id", agent: "task.agent_id" }, filter),
    planTextFilter("session.session_key", filter.sessionIds),
  ]);
  return database
    .prepare<unknown[], StoredTaskAndReport>(
      `SELECT task.id, product.text AS product, task_key, session.session_key, parent_key, kind,
         coalesce(agent.text, '') AS agent, coalesce(project.text, '') AS project,
         coalesce(task.started_at, task.last_seen_at - coalesce(task.reported_ms, 0)) AS started_at, task.last_seen_at,
         result, result_rank, coalesce(error.text, '') AS error_type, task.undivided_tokens,
         ${SELECTED_REPORT.map((column) => `task.${column}`).join(", ")}
       FROM task
       JOIN session ON session.id = task.session_id
       JOIN string AS product ON product.id = task.product_id
       LEFT JOIN string AS agent ON agent.id = task.agent_id
       LEFT JOIN string AS project ON project.id = session.project_id
       LEFT JOIN string AS error ON error.id = task.error_type_id
       WHERE ${where.condition}
       ORDER BY task.last_seen_at DESC, task.task_key`,
    )
    .all(...where.parameters);
}

/** Every fact of a task lies between its start and its last sign of life: facts are signs of life. */
function extentOf(tasks: readonly StoredTask[]): TimeRange {
  let startMillis = Number.MAX_SAFE_INTEGER;
  let endMillis = 0;
  for (const { started_at, last_seen_at } of tasks) {
    startMillis = Math.min(startMillis, started_at);
    endMillis = Math.max(endMillis, last_seen_at + 1);
  }
  return { startMillis, endMillis };
}

function toTaskRow(task: StoredTaskAndReport, sums: ReturnType<ReturnType<typeof readFactSums>>): TaskRow {
  const calls = addCallMeasures(sums.models);
  return {
    product: task.product,
    taskId: task.task_key,
    sessionId: task.session_key,
    parentTaskId: task.parent_key ?? "",
    kind: task.kind ?? "",
    agent: task.agent,
    project: task.project,
    startedAtMillis: task.started_at,
    lastSeenAtMillis: task.last_seen_at,
    durationMillis: task.reported_ms ?? task.last_seen_at - task.started_at,
    report: reportRow(task),
    result: task.result ?? "open",
    resultOrigin: originOf(task),
    errorType: task.error_type,
    ...calls,
    tokens: withUndivided(calls.tokens, task.undivided_tokens),
    toolCalls: sums.tools.reduce((sum, { toolCalls }) => sum + toolCalls, 0),
    toolErrors: sums.tools.reduce((sum, { toolErrors }) => sum + toolErrors, 0),
    ...sums.changes,
    models: sums.models,
  };
}

function originOf({ result, result_rank }: StoredTask): TaskRow["resultOrigin"] {
  if (result === null) return "";
  return result_rank >= REPORTED_BONUS ? "reported" : "inferred";
}
