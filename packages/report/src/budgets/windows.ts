/** Which stretches of time budgets look at. Pure. */
import { type Period, QUARTER_HOUR_MILLIS, type TimeRange, type Weekday, type ZoneCalendar } from "@moai-metrics/model";
import type { BudgetConfig, BudgetWindow } from "@moai-metrics/settings";

/** The time that a report on budgets is about. */
export interface BudgetTime {
  readonly calendar: ZoneCalendar;
  readonly weekStart?: Weekday | undefined;
  /** One moment, for how things stand; a closed period, for how they stood in it. Nothing behind its end is looked at. */
  readonly range: TimeRange;
}

/** A day, week or month, as far as it was looked at. */
export interface Window extends Period {
  readonly unit: BudgetWindow;
}

/** How things stand at a moment. */
export function atMoment(millis: number): TimeRange {
  return { startMillis: millis, endMillis: millis + 1 };
}

/** The windows of one length that the range lies in, each up to the end of the range. */
export function planWindows(unit: BudgetWindow, { calendar, weekStart, range }: BudgetTime): Window[] {
  // Usage is kept by the quarter hour.
  const endMillis = Math.ceil(range.endMillis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS;
  return calendar
    .periods(range, unit, weekStart)
    .map((period) => ({ ...period, unit, endMillis: Math.min(period.endMillis, endMillis) }));
}

/** Every window that some budget needs, and the days, whose models are looked at in any case. */
export function planAllWindows(budgets: readonly BudgetConfig[], time: BudgetTime): Window[] {
  return [...new Set<BudgetWindow>(["day", ...budgets.map(({ window }) => window)])].flatMap((unit) =>
    planWindows(unit, time),
  );
}
