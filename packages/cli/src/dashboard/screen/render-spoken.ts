/** The dashboard as sentences, for those who have it read to them: no drawings, no columns. Pure. */
import {
  type Dashboard,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  type SummaryFigure,
  toPlainText,
} from "@moai-metrics/report/screen";
import { formatBytes } from "../../output/bytes.ts";
import { clockText } from "./names.ts";

/** Sections one after the other; a line is a sentence. */
export function renderSpoken(dashboard: Dashboard, label: string | undefined): string[] {
  const { at, timeZone, period, alerts } = dashboard;
  return [
    ...(label === undefined ? [] : [label]),
    `moai-metrics on ${period.to} at ${clockText(at, timeZone)} ${timeZone}.`,
    `Alerts: ${alerts.length === 0 ? "none." : alerts.length}`,
    ...alerts.map(({ level, message }) => `${level === "critical" ? "Critical" : "Warning"}: ${message}`),
    ...summarySentences(dashboard),
    ...agentSentences(dashboard),
    ...queueSentences(dashboard),
    ...resourceSentences(dashboard),
    ...trendSentences(dashboard),
  ].map(toPlainText);
}

function summarySentences({ summary, period }: Dashboard): string[] {
  const { successRate, averageDurationMs, p95DurationMs, tokensPerDay, totalCost, tasksCompleted } = summary;
  return [
    `Summary from ${period.from} to ${period.to}, compared with the same stretch before.`,
    `Tasks completed: ${tasksCompleted === null ? "not known" : formatCount(tasksCompleted)}.`,
    figureSentence("Success rate", successRate, formatPercent, (change) => `${formatNumber(change * 100)} points`),
    figureSentence("Average duration", averageDurationMs, formatDuration),
    figureSentence("95th percentile of durations", p95DurationMs, formatDuration),
    figureSentence("Tokens per day", tokensPerDay, formatCount),
    figureSentence("Cost", totalCost, formatCost),
  ];
}

function figureSentence(
  title: string,
  { value, change }: SummaryFigure,
  format: (value: number) => string,
  formatSize: (change: number) => string = formatPercent,
): string {
  if (value === null) return `${title}: not known.`;
  if (change === null) return `${title}: ${format(value)}.`;
  const direction = change === 0 ? "unchanged" : `${change > 0 ? "up" : "down"} ${formatSize(Math.abs(change))}`;
  return `${title}: ${format(value)}, ${direction}.`;
}

function formatNumber(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function agentSentences({ agents }: Dashboard): string[] {
  return [
    `By ${agents.groupBy}, most tokens first:`,
    ...agents.rows.map(({ name, tasksCompleted, successRate, averageDurationMs, totalTokens, totalCost }) => {
      const parts = [
        `${formatCount(tasksCompleted)} tasks`,
        ...(successRate === null ? [] : [`${formatPercent(successRate)} successful`]),
        ...(averageDurationMs === null ? [] : [`${formatDuration(averageDurationMs)} on average`]),
        `${formatCount(totalTokens)} tokens`,
        totalCost === null ? "unpriced" : formatCost(totalCost),
      ];
      return `${name}: ${parts.join(", ")}.`;
    }),
  ];
}

function queueSentences({ queue }: Dashboard): string[] {
  return [
    `Queue: ${formatCount(queue.length)} tasks run, ${formatCount(queue.sessions.length)} sessions are open.`,
    ...queue.tasks.map(
      ({ agent, ageMs, silentMs, totalTokens }) =>
        `${agent} runs for ${formatDuration(ageMs)}, ${formatCount(totalTokens)} tokens so far, last heard of ${formatDuration(silentMs)} ago.`,
    ),
  ];
}

function resourceSentences({ resources }: Dashboard): string[] {
  const { budgets, contexts, store, receiver, tokensToday, costToday } = resources;
  return [
    `Today: ${formatCount(tokensToday)} tokens, ${costToday === null ? "unpriced" : formatCost(costToday)}.`,
    ...budgets.map(
      ({ name, subject, share, state }) =>
        `Budget ${name} of ${subject}: ${share === null ? "not known" : `${formatPercent(share)} used`}, ${state}.`,
    ),
    ...contexts.map(
      ({ agent, model, tokens, share }) =>
        `Context of ${agent} with ${model}: ${formatCount(tokens)} tokens${share === null ? "" : `, ${formatPercent(share)} full`}.`,
    ),
    ...(receiver === null ? [] : [`Receiver: ${receiver.state}.`]),
    ...(store === null ? [] : [`Store: ${formatBytes(store.fileBytes)}.`]),
  ];
}

function trendSentences({ trends }: Dashboard): string[] {
  return [
    `By the ${trends.unit}:`,
    ...trends.buckets.map(({ label, totalTokens, totalCost, tasksCompleted }) => {
      const cost = totalCost === null ? "unpriced" : formatCost(totalCost);
      return `${label}: ${formatCount(totalTokens)} tokens, ${cost}, ${formatCount(tasksCompleted)} tasks.`;
    }),
  ];
}
