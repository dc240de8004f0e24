/** Rollups made anew from the ledger. */
import type { Database } from "better-sqlite3";
import { readWatermarkDay } from "../maintenance/watermark.ts";
import { createByteWriter } from "./bytes.ts";
import { writeClosedDay } from "./closed-day.ts";
import { addSheets, readOpenDays } from "./folding.ts";
import { readLedgerDays } from "./ledger-days.ts";
import { readLedgerSheets } from "./ledger-summaries.ts";
import { QUARTER_HOURS_A_DAY, sheetId } from "./places.ts";
import { encodeSheet } from "./sheet.ts";
import { createSummaryTable } from "./summary.ts";
import { readClosedDays } from "./zone-days.ts";

/** The newest days stay open when all rollups are made for the first time; the very newest may have no facts. */
const OPEN_DAYS = 3;

/**
 * Makes the rollups of every day anew, day by day in short transactions; stopped at any moment, they are still equal
 * to the ledger, and the next call begins again. Days before the ledger's watermark are left as they are.
 * @param fromDay first UTC day, counted from 1970; by default all.
 * @returns the number of days made anew.
 */
export function rebuildRollups(database: Database, fromDay = 0): number {
  const first = Math.max(fromDay, readWatermarkDay(database) ?? 0);
  const closed = new Set(readClosedDays(database));
  const days = [...new Set([...readLedgerDays(database), ...closed, ...readOpenDays(database)])]
    .filter((day) => day >= first)
    .sort((a, b) => a - b);
  const rebuild = database.transaction((day: number) => rebuildDay(database, day, closed.has(day)));
  for (const day of days) rebuild.immediate(day);
  return days.length;
}

/** Makes all rollups for the first time, inside the transaction of a migration. */
export function buildFirstRollups(database: Database): void {
  const days = readLedgerDays(database);
  const newest = Math.max(...days);
  for (const day of days) rebuildDay(database, day, day <= newest - OPEN_DAYS);
}

function rebuildDay(database: Database, day: number, isClosed: boolean): void {
  const first = day * QUARTER_HOURS_A_DAY;
  const behind = first + QUARTER_HOURS_A_DAY;
  const sheets = readLedgerSheets(database, first, behind);
  if (isClosed) {
    const table = createSummaryTable(QUARTER_HOURS_A_DAY);
    addSheets(table, sheets, first);
    writeClosedDay(database, day, table);
    return;
  }
  database
    .prepare<[number, number]>("DELETE FROM rollup_sheet WHERE id >= ? AND id < ?")
    .run(sheetId(first, 0), sheetId(behind, 0));
  const insert = database.prepare<[number, Buffer]>("INSERT INTO rollup_sheet (id, data) VALUES (?, ?)");
  const writer = createByteWriter();
  for (const [id, sheet] of [...sheets].sort(([a], [b]) => a - b)) insert.run(id, encodeSheet(sheet, writer));
}
