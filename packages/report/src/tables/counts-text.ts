/** Counts by name as one line of text. */
import type { ToolUse } from "../session-rows.ts";

/** `Bash 3, Edit 1`, in the given order. */
export function countsText(counts: Readonly<Record<string, number>> = {}): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

/** `Bash 3 (1 failed), Edit 1`. */
export function toolsText(tools: Readonly<Record<string, ToolUse>> = {}): string {
  return Object.entries(tools)
    .map(([name, use]) => `${name} ${use.calls}${use.errors > 0 ? ` (${use.errors} failed)` : ""}`)
    .join(", ");
}
