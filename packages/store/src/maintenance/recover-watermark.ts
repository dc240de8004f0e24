/** After a salvage: the watermark again, where its row was lost. */
import type { Database } from "better-sqlite3";
import { readClosedDays } from "../rollup/zone-days.ts";
import { readOldestLedgerDay } from "./days.ts";
import type { SalvagedTable } from "./salvage.ts";
import { readOldDay } from "./settle-old-rollups.ts";
import { moveWatermark, readWatermarkDay } from "./watermark.ts";

/**
 * Closed days with figures, older than every fact, are either days that the ledger has deleted for their age or days
 * whose facts were lost just now. The first must never be made anew from nothing. The second must be, so that facts that are
 * told again are not counted twice: they are meant when facts were lost, and the row of the watermark was not.
 */
export function recoverWatermark(database: Database, tables: readonly SalvagedTable[]): void {
  if (readWatermarkDay(database) !== undefined) return;
  const isWhole = ({ gaps, rejected }: SalvagedTable): boolean => gaps === 0 && rejected === 0;
  const isRowThere = tables.some((table) => table.table === "meta" && isWhole(table));
  const areFactsWhole = tables.every((table) => !FACT_TABLES.has(table.table) || isWhole(table));
  if (isRowThere && !areFactsWhole) return;
  const oldestDay = readOldestLedgerDay(database) ?? Number.POSITIVE_INFINITY;
  const newest = readClosedDays(database)
    .filter((day) => day < oldestDay)
    .toSorted((a, b) => b - a)
    .find((day) => hasFigures(database, day));
  if (newest !== undefined) moveWatermark(database, newest + 1);
}

/** Tables with facts, and those without which facts are not kept. */
const FACT_TABLES: ReadonlySet<string> = new Set([
  "string",
  "session",
  "task",
  "call_shape",
  "model_call",
  "tool_call",
]);

function hasFigures(database: Database, day: number): boolean {
  return [...readOldDay(database, day).cells.values()].some(({ slots }) =>
    slots.some((summary) => summary?.sums.some((sum) => sum !== 0)),
  );
}
