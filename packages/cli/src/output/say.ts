/** Lines for a person that may quote what others wrote. */
import { toPlainText } from "@moai-metrics/report";
import type { CliContext } from "../context.ts";

/** Writes lines; control characters in them do nothing to the terminal, tabs stay. */
export function say(context: Pick<CliContext, "write">, lines: readonly string[]): void {
  for (const line of lines) context.write(`${line.split("\t").map(toPlainText).join("\t")}\n`);
}
