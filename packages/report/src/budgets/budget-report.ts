/** How budgets stand, which sessions and tasks used many tokens, which models have no price. */
import type { BudgetConfig, MetricsConfig } from "@moai-metrics/settings";
import type { LedgerFilter } from "@moai-metrics/store";
import { compareNames, nameOrUnknown } from "../fields.ts";
import { judge, sumUp, worstState } from "./judge.ts";
import { type AmountsQuestion, type BudgetSource, readAmounts, readUsage } from "./read-amounts.ts";
import type { BudgetReport, TokenWarnings } from "./types.ts";
import { planAllWindows, planWindows } from "./windows.ts";

/** What is watched: `budgets` and `tokens.warn_…` of the configuration. */
export interface WatchSettings {
  readonly budgets: readonly BudgetConfig[];
  readonly warnThreshold: number;
  readonly warnCounts: "new" | "total";
}

/** What to report. */
export interface BudgetQuestion extends AmountsQuestion, WatchSettings {
  /** Which sessions and tasks are warned of. Budgets have filters of their own. */
  readonly filter?: Pick<LedgerFilter, "products" | "projects" | "agents"> | undefined;
}

/** What a configuration says is to be watched. */
export function watchSettings({ budgets, tokens: { warnThreshold, warnCounts } }: MetricsConfig): WatchSettings {
  return { budgets, warnThreshold, warnCounts };
}

/** One question to the rollups, and one to the ledger for each budget per session or task. */
export function budgetReport(source: BudgetSource, question: BudgetQuestion): BudgetReport {
  const windows = planAllWindows(question.budgets, question);
  const usageOf = readUsage(source, windows);
  const budgets = question.budgets.map((budget) =>
    sumUp(
      budget,
      readAmounts(source, budget, question, usageOf).map((amounts) => judge(budget, amounts)),
    ),
  );
  const { calendar, range } = question;
  return {
    timeZone: calendar.timeZone,
    from: calendar.dateOf(range.startMillis),
    to: calendar.dateOf(range.endMillis - 1),
    state: worstState(budgets),
    budgets,
    tokenWarnings: readTokenWarnings(source, question),
    unpricedModels: [
      ...new Set(
        windows
          .flatMap(usageOf)
          .filter(({ unpricedCalls }) => unpricedCalls > 0)
          .map(({ model = "" }) => nameOrUnknown(model)),
      ),
    ].sort(compareNames),
  };
}

/** Sessions and tasks that used many tokens, on the days that are looked at: one question to the ledger. */
export function readTokenWarnings({ ledger }: BudgetSource, question: Omit<BudgetQuestion, "budgets">): TokenWarnings {
  const { warnThreshold, warnCounts, sessionId, filter } = question;
  const days = planWindows("day", question);
  const [first, last] = [days[0], days.at(-1)];
  const peaks =
    warnThreshold === 0 || first === undefined || last === undefined
      ? []
      : ledger
          .tokenPeaks({
            ...filter,
            range: { startMillis: first.startMillis, endMillis: last.endMillis },
            counts: warnCounts,
            atLeast: warnThreshold,
          })
          .filter((peak) => sessionId === undefined || peak.sessionId === sessionId);
  return { threshold: warnThreshold, counts: warnCounts, peaks };
}
