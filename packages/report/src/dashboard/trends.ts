/** The section Trends: tokens, cost and durations by the hour, day or week. */
import { taskFields, usageFields } from "../fields.ts";
import { sumMeasures } from "../measures.ts";
import { type DashboardQuestion, type DashboardSource, trendPeriods } from "./question.ts";
import type { TrendsSection } from "./types.ts";

/** One question to the rollups. */
export function trendsSection({ ledger }: DashboardSource, question: DashboardQuestion): TrendsSection {
  const { filter, trendUnit, config } = question;
  const periods = trendPeriods(question);
  const groups = Map.groupBy(ledger.usage({ ...filter, periods }), ({ period }) => period?.label);
  return {
    unit: trendUnit,
    buckets: periods.map(({ label, startMillis }) => {
      const sums = sumMeasures(groups.get(label) ?? []);
      const { totalTokens, totalCost } = usageFields(sums);
      const { tasksCompleted, averageDurationMs } = taskFields(sums);
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
