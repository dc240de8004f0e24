/**
 * Time: quarter-hour buckets, calendar periods in any IANA zone.
 *
 * The file keeps UTC. Every zone in use since 1972 differs from UTC by a multiple of a quarter hour, so a calendar
 * day in any zone is an exact run of quarter-hour buckets.
 */

export const QUARTER_HOUR_MILLIS = 900_000;
export const DAY_MILLIS = 86_400_000;

/** The number of the quarter hour since the Unix epoch that contains `millis`. */
export function quarterHourOf(millis: number): number {
  return Math.floor(millis / QUARTER_HOUR_MILLIS);
}

/** A half-open range of time, `[startMillis, endMillis)`. */
export interface TimeRange {
  readonly startMillis: number;
  readonly endMillis: number;
}

/** A calendar date, `YYYY-MM-DD`. */
export type CalendarDate = string;

/** Days of the week as ISO 8601 numbers them. */
export const WEEKDAYS = {
  monday: 1,
  tuesday: 2,
  wednesday: 3,
  thursday: 4,
  friday: 5,
  saturday: 6,
  sunday: 7,
} as const;
export type Weekday = keyof typeof WEEKDAYS;

/** Calendar periods that rows can be grouped by. */
export const PERIOD_UNITS = ["day", "week", "month"] as const;
export type PeriodUnit = (typeof PERIOD_UNITS)[number];

/** One calendar period in a zone. */
export interface Period extends TimeRange {
  /** `2026-11-22` for a day, `2026-W47` for an ISO week, `2026-11` for a month; a week that does not start on
   * Monday is named by its first day. */
  readonly label: string;
  /** First day, inclusive. */
  readonly firstDate: CalendarDate;
  /** Last day, inclusive. */
  readonly lastDate: CalendarDate;
}

/** Calendar arithmetic in one zone. */
export interface ZoneCalendar {
  readonly timeZone: string;
  /** The date that clocks in the zone show at `millis`. */
  dateOf(millis: number): CalendarDate;
  /** The first moment of a date in the zone. */
  startOf(date: CalendarDate): number;
  /**
   * The moment at which clocks in the zone show a time, given in milliseconds as if it were UTC. Of a time that they show
   * twice the first moment; for a time that they leap over, as many milliseconds behind the leap as the time is in it.
   */
  momentOf(wallMillis: number): number;
  /** How far clocks in the zone are ahead of UTC at a moment, in milliseconds. */
  offsetAt(millis: number): number;
  /** The periods that overlap a range, in order. */
  periods(range: TimeRange, unit: PeriodUnit, weekStart?: Weekday): Period[];
}

/**
 * Creates the calendar of a zone.
 *
 * @param timeZone an IANA name such as `Asia/Seoul`.
 * @param offsetAt milliseconds to add to UTC at a moment; by default asked of `Intl`, whose first use takes tens of
 * milliseconds. {@link systemOffsetAt} serves for the system's own zone.
 * @throws RangeError when the zone is not known.
 */
export function createZoneCalendar(
  timeZone: string,
  offsetAt: (millis: number) => number = createOffsetLookup(timeZone),
): ZoneCalendar {
  const dateOf = (millis: number): CalendarDate => dateText(millis + offsetAt(millis));

  /** @param wallMillis midnight of the date, as if it were UTC. */
  const startOfDay = (wallMillis: number): number => {
    // A day that begins inside a clock change has its first moment at the change: try both offsets around it.
    const candidates = [wallMillis - offsetAt(wallMillis - DAY_MILLIS), wallMillis - offsetAt(wallMillis + DAY_MILLIS)];
    const start = Math.min(...candidates);
    // As on all days but a few: clocks show midnight, and another day just before. A year of them is asked for at once.
    if (start + offsetAt(start) === wallMillis && start - 1 + offsetAt(start - 1) < wallMillis) return start;
    const date = dateText(wallMillis);
    if (dateOf(start) === date && dateOf(start - 1) !== date) return start;
    const later = Math.max(...candidates);
    if (dateOf(later) === date && dateOf(later - 1) !== date) return later;
    return firstMomentBetween(start - DAY_MILLIS / 8, later + DAY_MILLIS / 8, (millis) => dateOf(millis) >= date);
  };

  const startOf = (date: CalendarDate): number => startOfDay(parseDate(date));

  const momentOf = (wallMillis: number): number => {
    const before = wallMillis - offsetAt(wallMillis - DAY_MILLIS);
    const after = wallMillis - offsetAt(wallMillis + DAY_MILLIS);
    const shown = [before, after].filter((millis) => millis + offsetAt(millis) === wallMillis);
    return shown.length > 0 ? Math.min(...shown) : before;
  };

  const periods = (range: TimeRange, unit: PeriodUnit, weekStart: Weekday = "monday"): Period[] => {
    const result: Period[] = [];
    if (range.endMillis <= range.startMillis) return result;
    let firstDate = firstDateOf(unit, dateOf(range.startMillis), weekStart);
    let wallMillis = parseDate(firstDate);
    let startMillis = startOfDay(wallMillis);
    while (startMillis < range.endMillis) {
      const nextWallMillis = nextPeriodStart(unit, wallMillis);
      const nextDate = dateText(nextWallMillis);
      const endMillis = startOfDay(nextWallMillis);
      const lastDate = unit === "day" ? firstDate : addDays(nextDate, -1);
      result.push({ label: periodLabel(unit, firstDate, weekStart), firstDate, lastDate, startMillis, endMillis });
      firstDate = nextDate;
      wallMillis = nextWallMillis;
      startMillis = endMillis;
    }
    return result;
  };

  return { timeZone, dateOf, startOf, momentOf, offsetAt, periods };
}

