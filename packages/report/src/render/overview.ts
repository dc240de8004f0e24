/** The overview as one screen. */
import { renderBudgets, tokenWarningNote } from "../budgets/budget-lines.ts";
import type { BudgetReport } from "../budgets/types.ts";
import type { Overview, OverviewPeriod } from "../overview.ts";
import { costColumn, formatCostOf, unpricedNote } from "../tables/costs.ts";
import type { UsageRow } from "../usage-rows.ts";
import { formatChange, formatCount, formatDuration, formatPercent, formatPointChange, NO_VALUE } from "./numbers.ts";
import type { Palette } from "./palette.ts";
import { toPlainText } from "./plain-text.ts";
import { renderTable } from "./table.ts";
import type { Column } from "./table-model.ts";
import { cutToWidth, pad, widthOf, wrapToWidth } from "./width.ts";

/** How to render the overview. */
export interface OverviewOptions {
  /** Width of the screen; more than {@link MAX_WIDTH} is not used. */
  readonly columns: number;
  /** Lines that fit; agents and models beyond that are counted instead of shown. */
  readonly rows: number;
  readonly palette: Palette;
  /** What this data is, when it is not the user's: stands first. */
  readonly label?: string | undefined;
  /** Fields that are not shown. */
  readonly hidden?: ReadonlySet<string> | undefined;
  /** Budgets, when there are any: shown below the figures. */
  readonly budgets?: BudgetReport | undefined;
  /** What the reader should know or do, one sentence each, most important first. */
  readonly notes: readonly string[];
}

const MAX_WIDTH = 100;
const TITLE_WIDTH = 22;
const BAR_WIDTH = 10;

/** Two blanks and a change such as `▲ 120%`. */
const CHANGE_WIDTH = 8;
const NAME_WIDTH = 24;
const MAX_BUDGETS = 3;

/** What the two tables below the figures are about. */
type DetailName = "agent" | "model";

type PeriodKey = "today" | "last7Days" | "thisMonth";

const PERIODS: readonly { readonly key: PeriodKey; readonly title: string }[] = [
  { key: "today", title: "Today" },
  { key: "last7Days", title: "Last 7 days" },
  { key: "thisMonth", title: "This month" },
];

interface Figure {
  readonly key: keyof OverviewPeriod;
  readonly title: string;
  readonly value: (period: OverviewPeriod) => string;
  readonly change: (period: OverviewPeriod) => number | null;
  readonly formatChange: (change: number) => string;
  /** More is better: the change is coloured. Otherwise it is only told. */
  readonly isBetterWhenMore?: boolean;
}

const FIGURES: readonly Figure[] = [
  {
    key: "sessions",
    title: "Sessions",
    value: (period) => formatCount(period.sessions),
    change: (period) => period.changes.sessions,
    formatChange,
  },
  {
    key: "tasksCompleted",
    title: "Tasks completed",
    value: (period) => formatCount(period.tasksCompleted),
    change: (period) => period.changes.tasksCompleted,
    formatChange,
  },
  {
    key: "successRate",
    title: "Success rate",
    value: (period) => (period.successRate === null ? NO_VALUE : formatPercent(period.successRate)),
    change: (period) => period.changes.successRate,
    formatChange: formatPointChange,
    isBetterWhenMore: true,
  },
  {
    key: "averageDurationMs",
    title: "Average duration",
    value: (period) => (period.averageDurationMs === null ? NO_VALUE : formatDuration(period.averageDurationMs)),
    change: (period) => period.changes.averageDurationMs,
    formatChange,
  },
  {
    key: "totalTokens",
    title: "Tokens",
    value: (period) => formatCount(period.totalTokens),
    change: (period) => period.changes.totalTokens,
    formatChange,
  },
  {
    key: "totalCost",
    title: "Cost, API list prices",
    value: formatCostOf,
    change: (period) => period.changes.totalCost,
    formatChange,
  },
];

/** Renders the overview as lines without line ends. */
export function renderOverview(overview: Overview, options: OverviewOptions): string[] {
  const { palette, hidden = new Set<string>() } = options;
  const width = Math.min(options.columns, MAX_WIDTH);
  const head = [
    ...(options.label === undefined ? [] : wrapToWidth(options.label, width).map((line) => palette.warning(line))),
    titleLine(overview, palette, width),
    ...figureLines(overview, hidden, palette, width),
    ...budgetLines(options, width),
  ];
  const notes = [
    ...(overview.unpricedModels.length > 0 ? [unpricedNote(overview.unpricedModels)] : []),
    ...unknownNote(overview),
    ...warningNote(options),
    ...options.notes,
  ].flatMap((note) => wrapToWidth(note, width));

  // Each of the two tables takes a blank line and a header.
  const room = Math.max(2, options.rows - head.length - notes.length - 1 - 4);
  const shares = shareRoom(room, overview.byAgent.length, overview.byModel.length);
  return [
    ...head,
    ...detailTable(overview, "agent", shares[0], hidden, width, palette),
    ...detailTable(overview, "model", shares[1], hidden, width, palette),
    ...(notes.length > 0 ? ["", ...notes.map((line) => palette.faint(line))] : []),
  ];
}

/** A few lines, the worst first. */
function budgetLines({ budgets, palette }: OverviewOptions, width: number): string[] {
  if (budgets === undefined || budgets.budgets.length === 0) return [];
  return ["", ...renderBudgets(budgets, { columns: width, palette, maxLines: MAX_BUDGETS })];
}

function warningNote({ budgets }: OverviewOptions): string[] {
  const note = budgets && tokenWarningNote(budgets);
  return note === undefined ? [] : [note];
}

