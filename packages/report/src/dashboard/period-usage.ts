/** Usage by period for several sections: what two of them ask alike is read once. */
import type { Period } from "@moai-metrics/model";
import { type Measures, sumMeasures } from "../measures.ts";
import type { DashboardQuestion, DashboardSource } from "./question.ts";

/** What was used in a period. */
export interface UsedInPeriod {
  readonly period: Period;
  readonly measures: Measures;
}

/** Usage of each period, in their order. */
export type PeriodUsage = (periods: readonly Period[]) => readonly UsedInPeriod[];

/** Creates it for one reading of the store: a later one asks anew. */
export function createPeriodUsage({ ledger }: DashboardSource, { filter }: DashboardQuestion): PeriodUsage {
  const known = new Map<string, readonly UsedInPeriod[]>();
  const read = (periods: readonly Period[]): readonly UsedInPeriod[] => {
    const groups = Map.groupBy(ledger.usage({ ...filter, periods }), ({ period }) => period?.label);
    return periods.map((period) => ({ period, measures: sumMeasures(groups.get(period.label) ?? []) }));
  };
  return (periods) => {
    const key = periods.map(({ startMillis, endMillis }) => `${startMillis} ${endMillis}`).join();
    const usage = known.get(key) ?? read(periods);
    known.set(key, usage);
    return usage;
  };
}
