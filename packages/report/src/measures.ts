/** Sums over groups of the ledger, before they become the fields of a report. */
import { addTokens, NO_TOKENS, TASK_RESULTS, type TaskResult } from "@moai-metrics/model";
import type { CallMeasures, TaskMeasures, ToolMeasures } from "@moai-metrics/store";

/** Everything that usage groups measure. */
export interface Measures extends CallMeasures, TaskMeasures, ToolMeasures {}

/** Sums of calls: for parts of a session or task, which have no tasks of their own. */
export function sumCalls(parts: readonly CallMeasures[]): CallMeasures {
  return {
    calls: sumOf(parts, (part) => part.calls),
    callErrors: sumOf(parts, (part) => part.callErrors),
    callsWithoutUsage: sumOf(parts, (part) => part.callsWithoutUsage),
    tokens: parts.reduce((sum, part) => addTokens(sum, part.tokens), NO_TOKENS),
    costNanoUsd: sumOf(parts, (part) => part.costNanoUsd),
    reportedCostNanoUsd: sumOf(parts, (part) => part.reportedCostNanoUsd),
    unpricedCalls: sumOf(parts, (part) => part.unpricedCalls),
    callMillis: sumOf(parts, (part) => part.callMillis),
  };
}

/** Adds groups up. Money is added as whole nano-dollars, so totals are exact. */
export function sumMeasures(groups: readonly Measures[]): Measures {
  const tasksByResult = Object.fromEntries(
    TASK_RESULTS.map((result) => [result, sumOf(groups, (group) => group.tasksByResult[result])]),
  ) as Record<TaskResult, number>;
  return {
    ...sumCalls(groups),
    tasksByResult,
    taskMillis: sumOf(groups, (group) => group.taskMillis),
    toolCalls: sumOf(groups, (group) => group.toolCalls),
    toolErrors: sumOf(groups, (group) => group.toolErrors),
  };
}

/** Collects items by the key that `keyOf` gives them, in the order in which the keys first appear. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Sums a number over items. */
export function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}
