/** Rollups made anew from the ledger. */
import type { Database } from "better-sqlite3";
import { readWatermarkDay } from "../maintenance/watermark.ts";
import { type ClosedDayWriter, createClosedDayWriter, isClosedDay } from "./closed-day.ts";
import { addSheets } from "./folding.ts";
import { readLedgerDays } from "./ledger-days.ts";
import { readLedgerSheets } from "./ledger-summaries.ts";
import { readEncodedSheets, readOpenDays } from "./open-sheets.ts";
import { QUARTER_HOURS_A_DAY } from "./places.ts";
import { createSummaryTable } from "./summary.ts";
import type { RebuildProgress } from "./types.ts";
import { readClosedDays } from "./zone-days.ts";

/** The newest days stay open when all rollups are made for the first time; the very newest may have no facts. */
const OPEN_DAYS = 3;

/**
 * Makes the rollups of every day anew, one day a step: each is added up while others write, and written in a short
 * transaction. Stopped at any moment, they are still equal to the ledger, and the next call begins again. Days before
 * the ledger's watermark are left as they are.
 * @param fromDay first UTC day, counted from 1970; by default all.
 */
export function* rebuildSteps(database: Database, fromDay = 0): Generator<RebuildProgress, void> {
  const first = Math.max(fromDay, readWatermarkDay(database) ?? 0);
  const closedDays = readClosedDays(database);
  const days = [...new Set([...readLedgerDays(database), ...closedDays, ...readOpenDays(database)])]
    .filter((day) => day >= first)
    .sort((a, b) => a - b);
  const closed = new Set(closedDays);
  const writer = createClosedDayWriter(database);
  for (const [i, day] of days.entries()) {
    rebuildDay(database, writer, day, (later) => closed.has(later));
    yield { daysDone: i + 1, daysTotal: days.length };
  }
}

/** All steps at once. @returns the number of days made anew. */
export function rebuildRollups(database: Database, fromDay = 0): number {
  let days = 0;
  for (const { daysTotal } of rebuildSteps(database, fromDay)) days = daysTotal;
  return days;
}

/** Makes all rollups for the first time, inside the transaction of a migration. */
export function buildFirstRollups(database: Database): void {
  const days = readLedgerDays(database);
  const newest = Math.max(...days);
  const writer = createClosedDayWriter(database);
  for (const day of days) rebuildDay(database, writer, day, (later) => days.includes(later), day <= newest - OPEN_DAYS);
}

function rebuildDay(
  database: Database,
  writer: ClosedDayWriter,
  day: number,
  isLater: (day: number) => boolean,
  isToBeClosed = false,
): void {
  const first = day * QUARTER_HOURS_A_DAY;
  const read = () => {
    const taken = readEncodedSheets(database, day);
    const ledger = readLedgerSheets(database, first, first + QUARTER_HOURS_A_DAY);
    const table = createSummaryTable(QUARTER_HOURS_A_DAY);
    if (!isToBeClosed && !isClosedDay(database, day)) return { table, sheets: { day, taken, put: ledger } };
    addSheets(table, ledger, first);
    return { table, sheets: { day, taken, put: new Map() } };
  };
  writer.replace(day, read, isLater);
}
