/**
 * One tidy table as comma-separated values after RFC 4180: a header, a row a line, CR LF. It begins with the byte order
 * mark by which spreadsheets know UTF-8. Numbers are bare; text that a spreadsheet would run as a formula is preceded by
 * an apostrophe; what is not known is empty.
 */
import { toSpreadsheetText } from "../render/plain-text.ts";
import { joinText } from "./join-text.ts";
import { readRows } from "./read-rows.ts";
import { columnsOf, type FieldValue, HARMLESS, type RowColumn } from "./row-columns.ts";
import type { ExportQuestion, ExportSource, ExportText, RowKind } from "./types.ts";

const BYTE_ORDER_MARK = "\ufeff";
const LINE_END = "\r\n";

/** All rows of one kind. */
export function exportCsv({ query }: ExportSource, question: ExportQuestion, kind: RowKind): ExportText {
  return joinText(linesOf(readRows(query, kind, question.filter), columnsOf(kind, question.hidden?.[kind])));
}

function* linesOf<Row>(rows: Iterable<Row>, columns: readonly RowColumn<Row>[]): Generator<string> {
  yield BYTE_ORDER_MARK + columns.map(({ key }) => key).join(",") + LINE_END;
  for (const row of rows) {
    let line = "";
    let separator = "";
    for (const { value } of columns) {
      line += separator + cellText(value(row));
      separator = ",";
    }
    yield line + LINE_END;
  }
}

function cellText(value: FieldValue): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  return HARMLESS.test(value) ? value : quote(toSpreadsheetText(value));
}

function quote(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
