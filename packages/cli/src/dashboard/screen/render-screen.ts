/** The screen: a pure function from state to lines of text. */
import type { Dashboard, DashboardPeriod, Palette } from "@moai-metrics/report";
import { toPlainText, wrapToWidth } from "@moai-metrics/report/screen";
import { agentRows, alertRows, queueRows } from "../rows.ts";
import type { DashboardState, SectionName, Source } from "../state.ts";
import { agentsLines } from "./agents-lines.ts";
import { alertsLines } from "./alerts-lines.ts";
import { detailLines } from "./detail-lines.ts";
import { helpLines } from "./help-lines.ts";
import { GAP, LEAST_COLUMNS, LEAST_ROWS, type PlacedColumn, placeSections, type WantedRows } from "./layout.ts";
import { fill, type Line, line, paint, spread } from "./lines.ts";
import { clockText } from "./names.ts";
import { queueLines } from "./queue-lines.ts";
import { resourcesLines } from "./resources-lines.ts";
import { SUMMARY_ROWS, summaryLines } from "./summary-lines.ts";
import { trendsLines } from "./trends-lines.ts";

/** Draws: at most as many lines as there are rows, none wider than the screen. */
export function renderScreen(state: DashboardState, palette: Palette): string[] {
  return screenLines(state)
    .slice(0, state.rows)
    .map((each) => paint(each, state.columns, palette));
}

/** Whether the screen is large enough to draw on. */
function isLargeEnough({ columns, rows }: Pick<DashboardState, "columns" | "rows">): boolean {
  return columns >= LEAST_COLUMNS && rows >= LEAST_ROWS;
}

function screenLines(state: DashboardState): Line[] {
  const { columns, rows, dashboard } = state;
  if (!isLargeEnough(state)) {
    return [line(`${columns} × ${rows} is too small: enlarge to ${LEAST_COLUMNS} × ${LEAST_ROWS}, or q to quit.`)];
  }
  const head = headLines(state);
  const foot = state.isOnce ? [] : [footLine(state)];
  const room = rows - head.length - foot.length;
  const body = state.isHelpShown
    ? helpLines(room)
    : state.detail !== undefined
      ? detailLines(state.detail, dashboard?.timeZone ?? "UTC", columns, room)
      : dashboard === undefined
        ? waitingLines(state)
        : sectionLines(state, dashboard, room);
  return [...head, ...filled(body, room), ...foot];
}

/** Why there is nothing to see yet, and what to do about it: whole, since there is room. */
function waitingLines({ problem, columns }: DashboardState): Line[] {
  if (problem === undefined) return [line("Reading the store …", "faint")];
  return wrapToWidth(toPlainText(problem), columns).map((text) => line(text, "warning"));
}

function filled(lines: readonly Line[], rows: number): Line[] {
  return [...lines.slice(0, rows), ...Array.from({ length: Math.max(0, rows - lines.length) }, () => [])];
}

const SOURCES: Readonly<Record<Source, string>> = {
  receiver: "live from the receiver",
  tail: "live from transcripts",
  nothing: "not live",
};

/** From this height on there is a row for a label. */
const ROWS_WITH_LABEL = 22;

function headLines({ columns, rows, dashboard, source, label, isOnce }: DashboardState): Line[] {
  const [shortLabel = ""] = label?.split(":") ?? [];
  const hasRow = label !== undefined && rows >= ROWS_WITH_LABEL;
  const title: Line = [
    ...(label === undefined || hasRow ? [] : [{ text: `${shortLabel}  `, style: "warning" as const }]),
    { text: "moai-metrics", style: "title" },
    ...(dashboard === undefined ? [] : [{ text: `  ${momentText(dashboard)}` }]),
  ];
  const right = label === undefined && !isOnce ? line(SOURCES[source], "faint") : [];
  return [...(hasRow ? [line(label, "warning")] : []), spread(title, right, columns)];
}

function momentText({ at, timeZone, period }: Dashboard): string {
  return `${period.to} ${clockText(at, timeZone)} ${timeZone}`;
}

const KEYS = "Tab section  ↑↓ row  Enter open  / filter  p period  g group  s sort  ? help  q quit";
const SHORT_KEYS = "Tab  ↑↓  Enter  / filter  p period  ? help  q quit";

