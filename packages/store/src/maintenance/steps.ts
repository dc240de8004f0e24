/** The work of maintenance, cut into small steps: after each of them others get their turn. */
import { dirname } from "node:path";
import { DAY_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { rollupSteps } from "../rollup/upkeep.ts";
import { applySeriesStep } from "../series/maintenance/apply.ts";
import { planSeriesMaintenance } from "../series/maintenance/plan.ts";
import { resolveSeriesSettings, type SeriesSettings } from "../series/maintenance/settings.ts";
import { readSeriesState, type SeriesState } from "../series/maintenance/state.ts";
import { createLedgerCleaning, type DeletedRows } from "./clean-ledger.ts";
import { readNewestMillis, readOldestLedgerDay } from "./days.ts";
import { makeReserve, planReserve, readDiskSpace, releaseReserve, reserveBytesOf } from "./disk-space.ts";
import { checkpoint, readPages, shrinkFile, usedBytesOf } from "./pages.ts";
import { isMaintenanceDue, planSizeCut, planWatermark, referenceMillis, utcDayOf } from "./plan-retention.ts";
import type { StoreSettings } from "./settings.ts";
import { readLastRunMillis, writeLastRunMillis } from "./state.ts";
import type { MaintenanceJob } from "./types.ts";
import { moveWatermark, readWatermarkDay } from "./watermark.ts";

/** One run, as its steps see it. */
export interface MaintenanceRun {
  readonly database: Database;
  readonly path: string;
  readonly settings: StoreSettings;
  readonly nowMillis: number;
  readonly scope: MaintenanceScope;
  /** Give back every free page, also a few. */
  readonly isThorough: boolean;
  /** The disk is full: the steps are smaller, and the log is emptied after each. */
  readonly isTight: boolean;
  /** Rows deleted so far; the steps add to it. */
  readonly deleted: DeletedRows;
}

/** What is to be done: everything, or no more than bringing rollups up to date. */
export type MaintenanceScope = "everything" | "rollups";

const MAX_ROWS_A_STEP = 500;
const MAX_ROWS_A_TIGHT_STEP = 200;
const MAX_WAL_BYTES = 16 * 1024 * 1024;
/** This much of the file may be free: it will be filled again. */
const TOLERATED_FREE_SHARE = 0.05;
const TOLERATED_FREE_PAGES = 256;
/** A step gives back as many pages as fit into a few milliseconds. */
const SHRINK_PAGES = { first: 64, least: 16, most: 4096 };
const SHRINK_MILLIS = { short: 4, long: 10 };

/**
 * Every step in order; each `next()` does one that changes something. May be started over at any time: what is done is
 * not done again.
 */
export function* maintenanceSteps(run: MaintenanceRun): Generator<MaintenanceJob, void> {
  const { database, settings, nowMillis } = run;
  // The reserve is as large as the log usually gets: moving the log into the file comes first, it frees the most.
  if (run.isTight) checkpoint(database);
  for (const _ of rollupSteps(database, nowMillis)) yield "rollups";
  if (run.scope === "rollups") return;
  const lastRunMillis = readLastRunMillis(database);
  const isDue = isMaintenanceDue(nowMillis, lastRunMillis);
  const newestMillis = readNewestMillis(database);
  const reference = referenceMillis({ nowMillis, lastRunMillis, newestMillis });
  const current = readWatermarkDay(database);
  const planned = isDue ? planWatermark(current, reference, settings.retention.ledgerDays) : current;
  yield* maintainSeries(run, seriesSettingsOf(settings));
  if (planned !== undefined) yield* cleanLedger(run, planned);
  if (isDue) yield* fitSize(run, reference === undefined ? undefined : utcDayOf(reference));
  yield* shrink(run);
  const { walBytes } = readPages(database);
  if (walBytes > MAX_WAL_BYTES || (walBytes > 0 && (run.isThorough || run.isTight))) {
    // A run that is always stopped after the first step must come further: a log that cannot be emptied stays.
    if (checkpoint(database).isComplete) yield "shrink";
  }
  database.pragma("analysis_limit = 300");
  database.pragma("optimize");
  if (tendReserve(run)) yield "reserve";
  if (isDue) writeLastRunMillis(database, nowMillis);
}

/** Lets go of the ledger what lies before a day. */
function* cleanLedger(run: MaintenanceRun, watermarkDay: number): Generator<MaintenanceJob, void> {
  const { database, isTight, deleted } = run;
  // First the watermark, then the rows: whatever happens in between, no fact is counted that is about to go.
  moveWatermark(database, watermarkDay);
  for (const step of createLedgerCleaning(database, watermarkDay * DAY_MILLIS)) {
    for (let isDone = false; !isDone; ) {
      const result = step.run(isTight ? MAX_ROWS_A_TIGHT_STEP : MAX_ROWS_A_STEP);
      isDone = result.isDone;
      if (result.deleted === 0) continue;
      deleted[step.table] = (deleted[step.table] ?? 0) + result.deleted;
      if (isTight) checkpoint(database);
      yield "ledger";
    }
  }
}

/** Compresses, sums up and forgets points: planned anew until nothing is left to do. */
function* maintainSeries(
  { database, nowMillis }: MaintenanceRun,
  settings: SeriesSettings,
): Generator<MaintenanceJob, void> {
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const step of planSeriesMaintenance(readSeriesState(database, nowMillis), settings, nowMillis)) {
      if (!applySeriesStep(database, step, settings)) continue;
      isChanged = true;
      yield "series";
    }
  }
}

