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

/** Integers beyond 2^53, such as times in nanoseconds, are texts, as in OTLP's JSON. */
function toJsonField(field: unknown): unknown {
  if (field === undefined) return null;
  return typeof field === "bigint" ? String(field) : field;
}
