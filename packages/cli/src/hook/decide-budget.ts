/**
 * What the budget hook answers to Claude Code: nothing, a warning, or a decision to stop (code.claude.com, hooks
 * reference, JSON output). Pure.
 */
import { dirname } from "node:path";
import { type Alert, concerns } from "@moai-metrics/report";
import type { BudgetConfig } from "@moai-metrics/settings";
import type { HookPayload } from "./hook-payload.ts";

/** The product whose hook this is. */
export const PRODUCT = "claude-code";

/** Events in which something can still be kept from happening. */
const STOPPABLE = ["UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolBatch"];

/** Budgets that the running agent can use up. */
export function budgetsOf(budgets: readonly BudgetConfig[], { folder, agent }: HookPayload): BudgetConfig[] {
  const folders = foldersAround(folder);
  return budgets.filter((budget) => folders.some((project) => concerns(budget, { product: PRODUCT, agent, project })));
}

/** The folder and those that it lies in: an agent changes folders inside of its project. */
function foldersAround(folder = ""): string[] {
  const parent = dirname(folder);
  return parent === folder || parent === "." ? [folder] : [folder, ...foldersAround(parent)];
}

/** Alerts about this session, its agent and its project; and those of days, weeks and months, which are everyone's. */
export function alertsOfSession(alerts: readonly Alert[], { folder = "", agent }: HookPayload): Alert[] {
  return alerts.filter(({ kind, per, subject }) => {
    if (kind === "unpriced") return false;
    if (per === "agent") return subject === agent;
    if (per === "project") return folder === subject || folder.startsWith(`${subject}/`);
    return true;
  });
}

/** What is on the table. */
export interface HookSituation {
  readonly event: string;
  readonly alerts: readonly Alert[];
  /** Those that this session was not told of. */
  readonly news: readonly Alert[];
  /** `--stop`: whether what is used up stops the agent. */
  readonly mayStop: boolean;
}

/** The answer as JSON; "" lets the agent go on without a word. */
export function decideBudget({ event, alerts, news, mayStop }: HookSituation): string {
  const usedUp = alerts.filter(
    ({ state, limit }) => state === "exceeded" && (limit === "tokens" || limit === "costUsd"),
  );
  if (mayStop && usedUp.length > 0 && STOPPABLE.includes(event)) {
    const reason = `${textOf(usedUp)}\nTo go on, raise the limit in the configuration (moai-metrics config list).`;
    return JSON.stringify(
      event === "UserPromptSubmit" ? { decision: "block", reason } : { continue: false, stopReason: reason },
    );
  }
  return news.length === 0 ? "" : JSON.stringify({ systemMessage: textOf(news) });
}

function textOf(alerts: readonly Alert[]): string {
  return alerts.map(({ message, next }) => `moai-metrics: ${message} See: ${next}`).join("\n");
}
