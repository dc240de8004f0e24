/** What an import of MoAI-Flow's metrics did, in a few lines. */
import type { MoaiFlowOutcome } from "@moai-metrics/receiver/moai-flow";
import { formatCount, toPlainText } from "@moai-metrics/report";

const SHOWN_REASONS = 3;

/** The account; `isVerbose` lists every reason instead of the most frequent ones. */
export function moaiFlowLines(outcome: MoaiFlowOutcome, isVerbose: boolean): string[] {
  const { rows, facts, points, tokens, skipped } = outcome;
  return [
    `MoAI-Flow: ${toPlainText(outcome.path)}, its local times read as ${outcome.timeZone}`,
    `  ${counted(rows.tasks, "task row")}, ${counted(rows.agents, "agent row")}, ${counted(rows.swarms, "swarm row")}`,
    `  ${counted(facts.received, "fact")}: ${formatCount(facts.inserted)} new, ` +
      `${formatCount(facts.changed)} added to known ones`,
    `  ${counted(points.inserted + points.repeated, "point")}: ${formatCount(points.inserted)} new, ` +
      `${formatCount(points.repeated)} known`,
    ...(tokens > 0
      ? [
          `  ${formatCount(tokens)} tokens: totals without model, input or output, so not model calls but the`,
          "  metric moai_flow.task.tokens, which is kept as long as data points are",
        ]
      : []),
    ...skippedLines(skipped, isVerbose),
  ];
}

function skippedLines(skipped: ReadonlyMap<string, number>, isVerbose: boolean): string[] {
  if (skipped.size === 0) return [];
  const sorted = [...skipped].toSorted(([, a], [, b]) => b - a);
  const shown = isVerbose ? sorted : sorted.slice(0, SHOWN_REASONS);
  const more = sorted.length - shown.length;
  return [
    "  not taken over:",
    ...shown.map(([reason, count]) => `    ${formatCount(count)}  ${toPlainText(reason)}`),
    ...(more > 0 ? [`    and ${more} more reasons (--verbose)`] : []),
  ];
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
