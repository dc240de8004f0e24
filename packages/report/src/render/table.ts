/** Tables for a terminal: fitted to its width, numbers whole, names made harmless. */

import { type CellFormat, createCellFormat } from "./cell-format.ts";
import { fitColumns } from "./fit-columns.ts";
import { NO_VALUE } from "./numbers.ts";
import type { Palette } from "./palette.ts";
import { toPlainText } from "./plain-text.ts";
import type { Column, Table } from "./table-model.ts";
import { cutToWidth, pad, widthOf } from "./width.ts";

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

  const hidden = widths.filter((width) => width === undefined).length;
  if (hidden > 0) {
    const columns = hidden === 1 ? "1 more column" : `${hidden} more columns`;
    result.push(palette.faint(`${columns} on a wider screen, and in --csv and --json.`));
  }
  return result;
}

interface ShownRow {
  readonly role: "row" | "sub" | "totals";
  readonly cells: readonly string[];
}

function shownRows<Row>(table: Table<Row>, columns: readonly Column<Row>[], format: CellFormat): ShownRow[] {
  const cellsOf = (row: Row): string[] =>
    columns.map((column) => {
      const text = column.shortValue ?? column.textValue;
      return text === undefined ? format(column.kind, column.value(row)) : toPlainText(text(row));
    });
  /** Sums and shares have a title instead of the first cell, and nothing where they have no value. */
  const titledCellsOf = (row: Row, title: string): string[] =>
    cellsOf(row).map((cell, index) => (index === 0 ? title : cell === NO_VALUE ? "" : cell));
  const lines: ShownRow[] = [];
  for (const row of table.rows) {
    lines.push({ role: "row", cells: cellsOf(row) });
    for (const subRow of table.subRows?.(row) ?? []) {
      const title = SUB_ROW_MARK + toPlainText(table.subRowTitle?.(subRow) ?? "");
      lines.push({ role: "sub", cells: titledCellsOf(subRow, title) });
    }
  }
  if (table.totals !== undefined) lines.push({ role: "totals", cells: titledCellsOf(table.totals, TOTALS_TITLE) });
  return lines;
}

function alignOf<Row>(column: Column<Row>): "left" | "right" {
  return column.kind === "text" || column.kind === "time" ? "left" : "right";
}