function titleLine(overview: Overview, palette: Palette, width: number): string {
  const title = "moai-metrics";
  const date = `${overview.date} ${overview.timeZone}`;
  const legend = "▲▼ against the stretch before";
  const room = width - widthOf(title) - widthOf(date) - widthOf(legend) - 4;
  const left = `${palette.title(title)}  ${date}`;
  return room < 0 ? left : left + " ".repeat(room + 2) + palette.faint(legend);
}

function figureLines(overview: Overview, hidden: ReadonlySet<string>, palette: Palette, width: number): string[] {
  const titleWidth = Math.max(...PERIODS.map(({ title }) => widthOf(title)));
  // A screen too narrow for three periods shows the first ones.
  const shown = PERIODS.slice(0, Math.max(1, Math.floor((width - TITLE_WIDTH) / (titleWidth + 1))));
  const columnWidth = Math.floor((width - TITLE_WIDTH) / shown.length);
  const valueWidth = Math.max(Math.floor(columnWidth / 2), titleWidth);
  const changeWidth = Math.max(0, columnWidth - valueWidth);
  const hasRoomForChanges = changeWidth >= CHANGE_WIDTH;
  const header = shown.map(({ title }) => pad(title, valueWidth, "right") + " ".repeat(changeWidth)).join("");
  const lines = FIGURES.filter(({ key }) => !hidden.has(key)).map((figure) => {
    const cells = shown.map(({ key }) => {
      const period = overview[key];
      const change = figure.change(period);
      const text = change === null || !hasRoomForChanges ? "" : `  ${figure.formatChange(change)}`;
      const value = pad(figure.value(period), valueWidth, "right");
      return palette.strong(value) + changeStyle(figure, change, palette)(pad(text, changeWidth, "left"));
    });
    return (pad(figure.title, TITLE_WIDTH, "left") + cells.join("")).trimEnd();
  });
  return [palette.header((" ".repeat(TITLE_WIDTH) + header).trimEnd()), ...lines];
}

function changeStyle(figure: Figure, change: number | null, palette: Palette): (text: string) => string {
  if (!figure.isBetterWhenMore || change === null || Math.round(change * 100) === 0) return palette.faint;
  return change > 0 ? palette.good : palette.bad;
}

function detailTable(
  overview: Overview,
  name: DetailName,
  limit: number,
  hidden: ReadonlySet<string>,
  width: number,
  palette: Palette,
): string[] {
  const rows = name === "agent" ? overview.byAgent : overview.byModel;
  if (rows.length === 0) return [];
  const shown = rows.slice(0, limit);
  const title = detailTitle(overview, name, shown.length, rows.length);
  const columns = (name === "agent" ? agentColumns(title) : modelColumns(title)).filter(({ key }) => !hidden.has(key));
  return ["", ...renderTable({ columns, rows: shown }, { columns: width, palette, timeZone: "UTC", isCompact: true })];
}

/** Says which time the rows cover and, where there is no room for all, how many there are. */
function detailTitle(overview: Overview, name: DetailName, shown: number, total: number): string {
  const isRecent = overview.detailPeriod === "last7Days";
  const since = isRecent ? "last 7 days" : `since ${overview.oldestDate ?? ""}`;
  if (shown === total) return `${name === "agent" ? "Agents" : "Models"}, ${since}`;
  return isRecent ? `${shown} of ${total} ${name}s, 7 days` : `${shown} of ${total} ${since}`;
}

function agentColumns(title: string): readonly Column<UsageRow>[] {
  return [
    nameColumn("agent", title),
    { key: "tasks", title: "Tasks", kind: "count", value: (row) => row.tasksCompleted },
    { key: "bar", title: "Success", kind: "text", value: (row) => bar(row.successRate), dropRank: 1 },
    { key: "rate", title: "", kind: "percent", value: (row) => row.successRate },
    { key: "averageDurationMs", title: "Average", kind: "duration", value: (row) => row.averageDurationMs },
    { key: "tokens", title: "Tokens", kind: "tokens", value: (row) => row.totalTokens },
    costColumn<UsageRow>(),
  ];
}

function modelColumns(title: string): readonly Column<UsageRow>[] {
  return [
    nameColumn("model", title),
    { key: "calls", title: "Calls", kind: "count", value: (row) => row.calls },
    { key: "input", title: "Input", kind: "tokens", value: (row) => row.inputTokens, dropRank: 1 },
    { key: "output", title: "Output", kind: "tokens", value: (row) => row.outputTokens, dropRank: 2 },
    { key: "tokens", title: "Tokens", kind: "tokens", value: (row) => row.totalTokens },
    costColumn<UsageRow>(),
  ];
}

/** The same width in both tables, so that they line up. */
function nameColumn(key: DetailName, title: string): Column<UsageRow> {
  const shortValue = (row: UsageRow): string =>
    pad(cutToWidth(toPlainText(row[key] ?? ""), NAME_WIDTH), NAME_WIDTH, "left");
  return { key, title: pad(title, NAME_WIDTH, "left"), kind: "text", value: (row) => row[key] ?? "", shortValue };
}

function bar(share: number | null): string {
  if (share === null) return "";
  const filled = Math.round(share * BAR_WIDTH);
  return "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
}

function unknownNote(overview: Overview): string[] {
  const share = overview.last7Days.unknownShare;
  if (share === null || share === 0) return [];
  return [`${formatPercent(share)} of the tasks of the last 7 days ended without a known result.`];
}

/** Splits lines between two lists: each gets what it needs where both fit, else at least half. */
function shareRoom(room: number, first: number, second: number): readonly [number, number] {
  const half = Math.floor(room / 2);
  if (second <= half) return [room - second, second];
  if (first <= room - half) return [first, room - first];
  return [room - half, half];
}
