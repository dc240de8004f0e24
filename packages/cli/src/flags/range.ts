/** Turns the flags of time into a range. */
import {
  addDays,
  addMonths,
  type PeriodUnit,
  QUARTER_HOUR_MILLIS,
  type TimeRange,
  type ZoneCalendar,
} from "@moai-metrics/model";
import { UsageError } from "../errors.ts";
import type { RangeFlags } from "./declare.ts";
import type { DayFlag } from "./values.ts";

/** What ranges are relative to. */
export interface RangeContext {
  readonly calendar: ZoneCalendar;
  readonly nowMillis: number;
  /** What `--last` counts; without it, `--last` does not concern the range. */
  readonly lastUnit?: PeriodUnit | undefined;
}

/** The earliest day that a range can begin on. */
const FIRST_DATE = "1970-01-02";

/**
 * The range of `--since`, `--until` and `--last`; undefined when none is given. `7d` as a first day begins the seven
 * days that end today; as a last day it ends just before them, so that `--since 14d --until 7d` are the seven days
 * before the last seven.
 *
 * @throws UsageError when the last day comes before the first.
 */
export function resolveRange(flags: RangeFlags, context: RangeContext): TimeRange | undefined {
  const { calendar, nowMillis, lastUnit } = context;
  const today = calendar.dateOf(nowMillis);
  const last = lastUnit === undefined ? undefined : flags.last;
  if (flags.since === undefined && flags.until === undefined && last === undefined) return undefined;

  const since = flags.since === undefined ? FIRST_DATE : dateOfDay(flags.since, today, 1);
  const latest = since > today ? since : today;
  const until = flags.until === undefined ? latest : dateOfDay(flags.until, today, 0);
  if (since > until) {
    throw new UsageError(`--since ${since} lies after --until ${until}: no day is left. Swap them.`);
  }
  const lastStart =
    last === undefined || lastUnit === undefined ? since : firstOfLast(last, lastUnit, until, flags, calendar);
  const firstDate = lastStart > since ? lastStart : since;
  return wholeQuarterHours(calendar.startOf(firstDate), calendar.startOf(addDays(until, 1)));
}

/** Usage is kept by the quarter hour; before 1972 a few zones had days that began between two. */
function wholeQuarterHours(startMillis: number, endMillis: number): TimeRange {
  return {
    startMillis: Math.floor(startMillis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS,
    endMillis: Math.ceil(endMillis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS,
  };
}

function dateOfDay(day: DayFlag, today: string, daysAhead: number): string {
  if (day.kind === "date") return day.date;
  const date = addDays(today, daysAhead - Math.max(day.days, daysAhead));
  return date > FIRST_DATE ? date : FIRST_DATE;
}

function firstOfLast(last: number, unit: PeriodUnit, until: string, flags: RangeFlags, calendar: ZoneCalendar): string {
  const moment = calendar.startOf(until);
  const current = calendar.periods({ startMillis: moment, endMillis: moment + 1 }, unit, flags.startOfWeek)[0];
  const firstDate = current?.firstDate ?? until;
  if (unit === "month") return addMonths(firstDate, 1 - last);
  return addDays(firstDate, (1 - last) * (unit === "week" ? 7 : 1));
}
