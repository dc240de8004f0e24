/** Proof that the rollups equal the ledger. */
import type { Database } from "better-sqlite3";
import { readWatermarkDay } from "../maintenance/watermark.ts";
import type { RollupDifference } from "../types.ts";
import { decodeBlock } from "./block.ts";
import { type BlockFiles, createBlockFiles } from "./block-files.ts";
import type { BucketCounts } from "./bucket-counts.ts";
import { everythingOf } from "./closed-day.ts";
import { addSheets } from "./folding.ts";
import { readLedgerDays } from "./ledger-days.ts";
import { readLedgerSheets } from "./ledger-summaries.ts";
import { marginsOf, totalsOfMargins } from "./margins.ts";
import { decodeSheets, readEncodedSheets, readOpenDays } from "./open-sheets.ts";
import {
  dayOfQuarterHour,
  LEVEL_EVERYTHING,
  LEVEL_QUARTER_HOUR_MARGINS,
  levelOfZone,
  marginLevelOfZone,
  QUARTER_HOURS_A_DAY,
} from "./places.ts";
import { createSummary, createSummaryTable, type Summary, type SummaryTable } from "./summary.ts";
import { DISTRIBUTIONS, ROLLUP_SUMS } from "./types.ts";
import { addSlots, readClosedDays, readKeptDays, readTable, readZones, zoneDaysOf } from "./zone-days.ts";

/**
 * Adds up the ledger anew and compares it with what is closed and open, quarter hour by quarter hour; compares what is
 * kept per day with the quarter hours it was added up from. Checksums are verified on the way. Days before the ledger's
 * watermark are compared with themselves only. Nothing is changed.
 */
export function checkRollups(database: Database): RollupDifference[] {
  const closed = readClosedDays(database);
  const watermark = readWatermarkDay(database) ?? 0;
  const days = [...new Set([...readLedgerDays(database), ...closed, ...readOpenDays(database)])].sort((a, b) => a - b);
  const checked = new Set(days);
  const check = (day: number): RollupDifference[] => {
    try {
      return [...(day < watermark ? [] : compareWithLedger(database, day)), ...compareLevels(database, day, checked)];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return [differenceOf(day * QUARTER_HOURS_A_DAY, "", error.message, 0, 1)];
    }
  };
  // One state of the file per day: a check of years must not hold on to an old one.
  const inOneState = database.inTransaction ? check : database.transaction(check).deferred;
  return days.flatMap((day) => inOneState(day));
}

function compareWithLedger(database: Database, day: number): RollupDifference[] {
  const first = day * QUARTER_HOURS_A_DAY;
  const behind = first + QUARTER_HOURS_A_DAY;
  const stored = readTable(createBlockFiles(database), day) ?? createSummaryTable(QUARTER_HOURS_A_DAY);
  // Where an extreme was taken back, it is known again after folding.
  const unsettled = addSheets(stored, decodeSheets(readEncodedSheets(database, day)), first);
  const truth = createSummaryTable(QUARTER_HOURS_A_DAY);
  addSheets(truth, readLedgerSheets(database, first, behind), first);
  return compareTables(stored, truth, first, "", (slot) => !unsettled.has(first + slot));
}

