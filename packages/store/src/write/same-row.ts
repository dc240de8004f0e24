/** Whether writing a row would change it. */
import type { SqlValue } from "./bulk-insert.ts";

/** Compares the values that the file holds with new ones for the same columns. */
export function isSameRow(stored: readonly SqlValue[], values: readonly SqlValue[]): boolean {
  for (let i = 0; i < values.length; i++) if (stored[i] !== values[i]) return false;
  return true;
}
