/** The page of a period for who knows usage alone: no sessions, no single tasks, no quality. */
import { addDays, type Period, type ZoneCalendar } from "@moai-metrics/model";
import type { LedgerReader } from "@moai-metrics/store";
import { usageFields } from "../fields.ts";
import { sumMeasures } from "../measures.ts";
import {
  figuresOf,
  type PageFilter,
  PERIOD_TITLES,
  type PeriodChoice,
  periodOf,
  rangeOf,
  usageSections,
} from "./period-parts.ts";
import type { Page, PageSection } from "./types.ts";

/** What the page is about. */
export interface UsagePageQuestion extends PeriodChoice {
  /** A day inside the period. */
  readonly date: string;
  readonly filter?: PageFilter | undefined;
  /** What a reader must know of the figures. */
  readonly notes: readonly string[];
}

/** Asks about the period, its days, and the period before. */
export function usagePage(ledger: Pick<LedgerReader, "usage">, question: UsagePageQuestion): Page {
  const { unit, calendar, filter = {}, notes } = question;
  const period = periodOf(question, question.date);
  const before = periodOf(question, addDays(period.firstDate, -1));
  // No more than what is asked of it: a figure that is not known is left out.
  const usage = { usage: ledger.usage };
  return {
    title: `${PERIOD_TITLES[unit]} ${period.label}`,
    subtitle:
      (unit === "day" ? period.firstDate : `${period.firstDate} to ${period.lastDate}`) +
      `, days of ${calendar.timeZone}, compared with ${before.label}`,
    timeZone: calendar.timeZone,
    figures: figuresOf(usage, filter, rangeOf(period), rangeOf(before)),
    sections: [
      ...(unit === "day" ? [] : overDays(usage, filter, period, calendar)),
      ...usageSections(usage, filter, rangeOf(period)),
    ],
    notes,
  };
}

function overDays(
  ledger: Pick<LedgerReader, "usage">,
  filter: PageFilter,
  period: Period,
  calendar: ZoneCalendar,
): readonly PageSection[] {
  const days = calendar.periods(period, "day").map((day) => ({
    label: day.label.slice(5),
    ...usageFields(sumMeasures(ledger.usage({ ...filter, range: rangeOf(day) }))),
  }));
  const points = (name: "totalTokens" | "totalCost") => days.map((day) => ({ label: day.label, value: day[name] }));
  return [
    {
      question: "When was the work done?",
      chart: { form: "columns", title: "Tokens per day", kind: "tokens", points: points("totalTokens") },
    },
    {
      question: "When was the money spent?",
      chart: { form: "columns", title: "Cost per day, US dollars", kind: "cost", points: points("totalCost") },
    },
  ];
}
