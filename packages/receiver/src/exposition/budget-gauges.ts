/** How the user's budgets stand, as gauges beside the live counters. */
import { canonicalName, METRICS, type MetricKey, type ZoneCalendar } from "@moai-metrics/model";
import { atMoment, type BudgetReport, type BudgetSource, budgetReport, type LimitStatus } from "@moai-metrics/report";
import type { BudgetConfig } from "@moai-metrics/settings";
import type { ExposedMetricState } from "@moai-metrics/store";

/** What is asked. */
export interface BudgetGaugesOptions {
  readonly budgets: readonly BudgetConfig[];
  /** Whose days, weeks and months budgets are about. */
  readonly calendar: ZoneCalendar;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Limits and what was used of them; of a budget per session, agent and so on, of the one that used most of it. */
export type BudgetGauges = (store: BudgetSource) => readonly ExposedMetricState[];

/** Budgets of sessions and tasks are asked of the ledger: not for each of several readers anew. */
const KEPT_MILLIS = 5_000;

const MEASURES: Readonly<Record<LimitStatus["limit"], string>> = {
  tokens: "tokens",
  costUsd: "cost_usd",
  successRate: "success_rate",
  p95Seconds: "p95_seconds",
};

/** Works them out anew after five seconds. */
export function createBudgetGauges({ budgets, calendar, now }: BudgetGaugesOptions): BudgetGauges {
  let kept: { readonly atMillis: number; readonly gauges: readonly ExposedMetricState[] } | undefined;
  return (store) => {
    const nowMillis = now();
    if (budgets.length === 0) return [];
    if (kept !== undefined && nowMillis - kept.atMillis < KEPT_MILLIS) return kept.gauges;
    const question = { budgets, warnThreshold: 0, warnCounts: "new", calendar, range: atMoment(nowMillis) } as const;
    kept = { atMillis: nowMillis, gauges: gaugesOf(budgetReport(store, question)) };
    return kept.gauges;
  };
}

function gaugesOf({ budgets }: BudgetReport): readonly ExposedMetricState[] {
  const limits = budgets.flatMap(({ name, worst }) => (worst?.limits ?? []).map((limit) => ({ name, limit })));
  return [
    gauge(
      "budgetLimit",
      limits.map(({ name, limit }) => [name, limit, limit.allowed] as const),
    ),
    gauge(
      "budgetUsage",
      limits.flatMap(({ name, limit }) => (limit.used === null ? [] : [[name, limit, limit.used] as const])),
    ),
  ];
}

function gauge(
  key: MetricKey,
  values: readonly (readonly [name: string, limit: LimitStatus, value: number])[],
): ExposedMetricState {
  const { unit, description } = METRICS[key];
  return {
    ...{ key, name: canonicalName(METRICS[key].key), unit, description, kind: "gauge", bounds: [] },
    series: values.map(([name, { limit }, sum]) => {
      const value = { sum, count: 0, bucketCounts: [] };
      const attributes = { [canonicalName("budgetName")]: name, [canonicalName("budgetMeasure")]: MEASURES[limit] };
      return { attributes, startMillis: undefined, ...value, growth: value };
    }),
  };
}
