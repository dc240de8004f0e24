/** Budgets on a screen of other things: a few lines, and only when there is something to say. */

import { formatCount } from "../render/numbers.ts";
import type { Palette } from "../render/palette.ts";
import { renderTable } from "../render/table.ts";
import { tokenWord } from "./alerts.ts";
import { type BudgetLine, budgetTable } from "./budget-table.ts";
import { BUDGET_STATES, type BudgetReport, type BudgetState } from "./types.ts";

/** Where the lines go. */
export interface BudgetLinesOptions {
  readonly columns: number;
  readonly palette: Palette;
  /** Lines of the table; those that are worse come first, the others are counted. Default: all. */
  readonly maxLines?: number | undefined;
}

/** On a narrower screen columns are left out; the alerts beneath say what they would. */
const MIN_WIDTH = 64;

/** The table, coloured by state; nothing when there are no budgets. */
export function renderBudgets(report: BudgetReport, { columns, palette, maxLines }: BudgetLinesOptions): string[] {
  if (report.budgets.length === 0) return [];
  const table = budgetTable(report);
  const rows =
    maxLines === undefined ? table.rows : table.rows.toSorted((a, b) => rankOf(b) - rankOf(a)).slice(0, maxLines);
  const isCompact = maxLines !== undefined || columns < MIN_WIDTH;
  const options = { columns, palette, timeZone: report.timeZone, isCompact };
  const [header = "", ...lines] = renderTable({ ...table, rows }, options);
  const first = isCompact ? 0 : 1;
  const coloured = lines.map((line, index) => {
    const row = rows[index - first];
    return row === undefined ? line : styleOf(stateOf(row), palette)(line);
  });
  const left = table.rows.length - rows.length;
  return [header, ...coloured, ...(left > 0 ? [palette.faint(`and ${left} more: moai-metrics budget`)] : [])];
}

/** What there is to say about sessions and tasks beyond the threshold, in one sentence; undefined without any. */
export function tokenWarningNote({ tokenWarnings }: BudgetReport): string | undefined {
  const { peaks, threshold, counts } = tokenWarnings;
  if (peaks.length === 0) return undefined;
  const countOf = (kind: "session" | "task"): string[] => {
    const count = peaks.filter((peak) => peak.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}${count === 1 ? "" : "s"}`];
  };
  const names = [...countOf("session"), ...countOf("task")].join(" and ");
  return `${names} used ${formatCount(threshold)} ${tokenWord(counts)} or more: moai-metrics budget`;
}

function stateOf({ budget, limit }: BudgetLine): BudgetState {
  return limit?.state ?? budget.state;
}

function rankOf(line: BudgetLine): number {
  return BUDGET_STATES.indexOf(stateOf(line));
}

function styleOf(state: BudgetState, palette: Palette): (text: string) => string {
  if (state === "exceeded") return palette.bad;
  return state === "warning" ? palette.warning : (text) => text;
}
