/** Sums over groups of the ledger, before they become the fields of a report. */
import { NO_TOKENS, TASK_RESULTS, type TokenSums } from "@moai-metrics/model";
import type { CallMeasures, TaskMeasures, ToolMeasures } from "@moai-metrics/store";

/** Everything that usage groups measure. */
export interface Measures extends CallMeasures, TaskMeasures, ToolMeasures {}

/** Sums of calls: for parts of a session or task, which have no tasks of their own. */
export function sumCalls(parts: readonly CallMeasures[]): CallMeasures {
  const sum = noCalls();
  for (const part of parts) addCalls(sum, part);
  return sum;
}

/** Adds groups up. Money is added as whole nano-dollars, so totals are exact. */
export function sumMeasures(groups: readonly Measures[]): Measures {
  const tasksByResult = { success: 0, failure: 0, timeout: 0, cancelled: 0, unknown: 0 };
  const sum = { ...noCalls(), tasksByResult, taskMillis: 0, toolCalls: 0, toolErrors: 0 };
  for (const group of groups) {
    addCalls(sum, group);
    for (const result of TASK_RESULTS) tasksByResult[result] += group.tasksByResult[result];
    sum.taskMillis += group.taskMillis;
    sum.toolCalls += group.toolCalls;
    sum.toolErrors += group.toolErrors;
  }
  return sum;
}

type Sum<Measured> = { -readonly [Name in keyof Measured]: Measured[Name] };
/** In place: a year of days by model is thousands of these, and a new object for each would be most of the work. */
type CallSum = Sum<Omit<CallMeasures, "tokens">> & { readonly tokens: Sum<TokenSums> };

function noCalls(): CallSum {
  return {
    calls: 0,
    callErrors: 0,
    callsWithoutUsage: 0,
    tokens: { ...NO_TOKENS },
    costNanoUsd: 0,
    reportedCostNanoUsd: 0,
    unpricedCalls: 0,
    callMillis: 0,
  };
}

function addCalls(sum: CallSum, part: CallMeasures): void {
  sum.calls += part.calls;
  sum.callErrors += part.callErrors;
  sum.callsWithoutUsage += part.callsWithoutUsage;
  addTokens(sum.tokens, part.tokens);
  sum.costNanoUsd += part.costNanoUsd;
  sum.reportedCostNanoUsd += part.reportedCostNanoUsd;
  sum.unpricedCalls += part.unpricedCalls;
  sum.callMillis += part.callMillis;
}

/** Name by name: a command runs this a few thousand times before it is compiled, and a loop over names takes twice as long then. */
function addTokens(sum: Sum<TokenSums>, part: TokenSums): void {
  sum.input += part.input;
  sum.cacheRead += part.cacheRead;
  sum.cacheWrite5m += part.cacheWrite5m;
  sum.cacheWrite1h += part.cacheWrite1h;
  sum.output += part.output;
  sum.reasoning += part.reasoning;
  if (part.undivided !== undefined) sum.undivided = (sum.undivided ?? 0) + part.undivided;
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