function footLine({ editing, notice: told, problem, filter, columns, dashboard }: DashboardState): Line {
  const notice = told ?? (dashboard === undefined ? undefined : problem);
  if (editing !== undefined) {
    return [
      { text: "/", style: "strong" },
      { text: editing },
      { text: "▏", style: "accent" },
      { text: "  words, or project: product: agent: model:   Enter, Esc", style: "faint" },
    ];
  }
  if (notice !== undefined) return line(notice, "warning");
  const keys = columns > KEYS.length ? KEYS : SHORT_KEYS;
  if (filter === "") return line(keys, "faint");
  return [
    { text: `Filter: ${filter}`, style: "accent" },
    { text: "  Esc clears it  ? help  q quit", style: "faint" },
  ];
}

function sectionLines(state: DashboardState, dashboard: Dashboard, room: number): Line[] {
  const { columns, focus } = state;
  const summary = [
    ruleLine("  Summary", `${PERIODS[dashboard.period.name]}, against the same stretch before`, columns),
    ...indented(summaryLines(dashboard, columns - INDENT)),
  ];
  const placed = placeSections(columns, room - 1 - SUMMARY_ROWS, wantedRows(state, dashboard), focus);
  const drawn = placed.map((column) => columnLines(state, dashboard, column));
  if (drawn.length === 1) return [...summary, ...(drawn[0] ?? [])];
  const height = Math.max(...drawn.map((lines) => lines.length));
  const rows = Array.from({ length: height }, (_, row) =>
    placed.flatMap(({ width }, i): Line => {
      const cells = fill(drawn[i]?.[row] ?? [], width);
      return i === 0 ? cells : [{ text: " ".repeat(GAP) }, ...cells];
    }),
  );
  return [...summary, ...rows];
}

const PERIODS: Readonly<Record<DashboardPeriod, string>> = {
  today: "today",
  "7d": "last 7 days",
  "30d": "last 30 days",
  "90d": "last 90 days",
};

const CHART_ROWS = 10;

const MANY_ROWS = 1_000;

function wantedRows(state: DashboardState, dashboard: Dashboard): WantedRows {
  return {
    agents: 1 + agentRows(state).length,
    queue: 2 + queueRows(state).length,
    trends: CHART_ROWS,
    resources: resourcesLines(dashboard, MANY_ROWS).length,
    alerts: Math.max(1, alertRows(state).length + (state.focus === "alerts" ? 1 : 0)),
  };
}

function columnLines(state: DashboardState, dashboard: Dashboard, { width, sections }: PlacedColumn): Line[] {
  return sections.flatMap(({ name, rows }) => {
    const isFocused = name === state.focus && !state.isOnce;
    const mark = isFocused ? "▸ " : "  ";
    const title = name[0]?.toUpperCase() + name.slice(1);
    const head = ruleLine(mark + title, noteOf(name, state, dashboard), width);
    return [head, ...filled(contentOf(name, state, dashboard, width, rows, isFocused), rows)];
  });
}

function contentOf(
  name: SectionName,
  state: DashboardState,
  dashboard: Dashboard,
  width: number,
  rows: number,
  isFocused: boolean,
): Line[] {
  switch (name) {
    case "agents":
      return agentsLines(state, width, rows, isFocused);
    case "queue":
      return queueLines(state, dashboard, width, rows, isFocused);
    case "trends":
      return indented(trendsLines(state, dashboard, width - INDENT, rows));
    case "resources":
      return indented(resourcesLines(dashboard, rows));
    case "alerts":
      return indented(alertsLines(state, width - INDENT, rows, isFocused));
  }
}

/** As far as the titles of the sections and the rows of lists. */
const INDENT = 2;

function indented(lines: readonly Line[]): Line[] {
  return lines.map((each) => [{ text: " ".repeat(INDENT) }, ...each]);
}

/** What stands beside the title of a section. */
function noteOf(name: SectionName, state: DashboardState, { agents, period, trends, alerts }: Dashboard): string {
  switch (name) {
    case "agents":
      return `${PERIODS[period.name]}, by ${agents.groupBy}, ordered by ${state.sort}`;
    case "queue":
      return "now";
    case "trends":
      return `by the ${trends.unit}, ${TREND_SPANS[trends.unit](trends.buckets.length)}`;
    case "resources":
      return "now";
    case "alerts":
      return alerts.length === 0 ? "" : String(alerts.length);
  }
}

const TREND_SPANS: Readonly<Record<Dashboard["trends"]["unit"], (count: number) => string>> = {
  hour: (count) => `last ${count} hours`,
  day: (count) => `last ${count} days`,
  week: (count) => `last ${count} weeks`,
};

/** A title, a note, and a rule to the edge. */
function ruleLine(title: string, note: string, width: number): Line {
  const text = note === "" ? `${title} ` : `${title}  ${note} `;
  return [
    { text: title, style: "strong" },
    { text: text.slice(title.length) + "─".repeat(Math.max(0, width - text.length)), style: "faint" },
  ];
}
