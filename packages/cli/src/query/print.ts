/** Answers as JSON. What is not known is `null`, so that every row has the same fields. */
import { escapeJsonControls } from "@moai-metrics/report";
import type { Page } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";

type Writer = Pick<CliContext, "write">;

/** Enough to be worth a write. */
const PIECE_LENGTH = 65_536;

/** Prints an answer in pieces: millions of rows are more than one string can hold. */
export function printAnswer(context: Writer, answer: object): void {
  let piece = "";
  for (const part of partsOf(answer)) {
    piece += part;
    if (piece.length < PIECE_LENGTH) continue;
    context.write(piece);
    piece = "";
  }
  context.write(`${piece}\n`);
}

/** An object with its rows one by one, indented as in one piece. */
function* partsOf(fields: object, indent = ""): Generator<string> {
  let separator = "{";
  for (const [name, value] of Object.entries(fields)) {
    yield `${separator}\n${indent}  ${JSON.stringify(name)}: `;
    separator = ",";
    if (Array.isArray(value) && value.length > 0) yield* rowsOf(value, `${indent}  `);
    else yield indented(value, `${indent}  `);
  }
  yield `\n${indent}}`;
}

function* rowsOf(rows: readonly unknown[], indent: string): Generator<string> {
  let separator = "[";
  for (const row of rows) {
    yield `${separator}\n${indent}  `;
    separator = ",";
    if (holdsRows(row)) yield* partsOf(row, `${indent}  `);
    else yield indented(row, `${indent}  `);
  }
  yield `\n${indent}]`;
}

/** A series holds as many points as there are. */
function holdsRows(row: unknown): row is object {
  return typeof row === "object" && row !== null && "points" in row && Array.isArray(row.points);
}

function indented(value: unknown, indent: string): string {
  return toJson(value, 2).replaceAll("\n", `\n${indent}`);
}

/** Prints pages as one document, a row a line, without holding all rows at once. */
export function printPages(context: Writer, pages: Iterable<Page<object>>): void {
  let separator = '{\n  "rows": [';
  let last: Page<object> | undefined;
  for (const page of pages) {
    for (const row of page.rows) {
      context.write(`${separator}\n    ${toJson(row, undefined)}`);
      separator = ",";
    }
    last = page;
  }
  const isEmpty = separator !== ",";
  const { nextCursor, deletedBeforeMillis } = last ?? {};
  context.write(
    `${isEmpty ? separator : "\n  "}],\n  "nextCursor": ${toJson(nextCursor ?? null, undefined)},\n` +
      `  "deletedBeforeMillis": ${deletedBeforeMillis ?? null}\n}\n`,
  );
}

function toJson(value: unknown, indent: number | undefined): string {
  return escapeJsonControls(JSON.stringify(value, (_, field: unknown) => toJsonField(field), indent));
}

/**
 * As in OTLP's JSON, what JSON has no number for is text: integers beyond 2^53, such as times in nanoseconds, and
 * "Infinity", "-Infinity" and "NaN".
 */
function toJsonField(field: unknown): unknown {
  if (field === undefined) return null;
  if (typeof field === "number" && !Number.isFinite(field)) return String(field);
  return typeof field === "bigint" ? String(field) : field;
}
