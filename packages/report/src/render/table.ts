/** Tables for a terminal: fitted to its width, numbers whole, names made harmless. */
import { fitColumns } from "./fit-columns.ts";
import { formatCost, formatCount, formatDuration, formatPercent, NO_VALUE } from "./numbers.ts";
import type { Palette } from "./palette.ts";
import { toPlainText } from "./plain-text.ts";
import type { CellValue, Column, Table } from "./table-model.ts";
import { cutToWidth, pad, widthOf, wrapToWidth } from "./width.ts";

/** How to render for a terminal. */
export interface TableOptions {
  /** Width of the screen in columns. */
  readonly columns: number;
  readonly palette: Palette;
  /** IANA zone in which times are shown. */
  readonly timeZone: string;
  /** Leave out the rules and the note on hidden columns: the table is part of a screen. Default false. */
  readonly isCompact?: boolean | undefined;
}

/** What a cost column shows when no call has a known price. */
export const UNPRICED = "unpriced";

const GAP = 2;
const SUB_ROW_MARK = "└ ";
const TOTALS_TITLE = "Total";

/** Renders a table as lines without line ends. */
export function renderTable<Row>(table: Table<Row>, options: TableOptions): string[] {
  const { palette } = options;
  const shown = table.columns.filter((column) => column.title !== undefined);
  const format = createCellFormat(options.timeZone);
  const lines = shownRows(table, shown, format);

  const widths = fitColumns(
    shown.map((column, index) => {
      const naturalWidth = Math.max(
        widthOf(column.title ?? ""),
        ...lines.map((line) => widthOf(line.cells[index] ?? "")),
      );
      const minWidth = Math.min(naturalWidth, Math.max(column.minWidth ?? naturalWidth, widthOf(column.title ?? "")));
      return { naturalWidth, minWidth, dropRank: column.dropRank };
    }),
    options.columns,
    GAP,
  );

  const joinCells = (cells: readonly string[]): string =>
    shown
      .flatMap((column, index) => {
        const width = widths[index];
        if (width === undefined) return [];
        return [pad(cutToWidth(cells[index] ?? "", width), width, alignOf(column))];
      })
      .join(" ".repeat(GAP))
      .trimEnd();

  const fullWidth = widths.reduce<number>((sum, width) => sum + (width === undefined ? 0 : width + GAP), -GAP);
  const rule = palette.faint("─".repeat(Math.max(0, fullWidth)));
  const result = [palette.header(joinCells(shown.map((column) => column.title ?? "")))];
  if (!options.isCompact) result.push(rule);
  for (const line of lines) {
    const text = joinCells(line.cells);
    if (line.role === "totals") result.push(rule, palette.strong(text));
    else result.push(line.role === "sub" ? palette.faint(text) : text);
  }
  if (options.isCompact) return result;

  const hidden = shown.filter((_, index) => widths[index] === undefined).map((column) => column.title ?? "");
  if (hidden.length > 0) {
    const note = `Not shown at this width: ${hidden.join(", ")}.`;
    result.push(...wrapToWidth(note, options.columns).map((line) => palette.faint(line)));
  }
  return result;
}

interface ShownRow {
  readonly role: "row" | "sub" | "totals";
  readonly cells: readonly string[];
}

type CellFormat = (column: Column<never>["kind"], value: CellValue) => string;

function shownRows<Row>(table: Table<Row>, columns: readonly Column<Row>[], format: CellFormat): ShownRow[] {
  const cellsOf = (row: Row, firstCell?: string): string[] =>
    columns.map((column, index) => {
      if (index === 0 && firstCell !== undefined) return firstCell;
      if (column.shortValue !== undefined) return toPlainText(column.shortValue(row));
      return format(column.kind, column.value(row));
    });
  const lines: ShownRow[] = [];
  for (const row of table.rows) {
    lines.push({ role: "row", cells: cellsOf(row) });
    for (const subRow of table.subRows?.(row) ?? []) {
      const title = SUB_ROW_MARK + toPlainText(table.subRowTitle?.(subRow) ?? "");
      lines.push({ role: "sub", cells: cellsOf(subRow, title) });
    }
  }
  if (table.totals !== undefined) lines.push({ role: "totals", cells: cellsOf(table.totals, TOTALS_TITLE) });
  return lines;
}

function alignOf<Row>(column: Column<Row>): "left" | "right" {
  return column.kind === "text" || column.kind === "time" ? "left" : "right";
}

function createCellFormat(timeZone: string): CellFormat {
  const formatTime = createTimeFormat(timeZone);
  return (kind, value) => {
    if (value === null) return kind === "cost" ? UNPRICED : NO_VALUE;
    if (typeof value === "string") return kind === "time" ? formatTime(value) : toPlainText(value);
    switch (kind) {
      case "cost":
        return formatCost(value);
      case "duration":
        return formatDuration(value);
      case "percent":
        return formatPercent(value);
      default:
        return formatCount(value);
    }
  };
}

/** Creates a function that shows an ISO 8601 time as `11-22 16:10` in a zone. */
export function createTimeFormat(timeZone: string): (time: string) => string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (time) => {
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(Date.parse(time))) part[type] = value;
    return `${part["month"]}-${part["day"]} ${part["hour"]}:${part["minute"]}`;
  };
}
