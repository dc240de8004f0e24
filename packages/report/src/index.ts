export { type Alert, alertsOf } from "./budgets/alerts.ts";
export { renderBudgets, tokenWarningNote } from "./budgets/budget-lines.ts";
export { type BudgetQuestion, budgetReport, type WatchSettings, watchSettings } from "./budgets/budget-report.ts";
export { concerns } from "./budgets/concerns.ts";
export type { BudgetSource } from "./budgets/read-amounts.ts";
export type {
  BudgetEntry,
  BudgetReport,
  BudgetState,
  BudgetStatus,
  LimitName,
  LimitStatus,
  TokenWarnings,
} from "./budgets/types.ts";
export { atMoment } from "./budgets/windows.ts";
export { type CostCauses, explainCost, type ModelCost } from "./compare/cost-causes.ts";
export {
  type DashboardAnswers,
  dashboardReport,
  NO_READINGS,
  readDashboard,
  readQueue,
  toDashboard,
} from "./dashboard/dashboard.ts";
export {
  type DashboardDetail,
  type DetailField,
  type DetailSubject,
  dashboardDetail,
  type TimelineEntry,
} from "./dashboard/details.ts";
export type { DashboardChoice, DashboardQuestion, DashboardSource } from "./dashboard/question.ts";
export {
  type AgentLine,
  DASHBOARD_PERIODS,
  type Dashboard,
  type DashboardAlert,
  type DashboardPeriod,
  type Level,
  type ProcessReading,
  type QueueSection,
  type Readings,
  type ReceiverReading,
  type StoreReading,
  type SummaryFigure,
  TREND_UNITS,
  type TrendBucket,
  type TrendUnit,
} from "./dashboard/types.ts";
export { NOTHING_WATCHED, readWatched, type WatchedAnswers } from "./dashboard/watched.ts";
export { agentMetricsDocument } from "./documents/agent-metrics.ts";
export { type PeriodReportQuestion, periodReportDocument } from "./documents/period-report.ts";
export { taskMetricsDocument } from "./documents/task-metrics.ts";
export { tokenUsageDocument } from "./documents/token-usage.ts";
export type {
  AgentMetricsDocument,
  PeriodReport,
  PeriodReportDocument,
  TaskMetricsDocument,
  TokenUsageDocument,
} from "./documents/types.ts";
export { envelope } from "./envelope.ts";
export { exportCsv } from "./export/export-csv.ts";
export { exportGrafana, type GrafanaQuestion } from "./export/export-grafana.ts";
export { exportJson } from "./export/export-json.ts";
export { exportOpenMetrics, type OpenMetricsQuestion } from "./export/export-openmetrics.ts";
export { exportPrometheus, PROMETHEUS_MEDIA_TYPE } from "./export/export-prometheus.ts";
export { exportTaskPage } from "./export/export-task-page.ts";
export { type ExportQuestion, type ExportSource, type ExportText, ROW_KINDS, type RowKind } from "./export/types.ts";
export { renderExposition } from "./exposition/render-exposition.ts";
export {
  EXPOSITION_MEDIA_TYPES,
  type ExposedMetric,
  type ExposedSeries,
  type Exposition,
  type ExpositionFormat,
} from "./exposition/types.ts";
export { nameOrUnknown, UNKNOWN_NAME } from "./fields.ts";
export {
  hiddenFields,
  hiddenKeys,
  withoutColumns,
  withoutFields,
  withoutKeys,
  withoutParts,
} from "./hidden-fields.ts";
export { type Overview, type OverviewPeriod, type OverviewQuestion, overviewReport } from "./overview.ts";
export { type PeriodPageQuestion, periodPage } from "./page/period-page.ts";
export { changeNote, QUALITY_NOTE, qualityPage } from "./page/quality-page.ts";
export { renderHtml } from "./page/render-html.ts";
export { renderMarkdown } from "./page/render-markdown.ts";
export { renderText } from "./page/render-text.ts";
export { type RowsPageOptions, rowsPage } from "./page/rows-page.ts";
export type { ChartPoint, Page, PageChart, PageFigure, PageSection, PageTable } from "./page/types.ts";
export { type PriceRow, priceRows } from "./price-rows.ts";
export { usageQuery } from "./prometheus/usage-metrics.ts";
export {
  type CounterReading,
  type CounterSample,
  createUsageReader,
  type UsageReader,
} from "./prometheus/usage-reader.ts";
export {
  type QualityPeriodRow,
  type QualityQuestion,
  type QualityReportRow,
  type QualityTotals,
  qualityByPeriod,
  qualityReport,
} from "./quality-rows.ts";
export { missedCallsTable } from "./reconcile/missed-calls-table.ts";
export { reconcileReport } from "./reconcile/reconcile-report.ts";
export { reconcileTable } from "./reconcile/reconcile-table.ts";
export type { ReconcileReport, ReconcileTotals } from "./reconcile/types.ts";
export { renderCsv } from "./render/csv.ts";
export { fitColumns } from "./render/fit-columns.ts";
export { renderJson } from "./render/json.ts";
export {
  formatChange,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  formatPointChange,
  formatScore,
  NO_VALUE,
} from "./render/numbers.ts";
export { type OverviewOptions, renderOverview } from "./render/overview.ts";
export { createPalette, type Palette } from "./render/palette.ts";
export { escapeJsonControls, toPlainText } from "./render/plain-text.ts";
export { renderSessionCard } from "./render/session-card.ts";
export { renderTable, type TableOptions } from "./render/table.ts";
export type { Column, Table } from "./render/table-model.ts";
export { cutToWidth, pad, widthOf, wrapToWidth } from "./render/width.ts";
export { type SessionReportRow, type SessionSums, sessionReport } from "./session-rows.ts";
export { type SortOrder, sortTable } from "./sort-rows.ts";
export { type CostTotals, costNotes } from "./tables/cost-notes.ts";
export { COST_NOTE, formatCostOf } from "./tables/costs.ts";
export { priceTable } from "./tables/price-table.ts";
export { MEASURE_TITLES, qualityPeriodTable, qualityTable } from "./tables/quality-table.ts";
export { type SessionLine, sessionTable } from "./tables/session-table.ts";
export { type TaskLine, taskTable } from "./tables/task-table.ts";
export { type ToolLine, toolTable } from "./tables/tool-table.ts";
export { type UsageLine, usageTable } from "./tables/usage-table.ts";
export { type TaskReportRow, type TaskTotals, taskReport } from "./task-rows.ts";
export { TELEMETRY_RULES, telemetryAlerts } from "./telemetry/telemetry-alerts.ts";
export { type ToolReportRow, type ToolSums, toolReport } from "./tool-rows.ts";
export {
  type DimensionQuestion,
  type PeriodQuestion,
  type Report,
  type UsageDimension,
  type UsageRow,
  unpricedModels,
  usageByDimension,
  usageByPeriod,
} from "./usage-rows.ts";
