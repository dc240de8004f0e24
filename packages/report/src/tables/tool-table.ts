/** The table of tools. */
import { ratio } from "../fields.ts";
import type { Table } from "../render/table-model.ts";
import type { ToolReportRow, ToolSums } from "../tool-rows.ts";
import type { Report } from "../usage-rows.ts";
import type { Line } from "./common-columns.ts";

/** A tool, or the totals. */
export type ToolLine = Line<ToolSums, ToolReportRow>;

/** Lays out a report of tools. */
export function toolTable(report: Report<ToolReportRow, ToolSums>): Table<ToolLine> {
  return {
    columns: [
      { key: "tool", title: "Tool", kind: "text", minWidth: 12, value: (row) => row.tool ?? "" },
      { key: "calls", title: "Calls", kind: "count", value: (row) => row.calls },
      { key: "errors", title: "Failed", kind: "count", value: (row) => row.errors },
      { key: "errorRate", title: "Failure rate", kind: "percent", value: (row) => row.errorRate },
      { key: "durationMs", title: "Duration", kind: "duration", value: (row) => row.durationMs },
      { key: "averageMs", title: "Average", kind: "duration", value: (row) => ratio(row.durationMs, row.calls) },
    ],
    rows: report.rows,
    totals: report.totals,
  };
}
