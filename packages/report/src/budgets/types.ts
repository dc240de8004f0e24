/** Budgets as they stand, as plain objects. */
import type { BudgetScope } from "@moai-metrics/settings";
import type { TokenPeak } from "@moai-metrics/store";

/** States of a limit, the worse the later. `unknown`: what is known does not reach a limit, and something is not known. */
export const BUDGET_STATES = ["ok", "unknown", "warning", "exceeded"] as const;
export type BudgetState = (typeof BUDGET_STATES)[number];

/** What a budget can limit. Cost in US dollars; the success rate, from 0 to 1, is the one that must not be undercut. */
export type LimitName = "tokens" | "costUsd" | "successRate" | "p95Seconds";

/** One limit and what was used of it. */
export interface LimitStatus {
  readonly limit: LimitName;
  readonly state: BudgetState;
  readonly allowed: number;
  /** `null` where nothing is known yet. */
  readonly used: number | null;
  /** Share of the limit that is used up; of a success rate, of the failures that it allows. `null`: not known. */
  readonly share: number | null;
  /** More was used than is known: calls without a price, or without tokens. */
  readonly isLowerBound: boolean;
}

/** One of the things that have the budget to themselves. */
export interface BudgetEntry {
  /** Id of the session or task, name of the agent or project; the period of a budget per day, week or month. */
  readonly subject: string;
  /** `2026-11-22`, `2026-W47`, `2026-11`: the window in which it was looked at. */
  readonly period: string;
  readonly state: BudgetState;
  readonly limits: readonly LimitStatus[];
}

/** A budget and everything that it concerns. */
export interface BudgetStatus {
  readonly name: string;
  readonly per: BudgetScope;
  /** The worst state of all. */
  readonly state: BudgetState;
  /** How many are in each state. */
  readonly counts: Readonly<Record<BudgetState, number>>;
  /** The one that has used up most; `null` when there is none. */
  readonly worst: BudgetEntry | null;
  /** All that are not `ok`, the worst first. */
  readonly notOk: readonly BudgetEntry[];
}

/** Sessions and tasks beyond the threshold of the configuration. */
export interface TokenWarnings {
  /** 0: there are no warnings. */
  readonly threshold: number;
  readonly counts: "new" | "total";
  readonly peaks: readonly TokenPeak[];
}

/** How everything stands that was to be watched. */
export interface BudgetReport {
  readonly timeZone: string;
  /** First and last day that was looked at, inclusive. */
  readonly from: string;
  readonly to: string;
  /** The worst state of all budgets; `ok` when there are none. */
  readonly state: BudgetState;
  readonly budgets: readonly BudgetStatus[];
  readonly tokenWarnings: TokenWarnings;
  /** Models whose calls have no price: their cost is missing in every sum. */
  readonly unpricedModels: readonly string[];
}