/** What was added up from the quarter hours must equal them. */
function compareLevels(database: Database, day: number, days: ReadonlySet<number>): RollupDifference[] {
  const files = createBlockFiles(database);
  const first = day * QUARTER_HOURS_A_DAY;
  const quarterHours = readTable(files, day) ?? createSummaryTable(QUARTER_HOURS_A_DAY);
  const tables = new Map<number, SummaryTable>([[day, quarterHours]]);
  const everything = tableAt(files, LEVEL_EVERYTHING, first, QUARTER_HOURS_A_DAY);
  const differences = compareTables(everything, everythingOf(quarterHours), first, "everything ", () => true);
  const margins = files.readAll(LEVEL_QUARTER_HOUR_MARGINS, first);
  if (margins !== undefined) {
    const truth = totalsOfMargins(quarterHours);
    differences.push(...compareTables(decodeBlock(margins), truth, first, "margin ", () => true));
  }
  for (const { id, calendar } of readZones(database)) {
    const kept = readKeptDays(database, id);
    for (const zoneDay of zoneDaysOf(calendar, day)) {
      const firstDay = dayOfQuarterHour(zoneDay.first);
      // One that begins on an earlier day is compared there.
      if (!kept.has(zoneDay.first) || (firstDay !== day && days.has(firstDay))) continue;
      const sum = createSummaryTable(1);
      for (let each = firstDay; each <= dayOfQuarterHour(zoneDay.behind - 1); each++) {
        const table = tables.get(each) ?? readTable(files, each);
        if (table === undefined) continue;
        tables.set(each, table);
        addSlots(sum, table, zoneDay.first - each * QUARTER_HOURS_A_DAY, zoneDay.behind - each * QUARTER_HOURS_A_DAY);
      }
      const { first: start } = zoneDay;
      const whole = tableAt(files, levelOfZone(id), start, 1);
      differences.push(...compareTables(whole, sum, start, `day in ${calendar.timeZone} `, () => true));
      const margins = tableAt(files, marginLevelOfZone(id), start, 1);
      differences.push(
        ...compareTables(margins, marginsOf(sum), start, `margin of a day in ${calendar.timeZone} `, () => true),
      );
    }
  }
  return differences;
}

function tableAt(files: BlockFiles, level: number, first: number, slotCount: number): SummaryTable {
  const block = files.readAll(level, first);
  return block === undefined ? createSummaryTable(slotCount) : decodeBlock(block);
}

function compareTables(
  stored: SummaryTable,
  truth: SummaryTable,
  first: number,
  prefix: string,
  hasExtremes: (slot: number) => boolean,
): RollupDifference[] {
  const differences: RollupDifference[] = [];
  const keys = [...new Set([...stored.cells.keys(), ...truth.cells.keys()])].sort();
  for (let slot = 0; slot < truth.slotCount; slot++) {
    for (const key of keys) {
      const a = stored.cells.get(key)?.slots[slot];
      const b = truth.cells.get(key)?.slots[slot];
      if (a === undefined && b === undefined) continue;
      const cell = (stored.cells.get(key) ?? truth.cells.get(key))?.cell;
      const dimensions = `${prefix}product_id=${cell?.productId} project_id=${cell?.projectId} agent_id=${cell?.agentId} model_id=${cell?.modelId}`;
      for (const [column, stored, ledger] of compareSummaries(a ?? NOTHING, b ?? NOTHING, hasExtremes(slot))) {
        differences.push(differenceOf(first + slot, dimensions, column, stored, ledger));
      }
    }
  }
  return differences;
}

const NOTHING = createSummary();

function compareSummaries(a: Summary, b: Summary, hasExtremes: boolean): [string, number, number][] {
  const differences: [string, number, number][] = [];
  const compare = (column: string, stored = 0, ledger = 0): void => {
    if (stored !== ledger) differences.push([column, stored, ledger]);
  };
  for (const [i, name] of ROLLUP_SUMS.entries()) compare(name, a.sums[i], b.sums[i]);
  for (const [d, name] of DISTRIBUTIONS.entries()) {
    const [stored, ledger] = [countsOf(a.buckets[d]), countsOf(b.buckets[d])];
    for (const bucket of new Set([...stored.keys(), ...ledger.keys()])) {
      compare(`${name} bucket ${bucket}`, stored.get(bucket), ledger.get(bucket));
    }
    if (!hasExtremes) continue;
    compare(`least ${name}`, a.min[d], b.min[d]);
    compare(`greatest ${name}`, a.max[d], b.max[d]);
  }
  return differences;
}

function countsOf(histogram: BucketCounts | undefined): ReadonlyMap<number, number> {
  return new Map(histogram?.buckets.map((bucket, place) => [bucket, histogram.counts[place] ?? 0]));
}

function differenceOf(
  quarterHour: number,
  dimensions: string,
  column: string,
  rollup: number,
  ledger: number,
): RollupDifference {
  return { quarterHour, dimensions, column, rollup, ledger };
}
