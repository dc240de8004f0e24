/** Answers as JSON. What is not known is `null`, so that every row has the same fields. */
import { escapeJsonControls } from "@moai-metrics/report";
import type { Page } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";

type Writer = Pick<CliContext, "write">;

/** Prints an answer in one piece. */
export function printAnswer(context: Writer, answer: object): void {
  context.write(`${toJson(answer, 2)}\n`);
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
