/** What a program needs that draws what another thread has read: none of this loads the store or a report. */
export type { DashboardDetail, DetailField, DetailSubject, TimelineEntry } from "./dashboard/details.ts";
export {
  type AgentLine,
  DASHBOARD_PERIODS,
  type Dashboard,
  type DashboardPeriod,
  type Level,
  type SummaryFigure,
  TREND_UNITS,
  type TrendBucket,
} from "./dashboard/types.ts";
export { fitColumns } from "./render/fit-columns.ts";
export {
  formatChange,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  formatPointChange,
  NO_VALUE,
} from "./render/numbers.ts";
export { createPalette, type Palette } from "./render/palette.ts";
export { toPlainText } from "./render/plain-text.ts";
export { cutToWidth, pad, widthOf, wrapToWidth } from "./render/width.ts";
