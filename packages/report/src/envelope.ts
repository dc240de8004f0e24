/** The JSON document of a row command. */

/** `{ "<command>": [rows], "totals": {…} }`. */
export function envelope(command: string, rows: readonly unknown[], totals: unknown): Record<string, unknown> {
  return { [command]: rows, totals };
}
