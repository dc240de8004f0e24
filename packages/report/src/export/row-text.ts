/** Rows as JSON objects, written field by field. */
import { escapeJsonControls } from "../render/plain-text.ts";
import { type FieldValue, HARMLESS, type RowColumn } from "./row-columns.ts";

/** Writes rows of one kind; what is inside of a row comes last. */
export function rowWriter<Row>(columns: readonly RowColumn<Row>[]): (row: Row, ...inside: readonly string[]) => string {
  const names = columns.map(({ key }, i) => `${i === 0 ? "{" : ","}"${key}":`);
  return (row, ...inside) => {
    let text = "";
    for (const [i, { value }] of columns.entries()) text += (names[i] ?? "") + valueText(value(row));
    for (const part of inside) text += `,${part}`;
    return `${text}}`;
  };
}

function valueText(value: FieldValue): string {
  if (typeof value !== "string") return String(value);
  return HARMLESS.test(value) ? `"${value}"` : escapeJsonControls(JSON.stringify(value));
}
