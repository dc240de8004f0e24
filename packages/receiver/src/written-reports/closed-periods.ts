/** The days and weeks that are over and in which something happened, each with a mark of its figures. */
import { addDays, DAY_MILLIS, type Period, type ZoneCalendar } from "@moai-metrics/model";
import type { LedgerFilter, LedgerReader, RollupState, UsageGroup } from "@moai-metrics/store";
import { digest } from "./digest.ts";
import type { ClosedPeriod } from "./plan-reports.ts";

/** What an earlier look saw, so that only days that may have changed are looked at again. */
export interface DayPrints {
  readonly generation: number;
  readonly timeZone: string;
  /** By day: a mark of its usage, and behind it a mark of its sessions. */
  readonly days: Readonly<Record<string, string>>;
}

/** Which periods to look at. */
export interface ClosedPeriodsQuestion {
  readonly calendar: ZoneCalendar;
  readonly nowMillis: number;
  readonly filter: Pick<LedgerFilter, "projects">;
  readonly earlier: DayPrints;
}

/** Closed days and weeks, and what to remember for the next look. */
export interface ClosedPeriods {
  readonly closed: readonly ClosedPeriod[];
  readonly prints: DayPrints;
}

const PRINT_LENGTH = 8;
const NO_USAGE = "-".repeat(PRINT_LENGTH);

/**
 * Asks only for days that may have changed since the earlier look, and adds weeks up from days. Days of which the
 * ledger no longer holds all are left alone: of those, no one can say anew how many sessions they had.
 */
export function closedPeriods(ledger: LedgerReader, question: ClosedPeriodsQuestion): ClosedPeriods {
  const { calendar, nowMillis, filter, earlier } = question;
  const { timeZone } = calendar;
  const state = ledger.rollupState();
  const { generation, watermarkMillis } = state;
  const span = ledger.span();
  if (span === undefined) return { closed: [], prints: { generation, timeZone, days: {} } };
  const isWhole = ({ startMillis, endMillis }: Period): boolean =>
    startMillis >= watermarkMillis && endMillis <= nowMillis;
  const range = { startMillis: Math.max(span.startMillis, watermarkMillis), endMillis: nowMillis };
  const days = calendar.periods(range, "day").filter(isWhole);
  const changed = days.filter(planChangedDays(state, earlier, timeZone));
  const prints = { ...earlier.days, ...printsOfDays(ledger, filter, changed) };
  return {
    closed: [
      ...days.flatMap((day) => closedOf(prints, "day", day)),
      ...calendar
        .periods(range, "week")
        .filter(isWhole)
        .flatMap((week) => closedOf(prints, "week", week)),
    ],
    prints: { generation, timeZone, days: prints },
  };
}

function printsOfDays(
  ledger: LedgerReader,
  filter: Pick<LedgerFilter, "projects">,
  days: readonly Period[],
): Record<string, string> {
  if (days.length === 0) return {};
  const groups = Map.groupBy(ledger.usage({ ...filter, periods: days, by: ["agent"] }), ({ period }) => period?.label);
  const activity = ledger.sessionActivity(days, filter);
  return Object.fromEntries(
    days.map(({ label }, i) => {
      const { sessions = 0, activeMillis = 0 } = activity[i] ?? {};
      const usage = groups.get(label);
      // What was there before and is gone must not keep its mark.
      if (usage === undefined && sessions === 0) return [label, ""];
      return [label, (usage === undefined ? NO_USAGE : usagePrint(usage)) + print(`${sessions} ${activeMillis}`)];
    }),
  );
}

/** Which days must be asked for. Pure. */
function planChangedDays(
  { generation, openDays }: Pick<RollupState, "generation" | "openDays">,
  earlier: DayPrints,
  timeZone: string,
): (day: Period) => boolean {
  if (generation !== earlier.generation || timeZone !== earlier.timeZone) return () => true;
  return ({ label, startMillis, endMillis }) =>
    earlier.days[label] === undefined ||
    openDays.some((openMillis) => openMillis < endMillis && openMillis + DAY_MILLIS > startMillis);
}

/** A period in which something happened. Its trends compare with the usage of the one before. */
function closedOf(prints: Readonly<Record<string, string>>, unit: "day" | "week", period: Period): ClosedPeriod[] {
  const length = unit === "day" ? 1 : 7;
  const printsFrom = (firstDate: string): string[] =>
    Array.from({ length }, (_, i) => prints[addDays(firstDate, i)] ?? "");
  const own = printsFrom(period.firstDate);
  if (own.every((each) => each === "")) return [];
  const before = printsFrom(addDays(period.firstDate, -length)).map((each) => each.slice(0, PRINT_LENGTH));
  return [{ unit, period, fingerprint: print([...before, ...own].join("|")) }];
}

function usagePrint(groups: readonly UsageGroup[]): string {
  return print(JSON.stringify(groups.map(({ period: _same, ...figures }) => figures)));
}

/** 48 bits: one change in hundreds of billions goes unseen. */
function print(text: string): string {
  return digest(text, PRINT_LENGTH);
}
