/** The section Summary: how the period went, and how it compares with the stretch before. */
import type { Period, TimeRange } from "@moai-metrics/model";
import type { SummaryAnswer } from "@moai-metrics/store";
import { taskFields, usageFields } from "../fields.ts";
import { difference, relativeChange } from "../stretches.ts";
import { levelFromAbove, levelFromBelow, MIN_JUDGED_TASKS } from "./levels.ts";
import type { PeriodUsage, UsedInPeriod } from "./period-usage.ts";
import {
  DAYS_OF_PERIOD,
  type DashboardQuestion,
  type DashboardSource,
  hoursOf,
  rangesOf,
  thresholdsOf,
} from "./question.ts";
import type { Level, SummaryFigure, SummarySection } from "./types.ts";

/** Two summaries, one question for the small charts, one for those of the percentile. */
export function summarySection(
  source: DashboardSource,
  question: DashboardQuestion,
  usageOf: PeriodUsage,
): SummarySection {
  const { filter, period } = question;
  const { current, previous } = rangesOf(question);
  const now = source.query.summary({ ...filter, range: current });
  const before = source.query.summary({ ...filter, range: previous });
  const buckets = bucketsOf(question, current);
  const series = seriesOf(usageOf(buckets));
  const completed = tasksCompleted(now);
  const isJudged = (completed ?? 0) >= MIN_JUDGED_TASKS;
  const days = DAYS_OF_PERIOD[period];
  const thresholds = thresholdsOf(question);
  const durations = question.config.tasks.showsDuration;
  const duration = (value: number | undefined): number | null => (durations ? (value ?? null) : null);
  const p99 = duration(now.p99DurationMillis);
  return {
    tasksCompleted: completed,
    totalTokens: now.totalTokensUsed,
    successRate: figure(now.successRate, before.successRate, series.successRate, {
      change: difference,
      level: isJudged ? levelFromAbove(now.successRate ?? null, thresholds.successRate) : null,
    }),
    averageDurationMs: figure(
      duration(now.avgDurationMillis),
      duration(before.avgDurationMillis),
      durations ? series.averageDurationMs : [],
    ),
    p95DurationMs: figure(
      duration(now.p95DurationMillis),
      duration(before.p95DurationMillis),
      durations ? percentiles(source, question, current, buckets) : [],
    ),
    p99DurationMs: figure(p99, duration(before.p99DurationMillis), [], {
      level: isJudged ? levelFromBelow(p99, thresholds.p99Millis) : null,
    }),
    tokensPerDay: figure(now.totalTokensUsed / days, before.totalTokensUsed / days, series.totalTokens),
    totalCost: figure(costOf(now), costOf(before), series.totalCost),
    unpricedCalls: now.unpricedCalls,
  };
}

interface FigureOptions {
  readonly change?: (now: number | null, before: number | null) => number | null;
  readonly level?: Level | null;
}

function figure(
  value: number | null | undefined,
  previous: number | null | undefined,
  series: SummaryFigure["series"],
  { change = relativeChange, level = null }: FigureOptions = {},
): SummaryFigure {
  const [now, before] = [value ?? null, previous ?? null];
  return { value: now, previous: before, change: change(now, before), level, series };
}

function tasksCompleted({ successfulTasks, failedTasks, timedOutTasks }: SummaryAnswer): number | null {
  return successfulTasks === undefined ? null : successfulTasks + (failedTasks ?? 0) + (timedOutTasks ?? 0);
}

/** Unknown, not 0, where there are calls and none of them has a price: as in every report. */
export function costOf({ costNanoUsd, totalCalls, unpricedCalls, callsWithoutUsage }: SummaryAnswer): number | null {
  const isUnknown = costNanoUsd === 0 && totalCalls > 0 && unpricedCalls + callsWithoutUsage >= totalCalls;
  return isUnknown ? null : costNanoUsd / 1e9;
}

function bucketsOf({ calendar, period }: DashboardQuestion, range: TimeRange): Period[] {
  return period === "today" ? hoursOf(calendar, range) : calendar.periods(range, "day");
}

type Series = Readonly<
  Record<"successRate" | "averageDurationMs" | "totalTokens" | "totalCost", readonly (number | null)[]>
>;

function seriesOf(used: readonly UsedInPeriod[]): Series {
  const tasks = used.map(({ measures }) => taskFields(measures));
  const usage = used.map(({ measures }) => usageFields(measures));
  return {
    successRate: tasks.map(({ successRate }) => successRate),
    averageDurationMs: tasks.map(({ averageDurationMs }) => averageDurationMs),
    totalTokens: usage.map(({ totalTokens }) => totalTokens),
    totalCost: usage.map(({ totalCost }) => totalCost),
  };
}

/** Tasks have no model: with a filter on models their durations are not known. */
function percentiles(
  { query }: DashboardSource,
  { filter: { models, ...filter }, calendar, period }: DashboardQuestion,
  range: TimeRange,
  buckets: readonly Period[],
): (number | null)[] {
  if (models !== undefined) return buckets.map(() => null);
  const answer = query.aggregateByTime({
    ...filter,
    range,
    measure: "taskDuration",
    function: "percentile",
    percentile: 0.95,
    interval: period === "today" ? "hour" : "day",
    timeZone: calendar.timeZone,
  });
  const byStart = new Map(answer.buckets.map(({ startMillis, value }) => [startMillis, value]));
  return buckets.map(({ startMillis }) => byStart.get(startMillis) ?? null);
}
