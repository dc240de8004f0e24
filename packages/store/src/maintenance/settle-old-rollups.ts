/** After a salvage: rollups of days that the ledger cannot tell any more agree with each other again. */
import type { Database } from "better-sqlite3";
import { createBlockFiles } from "../rollup/block-files.ts";
import { createClosedDayWriter } from "../rollup/closed-day.ts";
import { QUARTER_HOURS_A_DAY } from "../rollup/places.ts";
import { createSummaryTable, type SummaryTable } from "../rollup/summary.ts";
import { readClosedDays, readTable } from "../rollup/zone-days.ts";

/**
 * Days before the watermark exist in rollups only. What is left of their quarter hours is what counts from now on:
 * whole days, in UTC and in every zone in use, are added up from it anew.
 */
export function settleOldRollups(database: Database, watermarkDay: number): void {
  const writer = createClosedDayWriter(database);
  const days = readClosedDays(database).filter((day) => day < watermarkDay);
  for (const day of days.toSorted((a, b) => a - b)) {
    const read = () => ({ table: readOldDay(database, day), sheets: undefined });
    writer.replace(day, read, (later) => days.includes(later));
  }
}

/** What is left of the quarter hours of a closed day. */
export function readOldDay(database: Database, day: number): SummaryTable {
  const nothing = createSummaryTable(QUARTER_HOURS_A_DAY);
  try {
    return readTable(createBlockFiles(database), day) ?? nothing;
  } catch (error) {
    // Blocks whose parts do not fit together any more.
    if (error instanceof RangeError) return nothing;
    throw error;
  }
}
