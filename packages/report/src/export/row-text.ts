/** Rows as JSON objects, written field by field. */
import { escapeJsonControls } from "../render/plain-text.ts";
import { type FieldValue, HARMLESS, type RowColumn } from "./row-columns.ts";

/** Writes rows of one kind; what is inside of a row comes last. */
export function rowWriter<Row>(columns: readonly RowColumn<Row>[]): (row: Row, ...inside: readonly string[]) => string {
  const writers = columns.map(({ key, value }, i) => fieldWriter(`${i === 0 ? "{" : ","}"${key}":`, value));
  return (row, ...inside) => {
    let text = "";
    for (const write of writers) text += write(row);
    for (const part of inside) text += `,${part}`;
    return `${text}}`;
  };
}

/** Writes one field. Rows that follow each other mostly tell the same names, so the last one is kept as it was written. */
function fieldWriter<Row>(name: string, value: RowColumn<Row>["value"]): (row: Row) => string {
  let last: FieldValue = null;
  let text = `${name}null`;
  return (row) => {
    const next = value(row);
    if (typeof next === "number") return name + next;
    if (next !== last) {
      last = next;
      text = name + valueText(next);
    }
    return text;
  };
}

function valueText(value: FieldValue): string {
  if (typeof value !== "string") return String(value);
  return HARMLESS.test(value) ? `"${value}"` : escapeJsonControls(JSON.stringify(value));
}
