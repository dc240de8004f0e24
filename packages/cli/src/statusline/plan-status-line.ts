/** What a status line says. Pure. */
import { formatCost, formatCount, formatPercent, type Palette, toPlainText } from "@moai-metrics/report/quick";
import type { BudgetConfig, MetricsConfig } from "@moai-metrics/settings/quick";
import type { Glance, GlanceSince, GlanceSums } from "@moai-metrics/store/glance";
import type { StatusInput } from "./status-input.ts";

/** The product whose status line this is. */
export const PRODUCT = "claude-code";

const SEPARATOR = " | ";

/** A budget that a glance can answer, and from when on it counts; undefined for the session's own. */
interface WatchedBudget {
  readonly budget: BudgetConfig;
  readonly since: GlanceSince | undefined;
}

/** What is looked at in the store. */
export interface StatusPlan {
  /** Today first, then what the budgets need. */
  readonly since: readonly GlanceSince[];
  readonly watched: readonly WatchedBudget[];
}

/**
 * Decides what to look at: today, and the budgets on tokens and cost that need no more than a sum of calls. Those with
 * an agent or a model, and those per task and agent, are left to `moai-metrics budget`.
 */
export function planStatus({ budgets }: MetricsConfig, { folder }: StatusInput, nowMillis: number): StatusPlan {
  const watched = budgets.flatMap((budget): WatchedBudget[] => {
    const { per, window, agent, model, product, project, maxTokens, maxUsd } = budget;
    if (agent !== undefined || model !== undefined || (maxTokens === undefined && maxUsd === undefined)) return [];
    if (product !== undefined && product !== PRODUCT) return [];
    if (per === "task" || per === "agent") return [];
    if (per === "session") return project === undefined ? [{ budget, since: undefined }] : [];
    if (per === "project" && folder === undefined) return [];
    const startMillis = startOf(window, nowMillis);
    return [{ budget, since: { startMillis, product, project: per === "project" ? folder : project } }];
  });
  const today = { startMillis: startOf("day", nowMillis) };
  return { since: [today, ...watched.flatMap(({ since }) => since ?? [])], watched };
}

/** The first moment of this day, week or month in the zone of the machine; weeks begin on Monday. */
function startOf(unit: BudgetConfig["window"], nowMillis: number): number {
  const now = new Date(nowMillis);
  const day = unit === "month" ? 1 : unit === "week" ? now.getDate() - ((now.getDay() + 6) % 7) : now.getDate();
  return new Date(now.getFullYear(), now.getMonth(), day).getTime();
}

/** What the line is made of. */
export interface StatusFacts {
  readonly input: StatusInput;
  readonly config: MetricsConfig;
  readonly plan: StatusPlan;
  readonly glance: Glance | undefined;
  /** There is a store, and it could not be read. */
  readonly isUnreadable: boolean;
  readonly palette: Palette;
}

/** The line, without its end. */
export function statusLine(facts: StatusFacts): string {
  const { input, palette } = facts;
  const parts = [
    input.model === undefined ? undefined : palette.accent(toPlainText(input.model)),
    sessionPart(facts),
    todayPart(facts),
    budgetPart(facts),
    facts.isUnreadable ? palette.bad("store not read: moai-metrics doctor") : undefined,
    input.contextPercent === undefined ? undefined : contextPart(input.contextPercent, palette),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "moai-metrics: nothing recorded yet" : parts.join(SEPARATOR);
}

function sessionPart({ input, config, glance, palette }: StatusFacts): string | undefined {
  const session = glance?.session;
  const { warnThreshold, warnCounts } = config.tokens;
  const counted = warnCounts === "new" ? session?.newTokens : session?.tokens;
  const isOver = warnThreshold > 0 && counted !== undefined && counted >= warnThreshold;
  const tokens = session === undefined ? [] : [`${formatCount(session.tokens)} tokens`];
  const warning = isOver ? [`over ${formatCount(warnThreshold)}${warnCounts === "new" ? " new" : ""}`] : [];
  const costUsd = input.costUsd ?? (session === undefined ? undefined : session.costNanoUsd / 1e9);
  const cost =
    costUsd === undefined ? [] : [formatCost(costUsd) + (input.costUsd === undefined ? markOf(session) : "")];
  const parts = [...tokens, ...warning, ...cost];
  if (parts.length === 0) return undefined;
  const text = `session ${parts.join(" ")}`;
  return isOver ? palette.warning(text) : text;
}

/** What was stored today, and what the session has cost since it was last read. */
function todayPart({ input, glance }: StatusFacts): string | undefined {
  const today = glance?.since[0];
  if (today === undefined) return undefined;
  return `today ${formatCost(today.costNanoUsd / 1e9 + unreadUsd(input, glance))}${markOf(today)}`;
}

/** What the agent says beyond what the store knows of the session. */
function unreadUsd({ costUsd = 0 }: StatusInput, glance: Glance | undefined): number {
  return Math.max(0, costUsd - (glance?.session?.costNanoUsd ?? 0) / 1e9);
}

/** A cost that lacks calls without a price is marked, as in every table. */
function markOf(sums: GlanceSums | undefined): string {
  return (sums?.unpricedCalls ?? 0) > 0 ? "+" : "";
}

interface Room {
  readonly share: number;
  readonly text: string;
  readonly state: "ok" | "warning" | "exceeded";
}

/** The budget with the least room. */
function budgetPart({ input, plan, glance, palette }: StatusFacts): string | undefined {
  if (glance === undefined) return undefined;
  const sums = glance.since.slice(1);
  let index = 0;
  const rooms = plan.watched.flatMap(({ budget, since }): Room[] => {
    const used = since === undefined ? glance.session : sums[index++];
    return used === undefined ? [] : roomsOf(budget, used, unreadUsd(input, glance));
  });
  const least = rooms.toSorted((a, b) => b.share - a.share)[0];
  if (least === undefined) return undefined;
  const style = { ok: (text: string) => text, warning: palette.warning, exceeded: palette.bad }[least.state];
  return style(least.text);
}

function roomsOf({ name, maxTokens, maxUsd, warnAtShare }: BudgetConfig, used: GlanceSums, unread: number): Room[] {
  const room = (allowed: number | undefined, amount: number, format: (value: number) => string): Room[] => {
    if (allowed === undefined) return [];
    const isOver = amount > allowed;
    const share = allowed > 0 ? amount / allowed : isOver ? Number.POSITIVE_INFINITY : 0;
    const text = `${toPlainText(name)} ${format(Math.abs(allowed - amount))} ${isOver ? "over" : "left"}`;
    return [{ share, text, state: isOver ? "exceeded" : share > 0 && share >= warnAtShare ? "warning" : "ok" }];
  };
  return [
    ...room(maxTokens, used.tokens, (tokens) => `${formatCount(tokens)} tokens`),
    ...room(maxUsd, used.costNanoUsd / 1e9 + unread, formatCost),
  ];
}

function contextPart(percent: number, palette: Palette): string {
  const text = `context ${formatPercent(percent / 100)}`;
  return percent >= FULL_CONTEXT_PERCENT ? palette.warning(text) : text;
}

const FULL_CONTEXT_PERCENT = 80;
