/** Folding: what is open of a day that is over becomes closed, in one short transaction a day. */
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { readWatermarkDay } from "../maintenance/watermark.ts";
import { decodeBlock } from "./block.ts";
import { createBlockFiles } from "./block-files.ts";
import { writeClosedDay } from "./closed-day.ts";
import { readLedgerSheets } from "./ledger-summaries.ts";
import {
  dayOfQuarterHour,
  LEVEL_QUARTER_HOURS,
  projectOfSheet,
  QUARTER_HOURS_A_DAY,
  quarterHourOfSheet,
  sheetId,
} from "./places.ts";
import { addEncodedSheet, type Sheet } from "./sheet.ts";
import {
  addDifferences,
  cellOf,
  createSummaryTable,
  dropEmpty,
  isPossible,
  type SummaryTable,
  summaryAt,
} from "./summary.ts";

/** Facts of a day still arrive for a while after its end. */
const SETTLE_QUARTER_HOURS = 8;

/** Days to fold, oldest first. Pure. */
export function planFolding(openDays: readonly number[], nowMillis: number): number[] {
  const settled = Math.floor(nowMillis / QUARTER_HOUR_MILLIS) - SETTLE_QUARTER_HOURS;
  return openDays.filter((day) => (day + 1) * QUARTER_HOURS_A_DAY <= settled).sort((a, b) => a - b);
}

/**
 * Folds days that have been over for two hours, oldest first.
 * @param maxDays stops after so many, so that the caller can do other things in between.
 * @returns how many days are left to fold.
 */
export function foldClosedDays(database: Database, nowMillis: number, maxDays = Infinity): number {
  const days = planFolding(readOpenDays(database), nowMillis);
  for (const day of days.slice(0, maxDays)) foldDay(database, day);
  return Math.max(0, days.length - maxDays);
}

/** UTC days that have sheets. One step through the table per day, not per sheet. */
export function readOpenDays(database: Database): number[] {
  const next = database.prepare<[number], number | null>("SELECT min(id) FROM rollup_sheet WHERE id >= ?").pluck();
  const days: number[] = [];
  for (let id = next.get(0) ?? null; id !== null; ) {
    const day = dayOfQuarterHour(quarterHourOfSheet(id));
    days.push(day);
    id = next.get(sheetId((day + 1) * QUARTER_HOURS_A_DAY, 0)) ?? null;
  }
  return days;
}

/** Folds the sheets of a UTC day in one transaction; without sheets nothing happens. */
export function foldDay(database: Database, day: number): void {
  database.transaction(() => fold(database, day)).immediate();
}

function fold(database: Database, day: number): void {
  const first = day * QUARTER_HOURS_A_DAY;
  const sheets = readSheets(database, first, first + QUARTER_HOURS_A_DAY);
  if (sheets.size === 0) return;
  const block = createBlockFiles(database).readAll(LEVEL_QUARTER_HOURS, first);
  const table = block === undefined ? createSummaryTable(QUARTER_HOURS_A_DAY) : decodeBlock(block);
  const lost = addSheets(table, sheets, first);
  // Facts older than the ledger are refused, so nothing is taken back there.
  if (day >= (readWatermarkDay(database) ?? 0)) {
    for (const quarterHour of lost) recompute(database, table, quarterHour, first);
  }
  writeClosedDay(database, day, table);
}

/** Sheets of a span of quarter hours, by the number of their row. */
export function readSheets(database: Database, from: number, behind: number): Map<number, Sheet> {
  const rows = database
    .prepare<[number, number], { id: number; data: Buffer }>(
      "SELECT id, data FROM rollup_sheet WHERE id >= ? AND id < ?",
    )
    .iterate(sheetId(from, 0), sheetId(behind, 0));
  const sheets = new Map<number, Sheet>();
  for (const { id, data } of rows) {
    const sheet: Sheet = new Map();
    addEncodedSheet(sheet, data);
    sheets.set(id, sheet);
  }
  return sheets;
}

/** Adds sheets to a day; returns the quarter hours that only the ledger can tell from now on. */
export function addSheets(table: SummaryTable, sheets: ReadonlyMap<number, Sheet>, first: number): Set<number> {
  const lost = new Set<number>();
  for (const [id, sheet] of sheets) {
    const quarterHour = quarterHourOfSheet(id);
    for (const cell of sheet.values()) {
      const dimensions = { ...cell, projectId: projectOfSheet(id) };
      const summary = summaryAt(table, cellOf(dimensions), quarterHour - first);
      if (addDifferences(summary, cell) || !isPossible(summary)) lost.add(quarterHour);
    }
  }
  dropEmpty(table);
  return lost;
}

/** Replaces a quarter hour by what the ledger says. */
function recompute(database: Database, table: SummaryTable, quarterHour: number, first: number): void {
  for (const { slots } of table.cells.values()) slots[quarterHour - first] = undefined;
  addSheets(table, readLedgerSheets(database, quarterHour, quarterHour + 1), first);
}
