/** The section Resources: what is used up. What is not in the store comes as readings. */
import type { Period } from "@moai-metrics/model";
import { contextWindowOf } from "@moai-metrics/settings";
import type { ModelCallRecord } from "@moai-metrics/store";
import { BUDGET_STATES, type BudgetReport, type BudgetStatus } from "../budgets/types.ts";
import { nameOrUnknown, usageFields } from "../fields.ts";
import { sumMeasures } from "../measures.ts";
import { rangeUntilNow } from "../stretches.ts";
import { levelFromBelow } from "./levels.ts";
import { type DashboardQuestion, type DashboardSource, thresholdsOf } from "./question.ts";
import type {
  BudgetUse,
  ContextUse,
  Level,
  QueueSection,
  Readings,
  ReceiverReading,
  ResourcesSection,
} from "./types.ts";

/** What the store says of resources. */
export interface ResourceFigures {
  readonly tokensToday: number;
  readonly costToday: number | null;
  readonly contexts: readonly ContextUse[];
}

/** One question about today, one about the calls of open sessions. */
export function resourceFigures(
  source: DashboardSource,
  question: DashboardQuestion,
  queue: QueueSection,
): ResourceFigures {
  const { calendar, nowMillis, filter } = question;
  const day = calendar.dateOf(nowMillis);
  const period: Period = { ...rangeUntilNow(calendar, day, nowMillis), label: day, firstDate: day, lastDate: day };
  const today = usageFields(sumMeasures(source.ledger.usage({ ...filter, periods: [period] })));
  return {
    tokensToday: today.totalTokens,
    costToday: today.totalCost,
    contexts: contextsOf(source, question, queue),
  };
}

/** What the section is made from. */
export interface ResourcesInput {
  readonly budgets: BudgetReport;
  readonly figures: ResourceFigures;
  readonly readings: Readings;
}

/** Pure. */
export function resourcesSection(
  question: DashboardQuestion,
  { budgets, figures, readings }: ResourcesInput,
): ResourcesSection {
  return {
    ...readings,
    ...figures,
    receiverLevel: receiverLevel(readings.receiver, question),
    budgets: budgets.budgets.flatMap(budgetUse).toSorted(byState),
  };
}

function receiverLevel(receiver: ReceiverReading | null, question: DashboardQuestion): Level | null {
  if (receiver === null || receiver.state === "not running") return null;
  if (receiver.state !== "running") return "critical";
  return levelFromBelow(receiver.busyShare, thresholdsOf(question).busyShare) ?? "ok";
}

/** The limit of which most is used up by the one that has used up most. */
function budgetUse({ name, worst }: BudgetStatus): BudgetUse[] {
  if (worst === null) return [];
  const [limit] = worst.limits.toSorted(
    (a, b) => BUDGET_STATES.indexOf(b.state) - BUDGET_STATES.indexOf(a.state) || (b.share ?? 0) - (a.share ?? 0),
  );
  if (limit === undefined) return [];
  const { used, allowed, share, state } = limit;
  return [{ name, subject: worst.subject, limit: limit.limit, used, allowed, share, state }];
}

function byState(a: BudgetUse, b: BudgetUse): number {
  return BUDGET_STATES.indexOf(b.state) - BUDGET_STATES.indexOf(a.state) || (b.share ?? 0) - (a.share ?? 0);
}

/** As many calls are looked at as an open session can have made beside its subagents a moment ago. */
const CALLS_LOOKED_AT = 200;

/** The newest call of every agent in every open session tells how full its context is. */
function contextsOf(
  { query }: DashboardSource,
  { nowMillis, filter, config }: DashboardQuestion,
  { sessions }: QueueSection,
): ContextUse[] {
  if (sessions.length === 0) return [];
  const startMillis = Math.min(...sessions.map(({ startedAt }) => Date.parse(startedAt)));
  const calls = query.getModelCalls({
    ...filter,
    sessionIds: sessions.map(({ sessionId }) => sessionId),
    range: { startMillis, endMillis: Number.MAX_SAFE_INTEGER },
    limit: CALLS_LOOKED_AT,
  }).rows;
  const newest = new Map<string, ModelCallRecord>();
  for (const call of calls) {
    const key = JSON.stringify([call.product, call.sessionId, call.agent]);
    if (call.tokens !== undefined && !newest.has(key)) newest.set(key, call);
  }
  return [...newest.values()]
    .map(({ sessionId, agent, model, tokens }): ContextUse => {
      const { input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output = 0 } = tokens ?? {};
      // What was sent and what came back: the next call begins with both.
      const used = input + cacheRead + cacheWrite5m + cacheWrite1h + output;
      const windowTokens = contextWindowOf(model, nowMillis) ?? null;
      const share = windowTokens === null ? null : Math.min(1, used / windowTokens);
      return {
        sessionId,
        agent: nameOrUnknown(agent),
        model: nameOrUnknown(model),
        tokens: used,
        windowTokens,
        share,
        level: levelFromBelow(share, config.dashboard.contextShare),
      };
    })
    .toSorted((a, b) => (b.share ?? -1) - (a.share ?? -1) || b.tokens - a.tokens);
}
