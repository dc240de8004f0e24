/** Pages: apart from the rest, so that commands without one need not load them. */
export { type CostCauses, explainCost, type ModelCost } from "./compare/cost-causes.ts";
export { type PeriodPageQuestion, periodPage } from "./page/period-page.ts";
export { changeNote, QUALITY_NOTE, qualityPage } from "./page/quality-page.ts";
export { renderHtml } from "./page/render-html.ts";
export { renderMarkdown } from "./page/render-markdown.ts";
export { renderText } from "./page/render-text.ts";
export { type RowsPageOptions, rowsPage } from "./page/rows-page.ts";
export type { ChartPoint, Page, PageChart, PageFigure, PageSection, PageTable } from "./page/types.ts";
export { type UsagePageQuestion, usagePage } from "./page/usage-page.ts";