function* fitSize(run: MaintenanceRun, referenceDay: number | undefined): Generator<MaintenanceJob, void> {
  const { database, settings, nowMillis } = run;
  let firstSeriesDay = Number.NEGATIVE_INFINITY;
  for (;;) {
    const seriesDay = oldestSeriesDay(readSeriesState(database, nowMillis));
    const cut = planSizeCut({
      usedBytes: usedBytesOf(readPages(database)),
      maxBytes: settings.maxBytes,
      // A day that did not go the first time (its points are too young to be summed up) does not go now.
      oldestSeriesDay: seriesDay !== undefined && seriesDay >= firstSeriesDay ? seriesDay : undefined,
      oldestLedgerDay: oldestDayToGive(database),
      referenceDay,
    });
    if (cut === undefined || referenceDay === undefined) return;
    if (cut.kind === "ledger") {
      yield* cleanLedger(run, cut.beforeDay);
    } else {
      firstSeriesDay = cut.beforeDay;
      yield* maintainSeries(run, shortenedTo(seriesSettingsOf(settings), referenceDay - cut.beforeDay));
    }
  }
}

/** A day before the watermark was given up already: what still lies there (a task whose calls may come later) stays. */
function oldestDayToGive(database: Database): number | undefined {
  const oldest = readOldestLedgerDay(database);
  return oldest === undefined ? undefined : Math.max(oldest, readWatermarkDay(database) ?? oldest);
}

function oldestSeriesDay({ plainDays, chunkDays, summaryDays }: SeriesState): number | undefined {
  const oldest = [plainDays, chunkDays, summaryDays.hour, summaryDays.day].flatMap(([day]) => day ?? []);
  return oldest.length === 0 ? undefined : Math.min(...oldest);
}

/**
 * Points lie as they came until one of two settings says otherwise. Full resolution, compressed, is kept as long as
 * hourly points: the store answers both from it.
 */
function seriesSettingsOf({ retention, compression }: StoreSettings): SeriesSettings {
  return resolveSeriesSettings({
    plainDays: Math.min(retention.detailedDays, compression.minAgeDays),
    detailedDays: retention.hourlyDays,
    hourlyDays: retention.hourlyDays,
    dailyDays: retention.dailyDays,
  });
}

function shortenedTo(settings: SeriesSettings, days: number): SeriesSettings {
  const { plainDays, detailedDays, hourlyDays, dailyDays } = settings;
  return resolveSeriesSettings({
    plainDays: Math.min(plainDays, days),
    detailedDays: Math.min(detailedDays, days),
    hourlyDays: Math.min(hourlyDays, days),
    dailyDays: Math.min(dailyDays, days),
  });
}

function* shrink({ database, isThorough, isTight }: MaintenanceRun): Generator<MaintenanceJob, void> {
  const { pages, freePages } = readPages(database);
  const tolerated = isThorough || isTight ? 0 : Math.max(TOLERATED_FREE_PAGES, pages * TOLERATED_FREE_SHARE);
  if (freePages <= tolerated) return;
  let stepPages = SHRINK_PAGES.first;
  for (let left = Math.ceil(freePages - tolerated); left > 0; ) {
    const startedAt = performance.now();
    if (!shrinkFile(database, Math.min(stepPages, left))) break;
    left -= stepPages;
    if (isTight) checkpoint(database);
    const millis = performance.now() - startedAt;
    yield "shrink";
    if (millis < SHRINK_MILLIS.short) stepPages = Math.min(stepPages * 2, SHRINK_PAGES.most);
    else if (millis > SHRINK_MILLIS.long) stepPages = Math.max(stepPages / 2, SHRINK_PAGES.least);
  }
  // The file itself becomes shorter when the log is moved into it.
  checkpoint(database);
}

/** @returns whether anything changed. */
function tendReserve({ database, path, settings, isTight }: MaintenanceRun): boolean {
  const { bytes } = settings.reserve;
  // What a full disk took away is put back as soon as it fits, without waiting for plenty of room.
  const wanted = isTight ? { reserve: { bytes, minFreeBytes: settings.minFreeBytes } } : settings;
  const { pages, pageBytes } = readPages(database);
  const sizes = { presentBytes: reserveBytesOf(path), dataBytes: pages * pageBytes };
  const plan = planReserve(wanted, sizes, readDiskSpace(dirname(path)));
  if (plan === "make") makeReserve(path, bytes);
  else if (plan === "remove") releaseReserve(path);
  return plan !== "keep";
}
