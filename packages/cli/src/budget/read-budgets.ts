/** How the budgets of the configuration stand, for the screens that show them. */
import type { TimeRange, Weekday } from "@moai-metrics/model";
import { atMoment, type BudgetReport, budgetReport, watchSettings } from "@moai-metrics/report";
import type { LedgerFilter } from "@moai-metrics/store";
import type { AnswerInput } from "../commands/answer.ts";

/** What to look at. */
export interface BudgetView {
  readonly nowMillis: number;
  /** A period that is over or runs; its future is not looked at. Default: this moment. */
  readonly range?: TimeRange | undefined;
  readonly weekStart?: Weekday | undefined;
}

/** Asks the store. With a filter budgets are left out: they have their own. */
export function readBudgets(
  { ledger, screen, config, filter }: AnswerInput,
  { nowMillis, range, weekStart }: BudgetView,
): BudgetReport {
  const { models: _tokensHaveThem, ...named } = filter;
  const settings = watchSettings(config);
  return budgetReport(ledger.store, {
    ...settings,
    budgets: isNarrowed(filter) ? [] : settings.budgets,
    calendar: screen.calendar,
    weekStart,
    range: range === undefined ? atMoment(nowMillis) : untilNow(range, nowMillis),
    filter: named,
  });
}

/** Of a period that has not begun nothing is left. */
function untilNow({ startMillis, endMillis }: TimeRange, nowMillis: number): TimeRange {
  return { startMillis, endMillis: Math.max(startMillis, Math.min(endMillis, nowMillis + 1)) };
}

function isNarrowed(filter: Omit<LedgerFilter, "range">): boolean {
  return Object.values(filter).some((names) => names !== undefined);
}
