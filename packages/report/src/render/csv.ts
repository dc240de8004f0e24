/** Comma-separated values after RFC 4180, with exact numbers. */
import { toSpreadsheetText } from "./plain-text.ts";
import type { CellValue, Table } from "./table-model.ts";

/**
 * Renders rows (no totals, no breakdown) as CSV with one header line. Lines end in LF. A value that is not known is
 * empty. Numbers are exact: tokens, milliseconds, dollars.
 */
export function renderCsv<Row>(table: Table<Row>): string {
  const lines = [table.columns.map((column) => quote(column.key)).join(",")];
  for (const row of table.rows) {
    lines.push(table.columns.map((column) => formatCell(column.value(row))).join(","));
  }
  return `${lines.join("\n")}\n`;
}

function formatCell(value: CellValue): string {
  if (value === null) return "";
  return typeof value === "number" ? String(value) : quote(toSpreadsheetText(value));
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
