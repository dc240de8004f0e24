/** Stretches of time that end now, and how they compare with earlier ones. Pure. */
import { QUARTER_HOUR_MILLIS, type TimeRange, type ZoneCalendar } from "@moai-metrics/model";

/** From the start of a day to the end of the quarter hour that runs now. */
export function rangeUntilNow(calendar: ZoneCalendar, from: string, nowMillis: number): TimeRange {
  const endMillis = (Math.floor(nowMillis / QUARTER_HOUR_MILLIS) + 1) * QUARTER_HOUR_MILLIS;
  return { startMillis: calendar.startOf(from), endMillis };
}

/**
 * The stretch of equal length from the start of an earlier period: half a day is compared with half a day. It ends
 * where the later one starts at the latest (a short month before a long one).
 */
export function stretchBefore(calendar: ZoneCalendar, before: string, range: TimeRange): TimeRange {
  const startMillis = calendar.startOf(before);
  const endMillis = Math.min(startMillis + (range.endMillis - range.startMillis), range.startMillis);
  return { startMillis, endMillis };
}

/** `(now - before) / before`; `null` without an earlier value, or where it is 0. */
export function relativeChange(now: number | null, before: number | null): number | null {
  return now === null || before === null || before === 0 ? null : (now - before) / before;
}

/** `now - before`; `null` where one of them is not known. */
export function difference(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before;
}
