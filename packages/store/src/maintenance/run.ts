/** Runs maintenance: who does it, when, for how long. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { openDatabase } from "../open-database.ts";
import { areRollupsBehind } from "../rollup/upkeep.ts";
import { isBusyError, isFullError, toStoreError } from "../sqlite-errors.ts";
import type { DeletedRows } from "./clean-ledger.ts";
import { releaseReserve, reserveBytesOf } from "./disk-space.ts";
import { acquireMaintenanceLock } from "./lock.ts";
import { readPages } from "./pages.ts";
import { isMaintenanceDue } from "./plan-retention.ts";
import type { StoreSettings } from "./settings.ts";
import { readLastRunMillis } from "./state.ts";
import { type MaintenanceScope, maintenanceSteps } from "./steps.ts";
import type { MaintenanceOptions, MaintenanceOutcome } from "./types.ts";
import { readWatermarkDay } from "./watermark.ts";

const BUSY_TIMEOUT_MILLIS = 100;
const BUSY_PAUSE_MILLIS = 50;
const MAX_BUSY_RETRIES = 20;

/**
 * Maintains the file through a connection of its own, so that what other connections remember of rows is forgotten when
 * rows go. Others write between its steps.
 *
 * @throws StoreError `full` when not even the reserve was room enough, and every error of opening.
 */
export async function runMaintenance(
  path: string,
  settings: StoreSettings,
  options: MaintenanceOptions,
): Promise<MaintenanceOutcome> {
  const lock = acquireMaintenanceLock(path);
  if (lock === undefined) return { ...NOTHING_DONE, state: "elsewhere" };
  try {
    const database = openWithRoom(path);
    try {
      const scope = planScope(database, options);
      if (scope === undefined) return NOT_DUE;
      const bytesBefore = bytesOf(readPages(database));
      const result = await runSteps(database, path, settings, scope, options);
      return {
        ...result,
        bytesBefore,
        bytesAfter: bytesOf(readPages(database)),
        watermarkDay: readWatermarkDay(database),
      };
    } finally {
      database.close();
    }
  } catch (error) {
    throw toStoreError(error, path, "write");
  } finally {
    lock.release();
  }
}

/**
 * How much there is to do: everything once a day, and in between only rollups, when so much history was written or a
 * zone came into use that they have fallen behind; undefined when it is too early for either.
 */
export function planScope(
  database: Database,
  { nowMillis, isThorough = false }: Pick<MaintenanceOptions, "nowMillis" | "isThorough">,
): MaintenanceScope | undefined {
  if (isThorough || isMaintenanceDue(nowMillis, readLastRunMillis(database))) return "everything";
  return areRollupsBehind(database, nowMillis) ? "rollups" : undefined;
}

/** Even opening needs a little room: on a full disk the reserve gives it. */
function openWithRoom(path: string): Database {
  const options = { path, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS };
  try {
    return openDatabase(options).database;
  } catch (error) {
    const isFull = error instanceof StoreError && error.code === "full";
    if (!isFull || reserveBytesOf(path) === 0) throw error;
    releaseReserve(path);
    return openDatabase(options).database;
  }
}

/** What there is to say when there was nothing to do. */
const NOTHING_DONE: Omit<MaintenanceOutcome, "state"> = {
  deleted: {},
  bytesBefore: 0,
  bytesAfter: 0,
  steps: 0,
  longestStepMillis: 0,
  watermarkDay: undefined,
};

/** The outcome when it is too early. */
export const NOT_DUE: MaintenanceOutcome = Object.freeze({ ...NOTHING_DONE, state: "not due" });

async function runSteps(
  database: Database,
  path: string,
  settings: StoreSettings,
  scope: MaintenanceScope,
  { nowMillis, maxMillis = Number.POSITIVE_INFINITY, isThorough = false, signal, onProgress }: MaintenanceOptions,
): Promise<Pick<MaintenanceOutcome, "state" | "deleted" | "steps" | "longestStepMillis">> {
  const deleted: DeletedRows = {};
  const startedAt = performance.now();
  let isTight = false;
  let busyRetries = 0;
  let steps = 0;
  let longestStepMillis = 0;
  const begin = () => maintenanceSteps({ database, path, settings, scope, nowMillis, isThorough, isTight, deleted });
  const outcome = (state: MaintenanceOutcome["state"]) => ({ state, deleted, steps, longestStepMillis });

  for (let work = begin(); ; ) {
    const stepAt = performance.now();
    try {
      const { done, value } = work.next();
      if (done === true) return outcome("done");
      steps += 1;
      onProgress?.({ job: value, steps });
    } catch (error) {
      if (isFullError(error) && !isTight) {
        isTight = true;
        if (reserveBytesOf(path) > 0) releaseReserve(path);
      } else if (isBusyError(error)) {
        busyRetries += 1;
        if (busyRetries > MAX_BUSY_RETRIES) return outcome("unfinished");
        await sleep(BUSY_PAUSE_MILLIS);
      } else {
        throw error;
      }
      work = begin();
    }
    const now = performance.now();
    longestStepMillis = Math.max(longestStepMillis, now - stepAt);
    if (signal?.aborted === true || now - startedAt >= maxMillis) return outcome("unfinished");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function bytesOf({ pageBytes, pages, walBytes }: ReturnType<typeof readPages>): number {
  return pageBytes * pages + walBytes;
}
