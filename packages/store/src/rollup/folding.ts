/** Folding: what is open of a day that is over becomes closed. */
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { readWatermarkDay } from "../maintenance/watermark.ts";
import { createBlockFiles } from "./block-files.ts";
import { type ClosedDayWriter, createClosedDayWriter, type NewDay } from "./closed-day.ts";
import { createLedgerSheets, type LedgerSheets } from "./ledger-summaries.ts";
import {
  ALL_LOST,
  createUntoldNotes,
  planRecovery,
  replaceExtremes,
  type Untold,
  type UntoldSpan,
} from "./lost-extremes.ts";
import { decodeSheets, readEncodedSheets, readOpenBytes, readOpenDays } from "./open-sheets.ts";
import { projectOfSheet, QUARTER_HOURS_A_DAY, quarterHourOfSheet } from "./places.ts";
import type { Sheet } from "./sheet.ts";
import {
  addDifferences,
  cellOf,
  createSummaryTable,
  dropEmpty,
  isPossible,
  type SummaryTable,
  summaryAt,
} from "./summary.ts";
import { readTable } from "./zone-days.ts";

/** Facts of a day still arrive for a while after its end. */
const SETTLE_QUARTER_HOURS = 8;

/** Every answer reads what is open: a day with more than this is folded before it is over, in a busy store some times. */
const MAX_OPEN_BYTES = 128 * 1024;

/** Days to fold, oldest first. Pure. @param bytesOf tells how much of a day is open. */
export function planFolding(
  openDays: readonly number[],
  nowMillis: number,
  bytesOf: (day: number) => number,
): { readonly over: readonly number[]; readonly heavy: readonly number[] } {
  const settled = Math.floor(nowMillis / QUARTER_HOUR_MILLIS) - SETTLE_QUARTER_HOURS;
  const isOver = (day: number): boolean => (day + 1) * QUARTER_HOURS_A_DAY <= settled;
  const days = openDays.toSorted((a, b) => a - b);
  return {
    over: days.filter(isOver),
    heavy: days.filter((day) => !isOver(day) && bytesOf(day) > MAX_OPEN_BYTES),
  };
}

/** The days of the file to fold now. */
export function readFolding(database: Database, nowMillis: number): ReturnType<typeof planFolding> {
  return planFolding(readOpenDays(database), nowMillis, (day) => readOpenBytes(database, day));
}

/**
 * Folds days that have been over for two hours, and those of which much is open, oldest first.
 * @param maxDays stops after so many, so that the caller can do other things in between.
 * @returns how many days are left to fold.
 */
export function foldClosedDays(database: Database, nowMillis: number, maxDays = Infinity): number {
  const { over, heavy } = readFolding(database, nowMillis);
  const days = [...over, ...heavy];
  const writer = createClosedDayWriter(database);
  for (const day of days.slice(0, maxDays)) foldDay(database, day, writer);
  return Math.max(0, days.length - maxDays);
}

/**
 * Folds the sheets of a UTC day; without sheets nothing happens. The day is worked out while others write. Facts that
 * they write for it meanwhile stay open.
 * @param writer one for several days in order saves time.
 */
export function foldDay(
  database: Database,
  day: number,
  writer: ClosedDayWriter = createClosedDayWriter(database),
): void {
  let openDays: ReadonlySet<number>;
  writer.replace(
    day,
    () => {
      openDays = new Set(readOpenDays(database));
      return foldedDay(database, day);
    },
    (later) => openDays.has(later),
  );
}

function foldedDay(database: Database, day: number): NewDay | undefined {
  const first = day * QUARTER_HOURS_A_DAY;
  const taken = readEncodedSheets(database, day);
  if (taken.size === 0) return undefined;
  const table = readTable(createBlockFiles(database), day) ?? createSummaryTable(QUARTER_HOURS_A_DAY);
  const untold = addSheets(table, decodeSheets(taken), first);
  // Facts older than the ledger are refused, so nothing is taken back there.
  if (day >= (readWatermarkDay(database) ?? 0)) {
    const ledger = createLedgerSheets(database);
    for (const span of planRecovery(untold)) recover(ledger, table, first, span);
  }
  return { table, sheets: { day, taken, put: new Map() } };
}

/** Adds sheets to a day; returns what only the ledger can tell from now on. */
export function addSheets(table: SummaryTable, sheets: Iterable<readonly [number, Sheet]>, first: number): Untold {
  const { untold, noteCell, noteAll } = createUntoldNotes();
  for (const [id, sheet] of sheets) {
    const quarterHour = quarterHourOfSheet(id);
    const projectId = projectOfSheet(id);
    for (const cell of sheet.values()) {
      const own = cellOf(cell.productId, projectId, cell.agentId, cell.modelId);
      const summary = summaryAt(table, own, quarterHour - first);
      const distributions = addDifferences(summary, cell);
      if (isPossible(summary)) noteCell({ quarterHour, cell: own, distributions });
      else noteAll(quarterHour);
    }
  }
  dropEmpty(table);
  return untold;
}

/** Replaces what is lost by what the ledger says. */
function recover(ledger: LedgerSheets, table: SummaryTable, first: number, { from, behind, lost }: UntoldSpan): void {
  if (lost !== ALL_LOST) {
    replaceExtremes(table, first, lost, ledger.read(from, behind, lost));
    return;
  }
  for (const { slots } of table.cells.values()) slots.fill(undefined, from - first, behind - first);
  addSheets(table, ledger.read(from, behind), first);
}
