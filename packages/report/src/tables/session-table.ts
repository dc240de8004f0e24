/** The table of sessions. */
import type { UsageFields } from "../fields.ts";
import type { Column, Table } from "../render/table-model.ts";
import type { SessionReportRow, SessionSums } from "../session-rows.ts";
import type { Report } from "../usage-rows.ts";
import { dropInOrder, type Line, MODEL_BREAKDOWN, originColumns, usageColumns } from "./common-columns.ts";
import { countsText, toolsText } from "./counts-text.ts";
import { shortPaths } from "./short-names.ts";

/** A session, the totals, or the share of one model in a session. */
export type SessionLine = Line<UsageFields, SessionReportRow>;

/** What a narrow screen leaves out, first to last. */
const DROP_ORDER = [
  "modelsUsed",
  "tools",
  "errors",
  "version",
  "branch",
  "product",
  "wallDurationMs",
  "linesRemoved",
  "linesAdded",
  "cacheCreationTokens",
  "cacheReadTokens",
  "inputTokens",
  "outputTokens",
  "calls",
  "successRate",
  "filesCreated",
  "filesModified",
  "errorCount",
  "toolCalls",
];

/** Lays out a report of sessions. */
export function sessionTable(
  report: Report<SessionReportRow, SessionSums>,
  options: { readonly isBrokenDown: boolean },
): Table<SessionLine> {
  const rows: readonly SessionLine[] = report.rows;
  const projects = shortPaths(report.rows.map((row) => row.project));
  const columns: readonly Column<SessionLine>[] = [
    { key: "startedAt", title: "Started", kind: "time", value: (row) => row.startedAt ?? null },
    { key: "lastActivity", kind: "time", value: (row) => row.lastActivity ?? null },
    { key: "sessionId", title: "Session", kind: "text", minWidth: 9, value: (row) => row.sessionId ?? "" },
    { key: "product", title: "Product", kind: "text", value: (row) => row.product ?? "" },
    {
      key: "project",
      title: "Project",
      kind: "text",
      minWidth: 8,
      value: (row) => row.project ?? "",
      shortValue: (row) => projects.get(row.project ?? "") ?? "",
    },
    { key: "branch", title: "Branch", kind: "text", minWidth: 8, value: (row) => row.branch ?? "" },
    { key: "version", title: "Version", kind: "text", value: (row) => row.version ?? "" },
    { key: "activeDurationMs", title: "Active", kind: "duration", value: (row) => row.activeDurationMs ?? null },
    { key: "wallDurationMs", title: "Wall", kind: "duration", value: (row) => row.wallDurationMs ?? null },
    { key: "tasksCompleted", title: "Tasks", kind: "count", value: (row) => row.tasksCompleted ?? null },
    { key: "successRate", title: "Success", kind: "percent", value: (row) => row.successRate ?? null },
    { key: "toolCalls", title: "Tools", kind: "count", value: (row) => row.toolCalls ?? null },
    { key: "errorCount", title: "Errors", kind: "count", value: (row) => row.errorCount ?? null },
    { key: "filesCreated", title: "Created", kind: "count", value: (row) => row.filesCreated ?? null },
    { key: "filesModified", title: "Modified", kind: "count", value: (row) => row.filesModified ?? null },
    { key: "linesAdded", title: "+Lines", kind: "count", value: (row) => row.linesAdded ?? null },
    { key: "linesRemoved", title: "-Lines", kind: "count", value: (row) => row.linesRemoved ?? null },
    ...usageColumns<SessionLine>(),
    {
      key: "tools",
      title: "Tools used",
      kind: "text",
      minWidth: 16,
      value: (row) => toolsText(row.tools),
    },
    { key: "errors", title: "Errors by type", kind: "text", minWidth: 14, value: (row) => countsText(row.errors) },
    { key: "modelsUsed", title: "Models", kind: "text", minWidth: 16, value: (row) => row.modelsUsed?.join(" ") ?? "" },
    ...originColumns<SessionLine>(),
  ];
  return {
    columns: dropInOrder(columns, DROP_ORDER),
    rows,
    totals: report.totals,
    ...(options.isBrokenDown && MODEL_BREAKDOWN),
  };
}
