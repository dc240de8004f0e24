/** What state a limit is in. Pure. */
import { totalTokens } from "@moai-metrics/model";
import type { BudgetConfig } from "@moai-metrics/settings";
import type { CallMeasures } from "@moai-metrics/store";
import { BUDGET_STATES, type BudgetEntry, type BudgetState, type BudgetStatus, type LimitStatus } from "./types.ts";

/** What one thing used. */
export interface Amounts {
  readonly subject: string;
  readonly period: string;
  readonly calls: CallMeasures;
  /** `null` where no task has come to an end that counts. */
  readonly successRate: number | null;
  /** 95th percentile of the durations of its tasks; `null` without any, or where no budget asks. */
  readonly p95Millis: number | null;
}

/** Judges every limit of a budget. */
export function judge(budget: BudgetConfig, amounts: Amounts): BudgetEntry {
  const { calls, successRate, p95Millis, subject, period } = amounts;
  const { maxTokens, maxUsd, minSuccessRate, maxP95Seconds, warnAtShare } = budget;
  const limits = [
    ...(maxTokens === undefined
      ? []
      : [judgeMost("tokens", maxTokens, totalTokens(calls.tokens), calls.callsWithoutUsage > 0, warnAtShare)]),
    ...(maxUsd === undefined
      ? []
      : [
          judgeMost(
            "costUsd",
            maxUsd,
            calls.costNanoUsd / 1e9,
            calls.unpricedCalls + calls.callsWithoutUsage > 0,
            warnAtShare,
          ),
        ]),
    ...(minSuccessRate === undefined ? [] : [judgeRate(minSuccessRate, successRate, warnAtShare)]),
    ...(maxP95Seconds === undefined
      ? []
      : [judgeMost("p95Seconds", maxP95Seconds, p95Millis === null ? null : p95Millis / 1_000, false, warnAtShare)]),
  ];
  return { subject, period, state: worstState(limits), limits };
}

/** A limit that must not be passed; reaching it is allowed. */
function judgeMost(
  limit: LimitStatus["limit"],
  allowed: number,
  used: number | null,
  isLowerBound: boolean,
  warnAtShare: number,
): LimitStatus {
  const share = used === null ? null : shareOf(used, allowed);
  const isExceeded = used !== null && used > allowed;
  const state = stateOf(isExceeded, used === null || isLowerBound, used === 0 ? 0 : share, warnAtShare);
  return { limit, state, allowed, used, share, isLowerBound };
}

/** A rate that must not be undercut: what can be used up are the failures that it allows. */
function judgeRate(allowed: number, used: number | null, warnAtShare: number): LimitStatus {
  const share = used === null ? null : shareOf(1 - used, 1 - allowed);
  const isUndercut = used !== null && used < allowed;
  const state = stateOf(isUndercut, used === null, used === 1 ? 0 : share, warnAtShare);
  return { limit: "successRate", state, allowed, used, share, isLowerBound: false };
}

function stateOf(isExceeded: boolean, isUnknown: boolean, share: number | null, warnAtShare: number): BudgetState {
  if (isExceeded) return "exceeded";
  if (share !== null && share > 0 && share >= warnAtShare) return "warning";
  return isUnknown ? "unknown" : "ok";
}

/** `null` where nothing is allowed and something was used: that is no share of anything. */
function shareOf(used: number, allowed: number): number | null {
  if (allowed > 0) return used / allowed;
  return used === 0 ? 0 : null;
}

/** Sums up what a budget concerns. */
export function sumUp(budget: BudgetConfig, entries: readonly BudgetEntry[]): BudgetStatus {
  const ordered = entries.toSorted((a, b) => rankOf(b.state) - rankOf(a.state) || greatestShare(b) - greatestShare(a));
  const counts = Object.fromEntries(
    BUDGET_STATES.map((state) => [state, entries.filter((entry) => entry.state === state).length]),
  ) as Record<BudgetState, number>;
  const { name, per } = budget;
  const notOk = ordered.filter(({ state }) => state !== "ok");
  return { name, per, state: worstState(entries), counts, worst: ordered[0] ?? null, notOk };
}

/** The worst of several states; `ok` of none. */
export function worstState(all: readonly { readonly state: BudgetState }[]): BudgetState {
  return BUDGET_STATES[Math.max(0, ...all.map(({ state }) => rankOf(state)))] ?? "ok";
}

function rankOf(state: BudgetState): number {
  return BUDGET_STATES.indexOf(state);
}

function greatestShare({ limits }: BudgetEntry): number {
  return Math.max(...limits.map(({ share, used }) => share ?? (used === null ? 0 : Number.POSITIVE_INFINITY)));
}
