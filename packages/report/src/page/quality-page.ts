/** The page of quality: what holds now, and a chart of every trend. */
import type { TimeRange } from "@moai-metrics/model";
import type { QualityReportRow, QualityTotals } from "../quality-rows.ts";
import { MEASURE_TITLES, qualityTable } from "../tables/quality-table.ts";
import { shortPaths } from "../tables/short-names.ts";
import type { Report } from "../usage-rows.ts";
import { pageTable } from "./page-table.ts";
import type { Page, PageSection } from "./types.ts";

/** What stands around the rows. */
export interface QualityPageOptions {
  readonly subtitle: string;
  readonly timeZone: string;
  readonly range: TimeRange | undefined;
}

/** A chart shows at most this many of the latest entries. */
const MAX_COLUMNS = 60;

const KEPT_COLUMNS: ReadonlySet<string> = new Set(["measure", "benchmark", "score", "change", "good", "total"]);

/** What is good, said once for all tables. */
export const QUALITY_NOTE =
  "Test coverage: covered lines / lines. Lint score: linted files without errors / linted files.";

/** What a change is against. */
export function changeNote(range: TimeRange | undefined): string {
  return range === undefined
    ? "Change: against the measurement before."
    : "Change: against what was measured last before these days.";
}

/** Lays a report of quality out. */
export function qualityPage(report: Report<QualityReportRow, QualityTotals>, options: QualityPageOptions): Page {
  const { subtitle, timeZone, range } = options;
  const names = shortPaths(report.rows.map(({ project }) => project));
  // Columns stand on zero.
  const trends = report.rows.filter(({ trend }) => trend.length > 1 && trend.every(({ score }) => score >= 0));
  return {
    title: "Quality",
    subtitle,
    timeZone,
    figures: [],
    sections: [
      { question: "How good is the code?", table: qualityTableOfPage(report) },
      ...trends.map((row) => trendSection(row, names.get(row.project) ?? row.project)),
    ],
    notes: [changeNote(range), QUALITY_NOTE],
  };
}

/** The table of the latest measurements, as pages show it. */
export function qualityTableOfPage(report: Report<QualityReportRow, QualityTotals>): PageSection["table"] {
  const table = qualityTable(report);
  const keys = table.columns.filter(({ title, key }) => title !== undefined && key !== "measurements");
  const page = pageTable(
    table,
    keys.map(({ key }) => key),
  );
  return { ...page, columns: page.columns.map((column) => ({ ...column, isKept: KEPT_COLUMNS.has(column.key) })) };
}

function trendSection({ measure, benchmark, tool, trend }: QualityReportRow, project: string): PageSection {
  const isShare = measure !== "benchmark_score";
  const what = [MEASURE_TITLES[measure], benchmark, "of", project, tool === null ? null : `(${tool})`];
  return {
    question: what.filter((word) => word !== null).join(" "),
    chart: {
      form: "columns",
      title: "The last measurement of each period",
      kind: isShare ? "percent" : "number",
      points: trend.slice(-MAX_COLUMNS).map(({ period, score }) => ({ label: period, value: score })),
    },
  };
}
