/** The table of tasks. */
import type { UsageFields } from "../fields.ts";
import type { Column, Table } from "../render/table-model.ts";
import type { TaskReportRow, TaskTotals } from "../task-rows.ts";
import type { Report } from "../usage-rows.ts";
import { dropInOrder, type Line, MODEL_BREAKDOWN, originColumns, usageColumns } from "./common-columns.ts";
import { shortPaths } from "./short-names.ts";

/** A task, the totals, or the share of one model in a task. */
export type TaskLine = Line<UsageFields, TaskReportRow>;

/** What a narrow screen leaves out, first to last. */
const DROP_ORDER = [
  "modelsUsed",
  "parentTaskId",
  "sessionId",
  "product",
  "linesRemoved",
  "linesAdded",
  "cacheCreationTokens",
  "cacheReadTokens",
  "inputTokens",
  "outputTokens",
  "project",
  "errorType",
  "kind",
  "toolErrors",
  "taskId",
  "filesModified",
  "filesCreated",
  "calls",
  "toolCalls",
];

/** Lays out a report of tasks. */
export function taskTable(
  report: Report<TaskReportRow, TaskTotals>,
  options: { readonly isBrokenDown: boolean },
): Table<TaskLine> {
  const rows: readonly TaskLine[] = report.rows;
  const projects = shortPaths(report.rows.map((row) => row.project));
  const columns: readonly Column<TaskLine>[] = [
    { key: "startedAt", title: "Started", kind: "time", value: (row) => row.startedAt ?? null },
    { key: "endedAt", kind: "time", value: (row) => row.endedAt ?? null },
    { key: "agent", title: "Agent", kind: "text", minWidth: 15, value: (row) => row.agent ?? "" },
    {
      key: "taskId",
      title: "Task",
      kind: "text",
      minWidth: 9,
      value: (row) => row.taskId ?? "",
      shortValue: (row) => row.taskName ?? row.taskId ?? "",
    },
    { key: "kind", title: "Kind", kind: "text", value: (row) => row.kind ?? "" },
    { key: "result", title: "Result", kind: "text", value: (row) => row.result ?? "" },
    { key: "errorType", title: "Error", kind: "text", minWidth: 8, value: (row) => row.errorType ?? "" },
    { key: "resultOrigin", kind: "text", value: (row) => row.resultOrigin ?? "" },
    { key: "durationMs", title: "Duration", kind: "duration", value: (row) => row.durationMs ?? null },
    { key: "toolCalls", title: "Tools", kind: "count", value: (row) => row.toolCalls ?? null },
    { key: "toolErrors", title: "Failed", kind: "count", value: (row) => row.toolErrors ?? null },
    { key: "filesCreated", title: "Created", kind: "count", value: (row) => row.filesCreated ?? null },
    { key: "filesModified", title: "Modified", kind: "count", value: (row) => row.filesModified ?? null },
    { key: "linesAdded", title: "+Lines", kind: "count", value: (row) => row.linesAdded ?? null },
    { key: "linesRemoved", title: "-Lines", kind: "count", value: (row) => row.linesRemoved ?? null },
    ...usageColumns<TaskLine>(),
    { key: "product", title: "Product", kind: "text", value: (row) => row.product ?? "" },
    {
      key: "project",
      title: "Project",
      kind: "text",
      minWidth: 8,
      value: (row) => row.project ?? "",
      shortValue: (row) => projects.get(row.project ?? "") ?? "",
    },
    { key: "sessionId", title: "Session", kind: "text", minWidth: 9, value: (row) => row.sessionId ?? "" },
    { key: "parentTaskId", title: "Parent", kind: "text", minWidth: 9, value: (row) => row.parentTaskId ?? "" },
    { key: "modelsUsed", title: "Models", kind: "text", minWidth: 16, value: (row) => row.modelsUsed?.join(" ") ?? "" },
    { key: "taskName", kind: "text", value: (row) => row.taskName ?? "" },
    { key: "tokensOrigin", kind: "text", value: (row) => row.tokensOrigin ?? "" },
    { key: "reportedTokens", kind: "tokens", value: (row) => row.reportedTokens ?? null },
    ...originColumns<TaskLine>(),
  ];
  return {
    columns: dropInOrder(columns, DROP_ORDER),
    rows,
    totals: report.totals,
    ...(options.isBrokenDown && MODEL_BREAKDOWN),
  };
}
