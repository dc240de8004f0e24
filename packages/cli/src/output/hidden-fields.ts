/** Which fields of rows the settings keep off the screen and out of documents. Pure. */
import type { Table } from "@moai-metrics/report";
import type { MetricsConfig } from "@moai-metrics/settings";

const SESSION_DURATIONS = ["wallDurationMs", "activeDurationMs"];
const SESSION_TASKS = [
  "tasksCompleted",
  "tasksByResult",
  "successRate",
  "unknownShare",
  "averageDurationMs",
  "openTasks",
];
const TOKENS_AND_COST = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheCreationTokens",
  "totalTokens",
  "totalCost",
  "reportedCost",
  "unpricedCalls",
  "callsWithoutUsage",
  "modelBreakdowns",
];
const TASK_DURATIONS = ["durationMs", "endedAt", "averageDurationMs"];

/** Names of the fields that a row command leaves out. */
export function hiddenFields(command: string, { session, tokens, tasks }: MetricsConfig): ReadonlySet<string> {
  const isSession = command === "session";
  return new Set([
    ...(isSession && !session.showsDuration ? SESSION_DURATIONS : []),
    ...(isSession && !session.showsTasks ? SESSION_TASKS : []),
    ...(isSession && !tokens.showsPerSession ? TOKENS_AND_COST : []),
    ...(tasks.showsDuration ? [] : TASK_DURATIONS),
  ]);
}

/** The table without those columns. */
export function withoutColumns<Row>(table: Table<Row>, hidden: ReadonlySet<string>): Table<Row> {
  if (hidden.size === 0) return table;
  return { ...table, columns: table.columns.filter(({ key }) => !hidden.has(key)) };
}

/** A row without those fields. */
export function withoutFields<T>(row: T, hidden: ReadonlySet<string>): T {
  if (hidden.size === 0 || typeof row !== "object" || row === null) return row;
  return Object.fromEntries(Object.entries(row).filter(([key]) => !hidden.has(key))) as T;
}
