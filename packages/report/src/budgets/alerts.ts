/** What there is to tell about budgets, tokens and prices: each in a sentence, and with a key to tell it once. */
import { formatCost, formatCount, formatDuration, formatPercent } from "../render/numbers.ts";
import { toPlainText } from "../render/plain-text.ts";
import type { BudgetEntry, BudgetReport, BudgetStatus, LimitStatus } from "./types.ts";

/** Something that someone should know. */
export interface Alert {
  /** The same alert again has the same key. */
  readonly key: string;
  readonly kind: "budget" | "tokens" | "unpriced" | "telemetry";
  readonly state: "warning" | "exceeded";
  /** What is the matter, in a sentence or two. */
  readonly message: string;
  /** A command that shows more, or what to change. */
  readonly next: string;
  /** Of a budget, its name. */
  readonly budget?: string;
  /** Of a budget: whom it is for, and which of its limits. */
  readonly per?: BudgetStatus["per"];
  readonly limit?: LimitStatus["limit"];
  /** Session, task, agent, project, period, model or product. */
  readonly subject: string;
  /** In the unit of the limit; of tokens and budgets. */
  readonly used?: number | null;
  readonly allowed?: number;
}

/** Every alert of a report, those that are exceeded first. */
export function alertsOf(report: BudgetReport): Alert[] {
  const { threshold, counts, peaks } = report.tokenWarnings;
  const budgets = report.budgets.flatMap((budget) => budget.notOk.flatMap((entry) => alertsOfEntry(budget, entry)));
  const tokens = peaks.map(
    (peak): Alert => ({
      key: `tokens ${threshold} ${counts} ${peak.kind} ${peak.product} ${peak.taskId || peak.sessionId}`,
      kind: "tokens",
      state: "warning",
      message:
        `${peak.kind === "session" ? "Session" : "Task"} ${toPlainText(peak.taskId || peak.sessionId)} used ` +
        `${formatCount(peak.tokens)} ${tokenWord(counts)}, the threshold is ${formatCount(threshold)}.`,
      next: `moai-metrics session ${toPlainText(peak.sessionId)}`,
      subject: peak.taskId || peak.sessionId,
      used: peak.tokens,
      allowed: threshold,
    }),
  );
  const unpriced = report.unpricedModels.map(
    (model): Alert => ({
      key: `unpriced ${model}`,
      kind: "unpriced",
      state: "warning",
      message: `No price is known for ${toPlainText(model)}: its calls are missing in every cost.`,
      next: 'add it to "prices" in the configuration',
      subject: model,
    }),
  );
  return [...budgets, ...tokens, ...unpriced].toSorted(
    (a, b) => Number(b.state === "exceeded") - Number(a.state === "exceeded"),
  );
}

/** What the tokens of a warning are. */
export function tokenWord(counts: "new" | "total"): string {
  return counts === "new" ? "new tokens" : "tokens";
}

function alertsOfEntry(budget: BudgetStatus, entry: BudgetEntry): Alert[] {
  return entry.limits.flatMap((limit): Alert[] => {
    if (limit.state !== "warning" && limit.state !== "exceeded") return [];
    return [
      {
        key: `budget ${budget.name} ${limit.limit} ${entry.period} ${entry.subject}`,
        kind: "budget",
        state: limit.state,
        message: messageOf(budget, entry, limit),
        next: nextStep(budget, entry),
        budget: budget.name,
        per: budget.per,
        limit: limit.limit,
        subject: entry.subject,
        used: limit.used,
        allowed: limit.allowed,
      },
    ];
  });
}

function messageOf(budget: BudgetStatus, entry: BudgetEntry, limit: LimitStatus): string {
  const name = `Budget "${toPlainText(budget.name)}"`;
  const subject = toPlainText(entry.subject);
  const when = `${isDay(entry.period) ? "on" : "in"} ${entry.period}`;
  const where = entry.subject === entry.period ? when : `by ${budget.per} ${subject} ${when}`;
  const { used, allowed } = formatLimit(limit);
  const more = limit.isLowerBound ? ` It is more than that: ${MISSING}.` : "";
  if (limit.limit === "successRate" || limit.limit === "p95Seconds") {
    const what = limit.state === "exceeded" ? "does not hold" : "is close to its limit";
    const figure =
      limit.limit === "successRate"
        ? `success rate ${used}, at least ${allowed} is wanted`
        : `95th percentile of task durations ${used}, at most ${allowed} is wanted`;
    return `${name} ${what}: ${figure}, ${where}.`;
  }
  const what = limit.limit === "tokens" ? "tokens" : "spent";
  const state = limit.state === "exceeded" ? "is exceeded" : `is used up to ${formatShare(limit)}`;
  return `${name} ${state}: ${used} of ${allowed} ${what} ${where}.${more}`;
}

function isDay(period: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(period);
}

/** Why a sum is a lower bound. */
const MISSING = "some calls have no known price or tokens";

/** The numbers of a limit for people. */
export function formatLimit({ limit, used, allowed, isLowerBound }: LimitStatus): {
  readonly used: string;
  readonly allowed: string;
} {
  const format = FORMATS[limit];
  return { used: used === null ? "–" : format(used) + (isLowerBound ? "+" : ""), allowed: format(allowed) };
}

const FORMATS: Readonly<Record<LimitStatus["limit"], (value: number) => string>> = {
  tokens: formatCount,
  costUsd: formatCost,
  successRate: formatPercent,
  p95Seconds: (seconds) => formatDuration(seconds * 1_000),
};

/** The share that is used up; where nothing was allowed, that everything is. */
export function formatShare({ share, used }: LimitStatus): string {
  if (used === null) return "–";
  return share === null ? ">999%" : formatPercent(share);
}

function nextStep({ per }: BudgetStatus, { subject }: BudgetEntry): string {
  switch (per) {
    case "session":
      return `moai-metrics session ${toPlainText(subject)}`;
    case "task":
      return `moai-metrics report task ${toPlainText(subject)}`;
    case "agent":
      return "moai-metrics agent --breakdown";
    case "project":
      return "moai-metrics project --breakdown";
    case "day":
      return "moai-metrics daily --last 1 --breakdown";
    case "week":
      return "moai-metrics weekly --last 1 --breakdown";
    case "month":
      return "moai-metrics monthly --last 1 --breakdown";
  }
}
