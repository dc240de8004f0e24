/** Budgets as a table: one line for each limit, that of the thing which has used up most. */
import { basename } from "node:path";
import { toPlainText } from "../render/plain-text.ts";
import type { Table } from "../render/table-model.ts";
import { formatLimit, formatShare } from "./alerts.ts";
import type { BudgetReport, BudgetStatus, LimitName, LimitStatus } from "./types.ts";

/** One line of the table. */
export interface BudgetLine {
  readonly budget: BudgetStatus;
  readonly limit: LimitStatus | undefined;
}

const LIMIT_TITLES: Readonly<Record<LimitName, string>> = {
  tokens: "tokens",
  costUsd: "cost",
  successRate: "min success",
  p95Seconds: "p95 duration",
};

/** Lays the budgets out. */
export function budgetTable({ budgets }: Pick<BudgetReport, "budgets">): Table<BudgetLine> {
  return {
    columns: [
      { key: "budget", title: "Budget", kind: "text", value: ({ budget }) => budget.name, minWidth: 12 },
      { key: "state", title: "State", kind: "text", value: ({ budget, limit }) => limit?.state ?? budget.state },
      { key: "limit", title: "Limit", kind: "text", value: ({ limit }) => (limit && LIMIT_TITLES[limit.limit]) || "–" },
      { key: "used", title: "Used", kind: "text", value: ({ limit }) => (limit ? formatLimit(limit).used : "–") },
      { key: "allowed", title: "Of", kind: "text", value: ({ limit }) => (limit ? formatLimit(limit).allowed : "–") },
      {
        key: "share",
        title: "Share",
        kind: "text",
        value: ({ limit }) => (limit ? formatShare(limit) : "–"),
        dropRank: 1,
      },
      {
        key: "subject",
        title: "Which",
        kind: "text",
        value: ({ budget }) => subjectOf(budget),
        minWidth: 10,
        dropRank: 2,
      },
    ],
    rows: budgets.flatMap((budget): BudgetLine[] =>
      budget.worst === null ? [{ budget, limit: undefined }] : budget.worst.limits.map((limit) => ({ budget, limit })),
    ),
  };
}

/** The one that has used up most, and how many there are beside it. */
function subjectOf({ per, counts, worst }: BudgetStatus): string {
  if (worst === null) return `no ${per} yet`;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return `${per} ${toPlainText(shortSubject(per, worst.subject))}${all > 1 ? `, worst of ${all}` : ""}`;
}

function shortSubject(per: BudgetStatus["per"], subject: string): string {
  if (per === "session") return subject.slice(0, SHORT_SESSION);
  return per === "project" ? basename(subject) : subject;
}

/** As many characters as `moai-metrics session` takes for the whole id. */
const SHORT_SESSION = 8;
