/** The page of a day, a week or a month. */
import {
  addDays,
  type Period,
  type PeriodUnit,
  type QualityMeasure,
  type TimeRange,
  type ZoneCalendar,
} from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { Store } from "@moai-metrics/store";
import { tokenWarningNote } from "../budgets/budget-lines.ts";
import { budgetTable } from "../budgets/budget-table.ts";
import type { BudgetReport } from "../budgets/types.ts";
import { causesTable } from "../compare/causes-table.ts";
import { compareCost } from "../compare/compare-cost.ts";
import { qualityReport } from "../quality-rows.ts";
import { costNotes } from "../tables/cost-notes.ts";
import { taskTable } from "../tables/task-table.ts";
import { taskReport } from "../task-rows.ts";
import { usageByDimension } from "../usage-rows.ts";
import { pageTable } from "./page-table.ts";
import {
  figuresOf,
  type PageFilter,
  PERIOD_TITLES,
  type PeriodChoice,
  periodOf,
  rangeOf,
  usageSections,
} from "./period-parts.ts";
import { qualityTableOfPage } from "./quality-page.ts";
import type { ChartPoint, Page, PageSection } from "./types.ts";

/** What the page is about. */
export interface PeriodPageQuestion extends PeriodChoice {
  /** A day inside the period. */
  readonly date: string;
  readonly filter?: PageFilter | undefined;
  /** How budgets stood at the end of the period, and what used many tokens in it. */
  readonly budgets?: BudgetReport | undefined;
  /** Explain the difference to the period before with the help of these prices. */
  readonly comparedBy?: PriceBook | undefined;
  /** Measures of quality to show. Default: all. */
  readonly qualityMeasures?: readonly QualityMeasure[] | undefined;
}

const MAX_TASKS = 10;
const BUDGET_KEYS = ["budget", "subject", "limit", "used", "allowed", "share", "state"];
const TASK_KEYS = ["agent", "startedAt", "result", "durationMs", "totalTokens", "totalCost"];

/** Asks the store and lays the page out. */
export function periodPage(store: Pick<Store, "query" | "ledger">, question: PeriodPageQuestion): Page {
  const { unit, calendar, filter = {}, comparedBy, budgets } = question;
  const period = periodOf(question, question.date);
  const before = periodOf(question, addDays(period.firstDate, -1));
  const { ledger } = store;
  const range = rangeOf(period);
  const byModel = usageByDimension(ledger, { dimensions: ["model"], filter: { ...filter, range } });
  return {
    title: `${PERIOD_TITLES[unit]} ${period.label}`,
    subtitle:
      (unit === "day" ? period.firstDate : `${period.firstDate} to ${period.lastDate}`) +
      `, days of ${calendar.timeZone}, compared with ${before.label}`,
    timeZone: calendar.timeZone,
    figures: figuresOf(ledger, filter, range, rangeOf(before)),
    sections: [
      ...(budgets === undefined || budgets.budgets.length === 0 ? [] : [withinBudgets(budgets)]),
      overTime(store, filter, period, unit, calendar, "totalTokens"),
      overTime(store, filter, period, unit, calendar, "totalCost"),
      ...(comparedBy === undefined ? [] : [causes(store, filter, rangeOf(before), range, before.label, comparedBy)]),
      ...usageSections(ledger, filter, range),
      longestTasks(store, filter, range),
      ...qualitySections(store, question, range),
    ],
    notes: [
      ...costNotes(byModel.totals),
      ...[budgets && tokenWarningNote(budgets)].filter((note) => note !== undefined),
    ],
  };
}

function withinBudgets(budgets: BudgetReport): PageSection {
  return { question: "Did it stay within the budgets?", table: pageTable(budgetTable(budgets), BUDGET_KEYS) };
}

function overTime(
  { query }: Pick<Store, "query">,
  filter: PageFilter,
  period: Period,
  unit: PeriodUnit,
  { timeZone }: ZoneCalendar,
  name: "totalTokens" | "totalCost",
): PageSection {
  const isCost = name === "totalCost";
  const { buckets } = query.aggregateByTime({
    ...filter,
    range: rangeOf(period),
    interval: unit === "day" ? "hour" : "day",
    measure: isCost ? "cost" : "tokens",
    function: "sum",
    fill: true,
    timeZone,
  });
  const points = buckets.map(
    ({ label, value }): ChartPoint => ({
      label: unit === "day" ? label.slice(11, 16) : label.slice(5),
      value: value === undefined ? null : isCost ? value / 1e9 : value,
    }),
  );
  const per = unit === "day" ? "hour" : "day";
  return isCost
    ? {
        question: "When was the money spent?",
        chart: { form: "columns", title: `Cost per ${per}, US dollars`, kind: "cost", points },
      }
    : {
        question: "When was the work done?",
        chart: { form: "columns", title: `Tokens per ${per}`, kind: "tokens", points },
      };
}

function causes(
  { ledger }: Pick<Store, "ledger">,
  filter: PageFilter,
  before: TimeRange,
  range: TimeRange,
  label: string,
  priceBook: PriceBook,
): PageSection {
  const table = causesTable(compareCost(ledger, filter, before, range, priceBook));
  const rows = [...table.rows, ...(table.totals === undefined ? [] : [table.totals])];
  return { question: `Why does it cost more or less than ${label}?`, table: pageTable({ ...table, rows }) };
}

/** Nothing where nothing was measured: quality is not everyone's matter. */
function qualitySections(
  { ledger }: Pick<Store, "ledger">,
  { calendar, filter, qualityMeasures, unit }: PeriodPageQuestion,
  range: TimeRange,
): readonly PageSection[] {
  const asked = { range, projects: filter?.projects, measures: qualityMeasures };
  const report = qualityReport(ledger, { filter: asked, calendar, unit });
  if (report.rows.length === 0) return [];
  return [{ question: "How good is the code?", table: qualityTableOfPage(report) }];
}

function longestTasks(
  { query, ledger }: Pick<Store, "query" | "ledger">,
  filter: PageFilter,
  range: TimeRange,
): PageSection {
  const { models: _tasksHaveNone, ...taskFilter } = filter;
  const longest = query.slowestTasks({ ...taskFilter, range, limit: MAX_TASKS }).tasks;
  const ids = new Set(longest.map(({ taskId }) => taskId));
  // Asked by their sessions: a month has more tasks than anyone wants to read for ten of them.
  const sessionIds = [...new Set(longest.map(({ sessionId }) => sessionId))];
  const report = taskReport(ledger, { filter: { ...filter, range, sessionIds } });
  const rows = report.rows.filter(({ taskId }) => ids.has(taskId)).toSorted((a, b) => b.durationMs - a.durationMs);
  return {
    about: "durationMs",
    question: "Which tasks took longest?",
    table: pageTable(taskTable({ ...report, rows }, { isBrokenDown: false }), TASK_KEYS),
  };
}
