/** The days and weeks that are over and in which something happened. */
import { createHash } from "node:crypto";
import { addDays, type Period, type ZoneCalendar } from "@moai-metrics/model";
import type { LedgerFilter, LedgerReader, UsageGroup } from "@moai-metrics/store";
import type { ClosedPeriod } from "./plan-reports.ts";

/** Which periods to look at. */
export interface ClosedPeriodsQuestion {
  readonly calendar: ZoneCalendar;
  readonly nowMillis: number;
  readonly filter: Pick<LedgerFilter, "projects">;
  readonly hasDays: boolean;
  readonly hasWeeks: boolean;
}

/** Asks the rollups once for all days, and adds weeks up from them. */
export function closedPeriods(ledger: LedgerReader, question: ClosedPeriodsQuestion): ClosedPeriod[] {
  const { calendar, nowMillis, filter, hasDays, hasWeeks } = question;
  const span = ledger.span();
  if (span === undefined) return [];
  const endMillis = Math.min(span.endMillis + 1, nowMillis);
  const days = calendar.periods({ startMillis: span.startMillis, endMillis }, "day");
  const groups = Map.groupBy(
    ledger.usage({ ...filter, periods: days, by: ["agent"] }),
    (group) => group.period?.label ?? "",
  );
  const sessions = ledger.sessionCounts(days, filter);
  const prints = new Map(
    days.flatMap(({ label }, index): [string, string][] => {
      const figures = groups.get(label) ?? [];
      const count = sessions[index] ?? 0;
      return figures.length === 0 && count === 0 ? [] : [[label, fingerprintOf(figures, count)]];
    }),
  );
  const printOfDays = (period: Period): string =>
    calendar
      .periods(period, "day")
      .map(({ label }) => prints.get(label) ?? "")
      .join("");
  const closedOf = (unit: "day" | "week", period: Period): ClosedPeriod[] => {
    if (period.endMillis > nowMillis || printOfDays(period) === "") return [];
    const startMillis = calendar.startOf(addDays(period.firstDate, -1));
    const [before] = calendar.periods({ startMillis, endMillis: startMillis + 1 }, unit);
    return [
      { unit, period, fingerprint: hash(`${before === undefined ? "" : printOfDays(before)}|${printOfDays(period)}`) },
    ];
  };
  return [
    ...(hasDays ? days.flatMap((day) => closedOf("day", day)) : []),
    ...(hasWeeks
      ? calendar.periods({ startMillis: span.startMillis, endMillis }, "week").flatMap((week) => closedOf("week", week))
      : []),
  ];
}

function fingerprintOf(groups: readonly UsageGroup[], sessions: number): string {
  return hash(JSON.stringify([sessions, groups.map(({ period: _same, ...figures }) => figures)]));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}
