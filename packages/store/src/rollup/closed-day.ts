/** Writes a closed day at every level. */
import type { Database } from "better-sqlite3";
import { encodeBlock } from "./block.ts";
import { createBlockFiles } from "./block-files.ts";
import { LEVEL_EVERYTHING, LEVEL_QUARTER_HOURS, QUARTER_HOURS_A_DAY, sheetId } from "./places.ts";
import { addSummary, createSummaryTable, EVERYTHING, type SummaryTable, summaryAt } from "./summary.ts";
import { createZoneDayWriter, readZones, zoneDaysOf } from "./zone-days.ts";

/**
 * Replaces all that the file holds of a UTC day by `table`: its quarter hours, its open differences and its part in
 * the days of every zone. Must be called inside a write transaction.
 */
export function writeClosedDay(database: Database, day: number, table: SummaryTable): void {
  const first = day * QUARTER_HOURS_A_DAY;
  const files = createBlockFiles(database);
  if (table.cells.size === 0) {
    files.remove(LEVEL_QUARTER_HOURS, first);
    files.remove(LEVEL_EVERYTHING, first);
  } else {
    files.write(LEVEL_QUARTER_HOURS, first, encodeBlock(table));
    files.write(LEVEL_EVERYTHING, first, encodeBlock(everythingOf(table)));
  }
  database
    .prepare<[number, number]>("DELETE FROM rollup_sheet WHERE id >= ? AND id < ?")
    .run(sheetId(first, 0), sheetId(first + QUARTER_HOURS_A_DAY, 0));
  const zoneDays = createZoneDayWriter(database, new Map([[day, table]]));
  for (const zone of readZones(database)) {
    for (const zoneDay of zoneDaysOf(zone.calendar, day)) zoneDays.write(zone, zoneDay);
  }
}

/** The same slots with all cells added up. */
export function everythingOf(table: SummaryTable): SummaryTable {
  const everything = createSummaryTable(table.slotCount);
  for (const { slots } of table.cells.values()) {
    for (const [slot, summary] of slots.entries()) {
      if (summary !== undefined) addSummary(summaryAt(everything, EVERYTHING, slot), summary);
    }
  }
  return everything;
}
