/** Resources: budgets, contexts, the receiver, the store, this process: readings only. Pure. */
import {
  type Dashboard,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  type Level,
  NO_VALUE,
} from "@moai-metrics/report/screen";
import { formatBytes } from "../../output/bytes.ts";
import { meter } from "./graphics.ts";
import { levelPiece, styleOf } from "./levels.ts";
import type { Line } from "./lines.ts";

type Resources = Dashboard["resources"];

const BAR_WIDTH = 10;
const TITLE_WIDTH = 12;

/** The most telling lines first, as many as fit. */
export function resourcesLines({ resources }: Dashboard, rows: number): Line[] {
  return [
    ...resources.budgets.slice(0, Math.max(1, rows - 4)).map(budgetLine),
    todayLine(resources),
    ...resources.contexts.slice(0, 1).map(contextLine),
    ...receiverLine(resources),
    ...storeLine(resources),
    ...dashboardLine(resources),
    ...resources.contexts.slice(1).map(contextLine),
  ].slice(0, rows);
}

function titled(title: string, ...rest: Line): Line {
  return [{ text: title.padEnd(TITLE_WIDTH), style: "faint" }, ...rest];
}

const LEVELS: Readonly<Record<Resources["budgets"][number]["state"], Level | null>> = {
  ok: "ok",
  unknown: null,
  warning: "warning",
  exceeded: "critical",
};

const FORMATS: Readonly<Record<Resources["budgets"][number]["limit"], (value: number) => string>> = {
  tokens: formatCount,
  costUsd: formatCost,
  successRate: formatPercent,
  p95Seconds: (seconds) => formatDuration(seconds * 1_000),
};

function budgetLine({ name, subject, limit, used, allowed, share, state }: Resources["budgets"][number]): Line {
  const level = LEVELS[state];
  const format = FORMATS[limit];
  return titled(
    "Budget",
    { text: `${meter(share, BAR_WIDTH)} `, style: styleOf(level) },
    levelPiece(share === null ? NO_VALUE : formatPercent(share), level),
    { text: `  ${used === null ? NO_VALUE : format(used)} of ${format(allowed)}  ${name} (${subject})` },
  );
}

function todayLine({ tokensToday, costToday }: Resources): Line {
  return titled("Today", {
    text: `${formatCount(tokensToday)} tokens, ${costToday === null ? "unpriced" : formatCost(costToday)}`,
  });
}

function contextLine({ agent, model, tokens, windowTokens, share, level }: Resources["contexts"][number]): Line {
  const size = windowTokens === null ? "window not known" : `of ${formatCount(windowTokens)}`;
  return titled(
    "Context",
    { text: `${meter(share, BAR_WIDTH)} `, style: styleOf(level) },
    levelPiece(share === null ? NO_VALUE : formatPercent(share), level),
    { text: `  ${formatCount(tokens)} ${size}  ${agent}, ${model}` },
  );
}

function receiverLine({ receiver, receiverLevel }: Resources): Line[] {
  if (receiver === null) return [];
  if (receiver.state === "not running")
    return [titled("Receiver", { text: "not running: moai-metrics serve", style: "faint" })];
  const { itemsPerSecond, busyShare, residentBytes, waitingRequests, url, state } = receiver;
  const known = [
    ...(itemsPerSecond === null ? [] : [`${itemsPerSecond.toFixed(1)} items/s`]),
    ...(busyShare === null ? [] : [`loop ${formatPercent(busyShare)} busy`]),
    ...(residentBytes === null ? [] : [formatBytes(residentBytes)]),
    ...(waitingRequests === null || waitingRequests === 0 ? [] : [`${formatCount(waitingRequests)} requests wait`]),
    ...(url === null ? [] : [url]),
  ].join(", ");
  return [titled("Receiver", levelPiece(state, receiverLevel), { text: known === "" ? "" : `  ${known}` })];
}

function storeLine({ store }: Resources): Line[] {
  if (store === null) return [];
  return [titled("Store", { text: `${formatBytes(store.fileBytes)}, log ${formatBytes(store.logBytes)}` })];
}

function dashboardLine({ dashboard }: Resources): Line[] {
  if (dashboard === null) return [];
  const { residentBytes, busyShare } = dashboard;
  const parts = [
    ...(residentBytes === null ? [] : [formatBytes(residentBytes)]),
    ...(busyShare === null ? [] : [`loop ${formatPercent(busyShare)} busy`]),
  ];
  return parts.length === 0 ? [] : [titled("This screen", { text: parts.join(", ") })];
}
