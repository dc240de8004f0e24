/** The section Trends: tokens, cost and durations by the hour, day or week. */
import { taskFields, usageFields } from "../fields.ts";
import type { PeriodUsage } from "./period-usage.ts";
import { type DashboardQuestion, trendPeriods } from "./question.ts";
import type { TrendsSection } from "./types.ts";

/** One question to the rollups. */
export function trendsSection(usageOf: PeriodUsage, question: DashboardQuestion): TrendsSection {
  const { trendUnit, config } = question;
  return {
    unit: trendUnit,
    buckets: usageOf(trendPeriods(question)).map(({ period: { label, startMillis }, measures }) => {
      const { totalTokens, totalCost } = usageFields(measures);
      const { tasksCompleted, averageDurationMs } = taskFields(measures);
      return {
        label,
        startsAt: new Date(startMillis).toISOString(),
        totalTokens,
        totalCost,
        tasksCompleted,
        averageDurationMs: config.tasks.showsDuration ? averageDurationMs : null,
      };
    }),
  };
}
