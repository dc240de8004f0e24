/** `daily_report`, `weekly_report`, `monthly_report`: one period, its agents, and how it differs from the one before. */
import {
  addDays,
  type Period,
  type PeriodUnit,
  type QualityMeasure,
  type TimeRange,
  type Weekday,
  type ZoneCalendar,
} from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { LedgerFilter, LedgerReader, SessionActivity, UsageGroup } from "@moai-metrics/store";
import type { BudgetReport } from "../budgets/types.ts";
import { compareCost } from "../compare/compare-cost.ts";
import { compareNames, nameOrUnknown, ratio, taskFields, usageFields } from "../fields.ts";
import { type Measures, sumMeasures } from "../measures.ts";
import { qualityReport } from "../quality-rows.ts";
import { costChange } from "./cost-change.ts";
import { costKeys } from "./cost-keys.ts";
import { roundTo2, signedPercent } from "./rounding.ts";
import {
  PERIOD_REPORTS,
  type PeriodAgent,
  type PeriodReport,
  type PeriodReportDocument,
  type PeriodSummary,
  type PeriodTrends,
} from "./types.ts";

/** What a report is about. */
export interface PeriodReportQuestion {
  readonly unit: PeriodUnit;
  /** A day inside the period. */
  readonly date: string;
  readonly calendar: ZoneCalendar;
  readonly filter?: Omit<LedgerFilter, "range" | "sessionIds"> | undefined;
  readonly weekStart?: Weekday | undefined;
  /** Measures of quality to tell. Default: all. */
  readonly qualityMeasures?: readonly QualityMeasure[] | undefined;
  readonly budgets?: BudgetReport | undefined;
  /** Explain the difference of the cost to the period before with the help of these prices. */
  readonly comparedBy?: PriceBook | undefined;
}

/** What is asked: the ledger, or who knows usage alone. */
export type PeriodReportSource = Pick<LedgerReader, "usage"> &
  Partial<Pick<LedgerReader, "sessionActivity" | "quality">>;

/** The document of the period that contains a day. */
export function periodReportDocument(
  { ledger }: { readonly ledger: PeriodReportSource },
  question: PeriodReportQuestion,
): PeriodReportDocument {
  const { unit, calendar, filter = {}, budgets, comparedBy } = question;
  const period = periodOf(question, question.date);
  const before = periodOf(question, addDays(period.firstDate, -1));
  const days = unit === "day" ? [] : calendar.periods(period, "day");
  const asked = [before, period, ...days];
  const groups = ledger.usage({ ...filter, periods: asked, by: ["agent"] });
  const groupsOf = (wanted: Period): UsageGroup[] => groups.filter((group) => group.period === wanted);
  const activity = ledger.sessionActivity?.(asked, filter);
  const summaryOf = (wanted: Period): PeriodSummary =>
    toSummary(sumMeasures(groupsOf(wanted)), activity && (activity[asked.indexOf(wanted)] ?? NO_ACTIVITY));
  const report: PeriodReport = {
    ...namesOf(unit, period),
    time_zone: calendar.timeZone,
    summary: summaryOf(period),
    by_agent: agentsOf(groupsOf(period)),
    ...(unit !== "day" && { by_day: days.map((day) => ({ date: day.firstDate, ...summaryOf(day) })) }),
    trends: trendsOf(sumMeasures(groupsOf(period)), sumMeasures(groupsOf(before))),
    ...(comparedBy !== undefined && {
      cost_change: costChange(before.label, compareCost(ledger, filter, before, period, comparedBy)),
    }),
    ...(ledger.quality !== undefined && qualityOf({ quality: ledger.quality }, question, period)),
    ...(budgets !== undefined &&
      budgets.budgets.length > 0 && {
        budgets: budgets.budgets.map(({ name, per, state, counts }) => ({ name, per, state, counts })),
      }),
  };
  return { [PERIOD_REPORTS[unit]]: report };
}

const NO_ACTIVITY: SessionActivity = { sessions: 0, activeMillis: 0 };

function periodOf({ unit, calendar, weekStart }: PeriodReportQuestion, date: string): Period {
  const startMillis = calendar.startOf(date);
  const [period] = calendar.periods({ startMillis, endMillis: startMillis + 1 }, unit, weekStart);
  if (period === undefined) throw new RangeError(`No ${unit} contains ${date}.`);
  return period;
}

function namesOf(unit: PeriodUnit, { label, firstDate, lastDate }: Period): Partial<PeriodReport> {
  if (unit === "day") return { date: firstDate };
  return { [unit]: label, from: firstDate, to: lastDate };
}

function toSummary(measures: Measures, activity: SessionActivity | undefined): PeriodSummary {
  const { tasksCompleted, successRate } = taskFields(measures);
  const fields = usageFields(measures);
  return {
    sessions: activity?.sessions ?? null,
    total_duration_hours: activity === undefined ? null : roundTo2(activity.activeMillis / 3_600_000),
    tasks_completed: tasksCompleted,
    success_rate: roundTo2(successRate),
    tokens_used: fields.totalTokens,
    ...costKeys(fields),
  };
}

/** Agents with ended tasks or tokens, in order of their names. */
function agentsOf(groups: readonly UsageGroup[]): Record<string, PeriodAgent> {
  const agents = groups.map((group): [string, PeriodAgent] => {
    const { tasksCompleted, successRate, averageDurationMs } = taskFields(group);
    const fields = usageFields(group);
    return [
      nameOrUnknown(group.agent ?? ""),
      {
        tasks: tasksCompleted,
        success_rate: roundTo2(successRate),
        avg_duration_s: averageDurationMs === null ? null : Math.round(averageDurationMs / 100) / 10,
        tokens_used: fields.totalTokens,
        ...costKeys(fields),
      },
    ];
  });
  return Object.fromEntries(agents.toSorted(([a], [b]) => compareNames(a, b)));
}

/** Nothing where nothing was measured. */
function qualityOf(
  ledger: Pick<LedgerReader, "quality">,
  { calendar, filter, unit, qualityMeasures }: PeriodReportQuestion,
  { startMillis, endMillis }: TimeRange,
): Pick<PeriodReport, "quality"> {
  const asked = { range: { startMillis, endMillis }, projects: filter?.projects, measures: qualityMeasures };
  const { rows } = qualityReport(ledger, { filter: asked, calendar, unit });
  if (rows.length === 0) return {};
  return {
    quality: rows.map(({ project, measure, benchmark, tool, score, good, total, measuredAt, change }) => ({
      project,
      measure,
      benchmark,
      tool,
      score,
      good,
      total,
      measured_at: measuredAt,
      change,
    })),
  };
}

function trendsOf(current: Measures, before: Measures): PeriodTrends {
  const rate = taskFields(current).successRate;
  const rateBefore = taskFields(before).successRate;
  const efficiency = efficiencyOf(current);
  const efficiencyBefore = efficiencyOf(before);
  return {
    success_rate_change: signedPercent(rate === null || rateBefore === null ? null : rate - rateBefore),
    efficiency_change: signedPercent(
      efficiency === null || efficiencyBefore === null ? null : ratio(efficiency - efficiencyBefore, efficiencyBefore),
    ),
  };
}

/** Successful tasks per million tokens. */
function efficiencyOf(measures: Measures): number | null {
  return ratio(measures.tasksByResult.success * 1e6, usageFields(measures).totalTokens);
}
