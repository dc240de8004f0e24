/** The tables of quality: what holds now, and how it came about. */
import type { QualityMeasure } from "@moai-metrics/model";
import type { QualityPeriodRow, QualityReportRow, QualityTotals } from "../quality-rows.ts";
import { formatScore, formatScoreChange } from "../render/numbers.ts";
import type { Column, Table } from "../render/table-model.ts";
import type { Report } from "../usage-rows.ts";
import { shortPaths } from "./short-names.ts";

/** Names of the measures for people. */
export const MEASURE_TITLES: Readonly<Record<QualityMeasure, string>> = {
  test_coverage: "Test coverage",
  lint_score: "Lint score",
  benchmark_score: "Benchmark",
};

/** What the rows of both tables have in common. */
type ScoreRow = Pick<
  QualityPeriodRow,
  "project" | "measure" | "benchmark" | "tool" | "score" | "good" | "total" | "change"
>;

/** Lays out the latest measurements. */
export function qualityTable({ rows }: Report<QualityReportRow, QualityTotals>): Table<QualityReportRow> {
  return {
    columns: [
      ...nameColumns(rows),
      ...scoreColumns<QualityReportRow>(),
      { key: "previousScore", kind: "number", value: (row) => row.previousScore },
      { key: "measuredAt", title: "Measured", kind: "time", dropRank: 3, value: (row) => row.measuredAt },
      { key: "previousAt", kind: "time", value: (row) => row.previousAt },
      { key: "measurements", title: "Times", kind: "count", dropRank: 4, value: (row) => row.measurements },
    ],
    rows,
  };
}

/** Lays out trends, one row per period. */
export function qualityPeriodTable({ rows }: Report<QualityPeriodRow, QualityTotals>): Table<QualityPeriodRow> {
  const period: Column<QualityPeriodRow> = { key: "period", title: "Period", kind: "text", value: (row) => row.period };
  return { columns: [period, ...nameColumns(rows), ...scoreColumns<QualityPeriodRow>()], rows };
}

function nameColumns<Row extends ScoreRow>(rows: readonly Row[]): readonly Column<Row>[] {
  const projects = shortPaths(rows.map(({ project }) => project));
  return [
    {
      key: "project",
      title: "Project",
      kind: "text",
      minWidth: 10,
      value: (row) => row.project,
      shortValue: (row) => projects.get(row.project) ?? "",
    },
    {
      key: "measure",
      title: "Measure",
      kind: "text",
      value: (row) => row.measure,
      textValue: (row) => MEASURE_TITLES[row.measure],
    },
    {
      key: "benchmark",
      title: rows.some(({ benchmark }) => benchmark !== null) ? "Name" : undefined,
      kind: "text",
      minWidth: 8,
      value: (row) => row.benchmark,
    },
    { key: "tool", title: "Tool", kind: "text", minWidth: 8, value: (row) => row.tool },
  ];
}

function scoreColumns<Row extends ScoreRow>(): readonly Column<Row>[] {
  return [
    {
      key: "score",
      title: "Score",
      kind: "number",
      value: (row) => row.score,
      textValue: (row) => formatScore(row.score, isShare(row)),
    },
    {
      key: "change",
      title: "Change",
      kind: "number",
      value: (row) => row.change,
      textValue: (row) => (row.change === null ? "" : formatScoreChange(row.change, isShare(row))),
    },
    { key: "good", title: "Good", kind: "count", dropRank: 2, value: (row) => row.good },
    { key: "total", title: "Of", kind: "count", dropRank: 2, value: (row) => row.total },
  ];
}

function isShare({ measure }: ScoreRow): boolean {
  return measure !== "benchmark_score";
}
