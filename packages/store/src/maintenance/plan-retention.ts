/** Decides what the ledger lets go. Pure: nothing here reads a clock or a file. */
import { DAY_MILLIS } from "@moai-metrics/model";

/** What is known about time when retention is decided. Milliseconds UTC. */
export interface ClockEvidence {
  /** What the clock says. */
  readonly nowMillis: number;
  /** What it said when maintenance was last complete; undefined before the first time. */
  readonly lastRunMillis: number | undefined;
  /** The time of the newest fact or point; undefined in an empty store. */
  readonly newestMillis: number | undefined;
}

/**
 * The moment that ages are counted from; undefined when nothing may be deleted yet.
 *
 * A clock may be wrong, and what is deleted is gone. So three witnesses must agree that so much time has passed: the
 * clock now, the clock at the last complete maintenance (at least a day ago), and the data itself. The earliest of them
 * counts. A clock that jumps ahead deletes nothing, because the last run still knew the right time and the data is not
 * newer; when it jumps back, less is deleted. The price: what has expired goes one run later, and a store that nothing
 * is recorded in any more keeps what it has.
 */
export function referenceMillis({ nowMillis, lastRunMillis, newestMillis }: ClockEvidence): number | undefined {
  if (lastRunMillis === undefined || newestMillis === undefined) return undefined;
  return Math.min(nowMillis, lastRunMillis, newestMillis);
}

/** Whether maintenance is due: once a day, and after a clock that was set back. */
export function isMaintenanceDue(nowMillis: number, lastRunMillis: number | undefined): boolean {
  return lastRunMillis === undefined || Math.abs(nowMillis - lastRunMillis) >= DAY_MILLIS;
}

/** The day, in UTC, that a moment lies in: days since 1970-01-01. */
export function utcDayOf(millis: number): number {
  return Math.floor(millis / DAY_MILLIS);
}

/**
 * The oldest whole UTC day that the ledger is to hold from now on. It never moves back: what was deleted is not there
 * again.
 */
export function planWatermark(
  current: number | undefined,
  reference: number | undefined,
  ledgerDays: number,
): number | undefined {
  if (reference === undefined) return current;
  const wanted = utcDayOf(reference) - ledgerDays;
  if (wanted <= 0) return current;
  return current === undefined ? wanted : Math.max(current, wanted);
}

/** What is known about room when the size cap is enforced. */
export interface SizeEvidence {
  /** Bytes of all pages that hold data, without free ones. */
  readonly usedBytes: number;
  readonly maxBytes: number | undefined;
  /** The oldest day with points; undefined when there are none. */
  readonly oldestSeriesDay: number | undefined;
  /** The oldest day with calls, tasks or sessions; undefined when there are none. */
  readonly oldestLedgerDay: number | undefined;
  /** The day of {@link referenceMillis}; undefined when nothing may be deleted yet. */
  readonly referenceDay: number | undefined;
}

/** What to let go next so that the data fits its limit. */
export type SizeCut =
  | { readonly kind: "series"; readonly beforeDay: number }
  | { readonly kind: "ledger"; readonly beforeDay: number };

/** However small the limit, this many days stay. */
export const MIN_KEPT_DAYS = 2;

/**
 * The next day to give up, or undefined when the data fits or there is nothing more to give. Points go first, oldest
 * day first; then the ledger's oldest day. Rollups are never given up.
 */
export function planSizeCut(evidence: SizeEvidence): SizeCut | undefined {
  const { usedBytes, maxBytes, oldestSeriesDay, oldestLedgerDay, referenceDay } = evidence;
  if (maxBytes === undefined || usedBytes <= maxBytes || referenceDay === undefined) return undefined;
  const firstKeptDay = referenceDay - MIN_KEPT_DAYS;
  if (oldestSeriesDay !== undefined && oldestSeriesDay < firstKeptDay) {
    return { kind: "series", beforeDay: oldestSeriesDay + 1 };
  }
  if (oldestLedgerDay !== undefined && oldestLedgerDay < firstKeptDay) {
    return { kind: "ledger", beforeDay: oldestLedgerDay + 1 };
  }
  return undefined;
}