/** How far the clocks of this machine are ahead of UTC at a moment, in milliseconds. */
export function systemOffsetAt(millis: number): number {
  return -60_000 * new Date(millis).getTimezoneOffset();
}

/** Adds whole days to a date. */
export function addDays(date: CalendarDate, days: number): CalendarDate {
  return dateText(parseDate(date) + days * DAY_MILLIS);
}

/** Adds whole months to a date that is the first of its month. */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  return dateText(monthsLater(parseDate(date), months));
}

function monthsLater(wallMillis: number, months: number): number {
  const wall = new Date(wallMillis);
  return Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + months, 1);
}

/** Whether a text is a real calendar date, `YYYY-MM-DD`. */
export function isCalendarDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && dateText(Date.parse(text)) === text;
}

/** The ISO 8601 week of a date, such as `2026-W47`. */
export function isoWeekOf(date: CalendarDate): string {
  const thursday = addDays(date, 4 - weekdayOf(date));
  const year = Number(thursday.slice(0, 4));
  const dayOfYear = (parseDate(thursday) - Date.UTC(year, 0, 1)) / DAY_MILLIS;
  return `${year}-W${String(Math.floor(dayOfYear / 7) + 1).padStart(2, "0")}`;
}

function firstDateOf(unit: PeriodUnit, date: CalendarDate, weekStart: Weekday): CalendarDate {
  if (unit === "day") return date;
  if (unit === "month") return `${date.slice(0, 7)}-01`;
  return addDays(date, -((weekdayOf(date) - WEEKDAYS[weekStart] + 7) % 7));
}

function nextPeriodStart(unit: PeriodUnit, wallMillis: number): number {
  if (unit === "month") return monthsLater(wallMillis, 1);
  return wallMillis + (unit === "week" ? 7 : 1) * DAY_MILLIS;
}

function periodLabel(unit: PeriodUnit, firstDate: CalendarDate, weekStart: Weekday): string {
  if (unit === "month") return firstDate.slice(0, 7);
  return unit === "week" && weekStart === "monday" ? isoWeekOf(firstDate) : firstDate;
}

function weekdayOf(date: CalendarDate): number {
  return new Date(parseDate(date)).getUTCDay() || 7;
}

function parseDate(date: CalendarDate): number {
  const millis = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(millis) || dateText(millis) !== date)
    throw new RangeError(`Not a calendar date: "${date}". Write it as YYYY-MM-DD.`);
  return millis;
}

function dateText(wallMillis: number): CalendarDate {
  return new Date(wallMillis).toISOString().slice(0, 10);
}

function firstMomentBetween(fromMillis: number, toMillis: number, holds: (millis: number) => boolean): number {
  let low = fromMillis;
  let high = toMillis;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const WALL_CLOCK_PARTS = ["year", "month", "day", "hour", "minute", "second"] as const;

/** Offsets from UTC in milliseconds, remembered per quarter hour because asking `Intl` is slow. */
function createOffsetLookup(timeZone: string): (millis: number) => number {
  if (timeZone === "UTC") return () => 0;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const known = new Map<number, number>();
  return (millis) => {
    const quarterHour = quarterHourOf(millis);
    const remembered = known.get(quarterHour);
    if (remembered !== undefined) return remembered;
    const start = quarterHour * QUARTER_HOUR_MILLIS;
    const parts = new Map(format.formatToParts(start).map(({ type, value }) => [type, Number(value)]));
    const [year, month, day, hour, minute, second] = WALL_CLOCK_PARTS.map((type) => parts.get(type));
    const wall = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second);
    const offset = wall - start;
    known.set(quarterHour, offset);
    return offset;
  };
}
