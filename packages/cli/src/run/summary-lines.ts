/** The five lines that a run ends with. Pure. */
import { totalTokens } from "@moai-metrics/model";
import { formatCost, formatCount, formatDuration, toPlainText } from "@moai-metrics/report";
import type { SummaryAnswer, ToolCallRecord } from "@moai-metrics/store";
import type { ProgramEnd } from "./run-child.ts";

/** What a run did. */
export interface RunFigures {
  /** Its sessions, by the beginning of their ids as commands take them. */
  readonly sessionIds: readonly string[];
  readonly usage: SummaryAnswer;
  readonly toolCalls: readonly Pick<ToolCallRecord, "tool" | "durationMillis">[];
  readonly wallMillis: number;
  readonly end: ProgramEnd;
}

const TITLE_WIDTH = 10;
const MAX_WIDTH = 80;
const NANO = 1e-9;
const ID_LENGTH = 8;

/**
 * Renders tokens, cost, duration, result and the slowest tool, one line each.
 *
 * @param hidden fields of a session that the settings do not show.
 */
export function summaryLines(figures: RunFigures, hidden: ReadonlySet<string> = new Set()): string[] {
  const lines: readonly (readonly [title: string, text: string, field?: string])[] = [
    ["Tokens", tokensText(figures.usage), "totalTokens"],
    ["Cost", costText(figures.usage), "totalCost"],
    ["Duration", durationText(figures), "activeDurationMs"],
    ["Result", resultText(figures, hidden)],
    ["Slowest", slowestText(figures.toolCalls)],
  ];
  return lines.flatMap(([title, text, field = ""]) =>
    hidden.has(field) ? [] : [title.padEnd(TITLE_WIDTH) + toPlainText(text)],
  );
}

function tokensText({ totalCalls, callsWithoutUsage, tokens }: SummaryAnswer): string {
  if (totalCalls - callsWithoutUsage === 0) return "none were reported";
  const parts = [
    `${formatCount(tokens.input)} input`,
    `${formatCount(tokens.output)} output`,
    `${formatCount(tokens.cacheRead)} cache read`,
    `${formatCount(tokens.cacheWrite5m + tokens.cacheWrite1h)} cache write`,
  ];
  return `${formatCount(totalTokens(tokens))}: ${parts.join(", ")}`;
}

function costText({ totalCalls, callsWithoutUsage, unpricedCalls, costNanoUsd }: SummaryAnswer): string {
  if (totalCalls - callsWithoutUsage === 0) return "unknown";
  if (unpricedCalls === totalCalls - callsWithoutUsage) return "unpriced";
  const missing = unpricedCalls === 0 ? "" : `; ${formatCount(unpricedCalls)} calls have no known price`;
  return `${formatCost(costNanoUsd * NANO)}, API list prices${missing}`;
}

function durationText({ wallMillis, usage }: RunFigures): string {
  const calls = usage.totalCalls === 0 ? "" : `, ${count(usage.totalCalls, "model call")}`;
  return formatDuration(wallMillis) + calls;
}

function resultText({ usage, end, sessionIds }: RunFigures, hidden: ReadonlySet<string>): string {
  const results = [
    [usage.successfulTasks, "successful"],
    [usage.failedTasks, "failed"],
    [usage.timedOutTasks, "timed out"],
    [usage.cancelledTasks, "cancelled"],
    [usage.unknownTasks, "unknown"],
  ] as const;
  const tasks = hidden.has("tasksCompleted")
    ? []
    : results.flatMap(([amount, word]) => (amount ? [`${count(amount, "task")} ${word}`] : []));
  const text = [endText(end), ...tasks].join(", ");
  const [only] = sessionIds;
  const more = only === undefined ? "" : `; moai-metrics session ${only.slice(0, ID_LENGTH)}`;
  return TITLE_WIDTH + text.length + more.length > MAX_WIDTH ? text : text + more;
}

function endText(end: ProgramEnd): string {
  switch (end.kind) {
    case "exited":
      return `exit code ${end.exitCode}`;
    case "killed":
      return `ended by ${end.signal}`;
    case "not_started":
      return `not started (${end.code})`;
  }
}

function slowestText(toolCalls: RunFigures["toolCalls"]): string {
  let slowest: { readonly tool: string; readonly millis: number } | undefined;
  for (const { tool, durationMillis } of toolCalls) {
    if (durationMillis === undefined || durationMillis <= (slowest?.millis ?? -1)) continue;
    slowest = { tool, millis: durationMillis };
  }
  if (slowest === undefined) return toolCalls.length === 0 ? "no tools were called" : "unknown";
  return `${slowest.tool || "(unknown tool)"} ${formatDuration(slowest.millis)}, of ${count(toolCalls.length, "tool call")}`;
}

function count(amount: number, noun: string): string {
  return `${formatCount(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}
