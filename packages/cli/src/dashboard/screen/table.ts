/** Rows in columns that fit: the first column gives way before another one is left out. */
import { cutToWidth, fitColumns, pad, toPlainText, widthOf } from "@moai-metrics/report/screen";
import type { Line, Piece } from "./lines.ts";

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Left out first where it is greatest; never without it. */
  readonly dropRank?: number;
  /** Texts may be cut down to this. */
  readonly minWidth?: number;
}

const GAP = 2;

/** The columns that a table takes when nothing is cut. */
export function naturalWidth(columns: readonly TableColumn[], rows: readonly Line[]): number {
  return naturalWidths(columns, rows).reduce((sum, width) => sum + width + GAP, -GAP);
}

function naturalWidths(columns: readonly TableColumn[], rows: readonly Line[]): number[] {
  return columns.map(({ title }, i) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(toPlainText(row[i]?.text ?? "")))),
  );
}

/** The header and the rows as lines. A cell is a piece, so it may have a style. */
export function tableLines(columns: readonly TableColumn[], rows: readonly Line[], width: number): Line[] {
  const natural = naturalWidths(columns, rows);
  const widths = fitColumns(
    columns.map(({ minWidth, dropRank }, i) => {
      const widest = natural[i] ?? 0;
      return { naturalWidth: widest, minWidth: Math.min(widest, minWidth ?? widest), dropRank };
    }),
    width,
    GAP,
  );
  const lineOf = (cells: Line): Line =>
    columns.flatMap(({ align = "left" }, i): Piece[] => {
      const cellWidth = widths[i];
      if (cellWidth === undefined) return [];
      const { text = "", style } = cells[i] ?? {};
      const piece = { text: pad(cutToWidth(toPlainText(text), cellWidth), cellWidth, align), style };
      return i === 0 ? [piece] : [{ text: " ".repeat(GAP) }, piece];
    });
  return [lineOf(columns.map(({ title }) => ({ text: title, style: "header" }))), ...rows.map(lineOf)];
}
