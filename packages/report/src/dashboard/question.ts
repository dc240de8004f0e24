/** What a dashboard is asked, and the stretches of time that its sections look at. Pure. */
import {
  addDays,
  type Period,
  type PeriodUnit,
  type TimeRange,
  type Weekday,
  type ZoneCalendar,
} from "@moai-metrics/model";
import type { DashboardThresholds, MetricsConfig } from "@moai-metrics/settings";
import type { Dimension, LedgerFilter, Store } from "@moai-metrics/store";
import { rangeUntilNow, stretchBefore } from "../stretches.ts";
import type { DashboardPeriod, TrendUnit } from "./types.ts";

/** The parts of a store that are asked. */
export type DashboardSource = Pick<Store, "ledger" | "query">;

/** What is chosen by whoever looks. */
export interface DashboardChoice {
  readonly period: DashboardPeriod;
  /** What the rows of the agents' section are about. */
  readonly groupBy: Dimension;
  readonly trendUnit: TrendUnit;
}

/** What every section is asked. */
export interface DashboardQuestion extends DashboardChoice {
  readonly calendar: ZoneCalendar;
  readonly nowMillis: number;
  /** Everything but the range. */
  readonly filter: Omit<LedgerFilter, "range" | "sessionIds">;
  readonly config: MetricsConfig;
  readonly weekStart?: Weekday | undefined;
}

/** The part of a question that judges. */
export function thresholdsOf({ config }: DashboardQuestion): DashboardThresholds {
  return config.dashboard;
}

/** How many days a period has, today included. */
export const DAYS_OF_PERIOD: Readonly<Record<DashboardPeriod, number>> = { today: 1, "7d": 7, "30d": 30, "90d": 90 };

/** The period, and the stretch of equal length before it. */
export interface DashboardRanges {
  readonly current: TimeRange;
  readonly previous: TimeRange;
  /** First and last day of the period, inclusive. */
  readonly from: string;
  readonly to: string;
}

/** Whole days of the zone and today until now; usage is kept by the quarter hour, so that is where it ends. */
export function rangesOf({ calendar, nowMillis, period }: DashboardQuestion): DashboardRanges {
  const days = DAYS_OF_PERIOD[period];
  const to = calendar.dateOf(nowMillis);
  const from = addDays(to, 1 - days);
  const current = rangeUntilNow(calendar, from, nowMillis);
  return { current, previous: stretchBefore(calendar, addDays(from, -days), current), from, to };
}

const HOUR_MILLIS = 3_600_000;

/** The hours of a range, from its start on; labelled by the zone's clock. */
export function hoursOf(calendar: ZoneCalendar, { startMillis, endMillis }: TimeRange): Period[] {
  const hours: Period[] = [];
  for (let start = startMillis; start < endMillis; start += HOUR_MILLIS) {
    const wall = new Date(start + calendar.offsetAt(start)).toISOString();
    const date = wall.slice(0, 10);
    hours.push({
      startMillis: start,
      endMillis: start + HOUR_MILLIS,
      // An hour that a zone has twice keeps its place in time.
      label: wall.slice(0, 16) + offsetText(calendar.offsetAt(start)),
      firstDate: date,
      lastDate: date,
    });
  }
  return hours;
}

function offsetText(millis: number): string {
  const minutes = Math.abs(Math.round(millis / 60_000));
  const text = (part: number): string => String(part).padStart(2, "0");
  return `${millis < 0 ? "-" : "+"}${text(Math.floor(minutes / 60))}:${text(minutes % 60)}`;
}

const TREND_HOURS = 24;
const TREND_DAYS = 7;
const TREND_WEEKS = 12;

/** The hours, days or weeks of the trends: the last one is the one that runs. */
export function trendPeriods(question: DashboardQuestion): Period[] {
  const { calendar, nowMillis, trendUnit, weekStart } = question;
  if (trendUnit === "hour") {
    const offset = calendar.offsetAt(nowMillis);
    const behind = (Math.floor((nowMillis + offset) / HOUR_MILLIS) + 1) * HOUR_MILLIS - offset;
    return hoursOf(calendar, { startMillis: behind - TREND_HOURS * HOUR_MILLIS, endMillis: behind });
  }
  const today = calendar.dateOf(nowMillis);
  const days = trendUnit === "week" ? 7 * TREND_WEEKS : Math.max(TREND_DAYS, DAYS_OF_PERIOD[question.period]);
  return wholePeriods(
    calendar,
    { startMillis: calendar.startOf(addDays(today, 1 - days)), endMillis: nowMillis + 1 },
    trendUnit,
    weekStart,
  );
}

function wholePeriods(
  calendar: ZoneCalendar,
  range: TimeRange,
  unit: PeriodUnit,
  weekStart: Weekday | undefined,
): Period[] {
  return calendar.periods(range, unit, weekStart);
}
