/** Cuts a range into calendar intervals of a zone. */
import {
  PERIOD_UNITS,
  type PeriodUnit,
  QUARTER_HOUR_MILLIS,
  type TimeRange,
  type Weekday,
  type ZoneCalendar,
} from "@moai-metrics/model";
import type { Interval } from "./types.ts";

/** One interval, cut off where the range ends. */
export interface Bucket extends TimeRange {
  readonly label: string;
}

const MINUTE_MILLIS = 60_000;
const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 86_400_000;

/** Minutes are read from single facts; more of them than this would take too long. */
const MAX_MINUTES_MILLIS = DAY_MILLIS;

/** No day of any zone is longer: clocks fall back by two hours at most. */
const LONGEST_DAY_MILLIS = DAY_MILLIS + 2 * HOUR_MILLIS;

/**
 * The intervals that overlap a range, in order.
 * @throws RangeError for minutes of more than 24 hours that are not of one day.
 */
export function planBuckets(
  range: TimeRange,
  interval: Interval,
  calendar: ZoneCalendar,
  weekStart?: Weekday,
): Bucket[] {
  if (range.endMillis <= range.startMillis) return [];
  if (isPeriodUnit(interval)) {
    return calendar.periods(range, interval, weekStart).map(({ label, startMillis, endMillis }) => ({
      label,
      startMillis: Math.max(startMillis, range.startMillis),
      endMillis: Math.min(endMillis, range.endMillis),
    }));
  }
  if (interval === "minute" && !isInOneDay(range, calendar)) {
    throw new RangeError(
      "Minutes are answered for ranges up to 24 hours, or one day of the zone, and this one is longer. " +
        'Shorten the range, or ask for the interval "quarterHour".',
    );
  }
  const starts = interval === "hour" ? hourStarts(range, calendar) : fixedStarts(range, interval);
  const labelOf = createMomentLabels(calendar);
  return starts.map((startMillis, i) => ({
    label: labelOf(startMillis),
    startMillis: Math.max(startMillis, range.startMillis),
    endMillis: Math.min(starts[i + 1] ?? Number.MAX_SAFE_INTEGER, range.endMillis),
  }));
}

function isPeriodUnit(interval: Interval): interval is PeriodUnit {
  return PERIOD_UNITS.some((unit) => unit === interval);
}

/** Whether a range is as long as a day at most, be it one of 25 hours. */
function isInOneDay(range: TimeRange, calendar: ZoneCalendar): boolean {
  const length = range.endMillis - range.startMillis;
  if (length <= MAX_MINUTES_MILLIS) return true;
  return length <= LONGEST_DAY_MILLIS && calendar.periods(range, "day").length === 1;
}

/** Minutes and quarter hours are the same in every zone. */
function fixedStarts({ startMillis, endMillis }: TimeRange, interval: "minute" | "quarterHour"): number[] {
  const step = interval === "minute" ? MINUTE_MILLIS : QUARTER_HOUR_MILLIS;
  const starts: number[] = [];
  for (let start = Math.floor(startMillis / step) * step; start < endMillis; start += step) starts.push(start);
  return starts;
}

/** An hour begins where the clock shows one, and where the clock is changed. */
function hourStarts(range: TimeRange, calendar: ZoneCalendar): number[] {
  const starts: number[] = [];
  let start = hourStartBefore(range.startMillis, calendar);
  while (start < range.endMillis) {
    starts.push(start);
    start = nextHourStart(start, calendar);
  }
  return starts;
}

function hourStartBefore(millis: number, calendar: ZoneCalendar): number {
  let quarter = Math.floor(millis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS;
  while (!isHourStart(quarter, calendar)) quarter -= QUARTER_HOUR_MILLIS;
  return quarter;
}

function nextHourStart(start: number, calendar: ZoneCalendar): number {
  const offset = calendar.offsetAt(start);
  const next = start + HOUR_MILLIS - ((((start + offset) % HOUR_MILLIS) + HOUR_MILLIS) % HOUR_MILLIS);
  if (calendar.offsetAt(next) === offset && calendar.offsetAt(next - QUARTER_HOUR_MILLIS) === offset) return next;
  let quarter = start + QUARTER_HOUR_MILLIS;
  while (!isHourStart(quarter, calendar)) quarter += QUARTER_HOUR_MILLIS;
  return quarter;
}

function isHourStart(quarter: number, calendar: ZoneCalendar): boolean {
  const offset = calendar.offsetAt(quarter);
  return (quarter + offset) % HOUR_MILLIS === 0 || calendar.offsetAt(quarter - QUARTER_HOUR_MILLIS) !== offset;
}

/**
 * Moments as clocks in the zone show them, with their distance from UTC: `2026-11-22T08:15+09:00`. Thousands of them
 * make an answer, and most share their day and their distance with the one before.
 */
function createMomentLabels(calendar: ZoneCalendar): (millis: number) => string {
  let lastDay = Number.NaN;
  let date = "";
  let lastOffset = Number.NaN;
  let distance = "";
  return (millis) => {
    const offset = calendar.offsetAt(millis);
    const wall = millis + offset;
    const day = Math.floor(wall / DAY_MILLIS);
    if (day !== lastDay) {
      lastDay = day;
      date = new Date(wall).toISOString().slice(0, -DATE_TAIL);
    }
    if (offset !== lastOffset) {
      lastOffset = offset;
      distance = `${offset < 0 ? "-" : "+"}${clockText(Math.abs(offset))}`;
    }
    return `${date}T${clockText(wall - day * DAY_MILLIS)}${distance}`;
  };
}

/** What ISO 8601 writes behind the date: `T08:15:00.000Z`. */
const DATE_TAIL = 14;

/** Hours and minutes of a length of time: `08:15`. */
function clockText(millis: number): string {
  const minutes = Math.floor(millis / MINUTE_MILLIS);
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
