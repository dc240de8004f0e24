/** Agents: a bar of the success rate of each, and what it did. Pure. */
import {
  type AgentLine,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  NO_VALUE,
} from "@moai-metrics/report/screen";
import { agentRows } from "../rows.ts";
import type { AgentSort, DashboardState } from "../state.ts";
import { meter } from "./graphics.ts";
import { markOf, styleOf } from "./levels.ts";
import type { Line } from "./lines.ts";
import { listWindow, selectionMark } from "./list-window.ts";
import { naturalWidth, type TableColumn, tableLines } from "./table.ts";

/** The longest that fits is drawn; where none does, the column is left out. */
const BAR_WIDTHS = [20, 12, 6] as const;

/** What costs without a known price are called, as in every table. */
const UNPRICED = "unpriced";

/** Lines of the section: a header, then rows around the chosen one. */
export function agentsLines(state: DashboardState, width: number, rows: number, isFocused: boolean): Line[] {
  const all = agentRows(state);
  if (all.length === 0)
    return [[{ text: state.filter === "" ? "  Nothing in this period." : "  Nothing matches.", style: "faint" }]];
  const { shown, first } = listWindow(all, state.selected.agents, rows - 1);
  const linesWith = (barWidth: number): Line[] =>
    shown.map((row, i) => cells(row, barWidth, selectionMark(isFocused, first + i, state.selected.agents)));
  const columns = columnsFor(state);
  const fitting = BAR_WIDTHS.map(linesWith).find((lines) => naturalWidth(columns, lines) <= width);
  return tableLines(columns, fitting ?? linesWith(BAR_WIDTHS[2]), width);
}

function cells(row: AgentLine, barWidth: number, mark: string): Line {
  const { name, tasksCompleted, successRate, averageDurationMs, totalTokens, totalCost, level } = row;
  return [
    { text: mark + name, style: mark.trim() === "" ? undefined : "strong" },
    { text: successRate === null ? "" : meter(successRate, barWidth), style: styleOf(level) },
    {
      text: (successRate === null ? NO_VALUE : formatPercent(successRate)) + markOf(level).trimEnd(),
      style: styleOf(level),
    },
    { text: tasksCompleted === 1 ? "1 task" : `${formatCount(tasksCompleted)} tasks` },
    { text: averageDurationMs === null ? NO_VALUE : formatDuration(averageDurationMs) },
    { text: formatCount(totalTokens) },
    { text: totalCost === null ? UNPRICED : formatCost(totalCost) },
  ];
}

/** The column that rows are ordered by says so. */
function columnsFor({ choice, sort }: DashboardState): TableColumn[] {
  const sorted = (title: string, by: AgentSort): string => (by === sort ? `${title}▾` : title);
  const name = choice.groupBy[0]?.toUpperCase() + choice.groupBy.slice(1);
  return [
    { title: `  ${sorted(name, "name")}`, minWidth: 14 },
    { title: "Success", dropRank: 1 },
    { title: sorted("", "success"), align: "right" },
    { title: sorted("Tasks", "tasks"), align: "right" },
    { title: sorted("Average", "duration"), align: "right", dropRank: 3 },
    { title: sorted("Tokens", "tokens"), align: "right", dropRank: 2 },
    { title: sorted("Cost", "cost"), align: "right" },
  ];
}
