/** One row per task. */
import { TASK_RESULTS, type TaskResult } from "@moai-metrics/model";
import type { LedgerFilter, LedgerReader, TaskRow as LedgerTask } from "@moai-metrics/store";
import {
  type ModelFields,
  modelFields,
  nameOrUnknown,
  type TaskFields,
  taskFields,
  type UsageFields,
  usageFields,
} from "./fields.ts";
import { groupBy, sumCalls, sumOf } from "./measures.ts";
import { type TokensOrigin, tokensOriginOf } from "./tokens-origin.ts";
import type { Report } from "./usage-rows.ts";

/** What tasks and their totals have in common. A task's figures are its own: its children have theirs. */
interface TaskSums extends UsageFields, ModelFields {
  /** Start to end; for an open task, to its last sign of life. In the totals: the sum. */
  readonly durationMs: number;
  readonly toolCalls: number;
  readonly toolErrors: number;
  readonly filesCreated: number;
  readonly filesModified: number;
  readonly filesDeleted: number;
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

/** One task. Times are ISO 8601, UTC. */
export interface TaskReportRow extends TaskSums {
  readonly taskId: string;
  /** What a hook called the task, such as `task-001`, which comes again every day; `null` where none did. */
  readonly taskName: string | null;
  readonly sessionId: string;
  readonly parentTaskId: string | null;
  readonly product: string;
  readonly project: string;
  readonly agent: string;
  readonly kind: string;
  readonly startedAt: string;
  /** `null` while the task is open. */
  readonly endedAt: string | null;
  readonly result: TaskResult | "open";
  /** Whether the agent said so, or we inferred it from a normal end; `null` when no one knows. */
  readonly resultOrigin: "reported" | "inferred" | null;
  readonly errorType: string | null;
  /** Who told the tokens; `null` where no one did. */
  readonly tokensOrigin: TokensOrigin | null;
  /** Tokens as a hook told them, whether they count or not; `null` where none did. */
  readonly reportedTokens: number | null;
}

/** Totals over tasks. */
export interface TaskTotals extends TaskSums, TaskFields {
  readonly openTasks: number;
}

/** Which tasks to show. */
export interface TaskQuestion {
  readonly filter: LedgerFilter;
  /** Only so many, the newest. */
  readonly last?: number | undefined;
}

/** Tasks whose end, or last sign of life, lies in the filter's range, oldest first. */
export function taskReport(ledger: LedgerReader, { filter, last }: TaskQuestion): Report<TaskReportRow, TaskTotals> {
  const tasks = ledger.tasks(filter).slice(0, last).reverse();
  return { rows: tasks.map(rowOf), totals: totalsOf(tasks) };
}

function rowOf(task: LedgerTask): TaskReportRow {
  return {
    taskId: task.taskId,
    taskName: task.report?.name || null,
    sessionId: task.sessionId,
    parentTaskId: task.parentTaskId === "" ? null : task.parentTaskId,
    product: nameOrUnknown(task.product),
    project: nameOrUnknown(task.project),
    agent: nameOrUnknown(task.agent),
    kind: nameOrUnknown(task.kind),
    startedAt: new Date(task.startedAtMillis).toISOString(),
    endedAt: task.result === "open" ? null : new Date(task.startedAtMillis + task.durationMillis).toISOString(),
    result: task.result,
    resultOrigin: task.resultOrigin === "" ? null : task.resultOrigin,
    errorType: task.errorType === "" ? null : task.errorType,
    tokensOrigin: tokensOriginOf(task),
    reportedTokens: task.report?.tokens ?? null,
    ...sumsOf([task]),
    durationMs: task.durationMillis,
  };
}

function totalsOf(tasks: readonly LedgerTask[]): TaskTotals {
  const ended = tasks.filter((task) => task.result !== "open");
  const tasksByResult = Object.fromEntries(
    TASK_RESULTS.map((result) => [result, ended.filter((task) => task.result === result).length]),
  ) as Record<TaskResult, number>;
  return {
    ...sumsOf(tasks),
    ...taskFields({ tasksByResult, taskMillis: sumOf(ended, countedMillis) }),
    openTasks: tasks.length - ended.length,
  };
}

/** What a hook told of a run that model calls tell of as well is in no sum. */
function countedMillis({ durationMillis, report }: LedgerTask): number {
  return report?.durationMillis !== undefined && !report.isCounted ? 0 : durationMillis;
}

function sumsOf(tasks: readonly LedgerTask[]): TaskSums {
  const shares = tasks.flatMap((task) => task.models);
  const byModel = [...groupBy(shares, (share) => share.model).entries()];
  return {
    durationMs: sumOf(tasks, countedMillis),
    toolCalls: sumOf(tasks, (task) => task.toolCalls),
    toolErrors: sumOf(tasks, (task) => task.toolErrors),
    filesCreated: sumOf(tasks, (task) => task.filesCreated),
    filesModified: sumOf(tasks, (task) => task.filesModified),
    filesDeleted: sumOf(tasks, (task) => task.filesDeleted),
    linesAdded: sumOf(tasks, (task) => task.linesAdded),
    linesRemoved: sumOf(tasks, (task) => task.linesRemoved),
    ...usageFields(sumCalls(tasks)),
    ...modelFields(byModel.map(([model, parts]) => ({ model, measures: sumCalls(parts) }))),
  };
}
