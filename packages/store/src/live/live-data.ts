/** Arithmetic of live counters. */
import type { Distribution, RollupSum } from "../rollup/types.ts";
import type { CountedFact, LiveData, LiveDistribution, LiveKey, LiveSum } from "./types.ts";

/** Nothing yet. */
export function noLiveData(): LiveData {
  return { sums: {}, buckets: {} };
}

/** Counts what a fact adds, or no longer adds. */
export function addFact(data: LiveData, fact: CountedFact, sign: 1 | -1): void {
  const { sums, values, run, lines } = fact;
  for (const name in sums) addSum(data, name as RollupSum, sign * (sums[name as RollupSum] ?? 0));
  for (const name in values) addValue(data, name as Distribution, values[name as Distribution], sign);
  if (sums.calls === 1 && sums.calls_without_usage === 0) {
    const { input = 0, cache_read = 0, cache_write_5m = 0, cache_write_1h = 0, output } = sums;
    addValue(data, "call_input", input + cache_read + cache_write_5m + cache_write_1h, sign);
    addValue(data, "call_output", output, sign);
  }
  if (lines !== undefined) {
    addSum(data, "lines_added", sign * lines.added);
    addSum(data, "lines_removed", sign * lines.removed);
  }
  if (run === undefined) return;
  addValue(data, "run_ms", values.task_ms, sign);
  addValue(data, "run_calls", run.calls, sign);
  addValue(data, "run_tools", run.toolCalls, sign);
}

/** Adds to a sum. */
export function addSum({ sums }: LiveData, name: LiveSum, amount: number): void {
  if (amount !== 0) sums[name] = (sums[name] ?? 0) + amount;
}

/** Adds to a distribution, or takes from it. */
export function addValue(data: LiveData, name: LiveDistribution, value: number | undefined, sign: 1 | -1): void {
  if (value === undefined) return;
  addSum(data, name, sign * value);
  addSum(data, `${name}_count`, sign);
  data.buckets[name] ??= {};
  const counts = data.buckets[name];
  const exponent = exponentOf(value);
  counts[exponent] = (counts[exponent] ?? 0) + sign;
}

/** The least power of two that is not less than a whole number. */
function exponentOf(value: number): number {
  if (value <= 1) return 0;
  return value < 2 ** 31 ? 32 - Math.clz32(value - 1) : Math.ceil(Math.log2(value));
}

/** Both together, as it is written; what is 0 is left out. */
export function encodeSum(stored: LiveData, added: LiveData): string {
  const sums = addAll({ ...stored.sums }, added.sums);
  const buckets: Record<string, Record<string, number>> = {};
  for (const name of new Set([...Object.keys(stored.buckets), ...Object.keys(added.buckets)])) {
    const counts = addAll(
      { ...stored.buckets[name as LiveDistribution] },
      added.buckets[name as LiveDistribution] ?? {},
    );
    if (Object.keys(counts).length > 0) buckets[name] = counts;
  }
  return JSON.stringify({ sums, buckets });
}

function addAll(to: Record<string, number>, added: Readonly<Record<string, number>>): Record<string, number> {
  for (const [name, amount] of Object.entries(added)) {
    const sum = (to[name] ?? 0) + amount;
    if (sum === 0) delete to[name];
    else to[name] = sum;
  }
  return to;
}

/** As it was written. */
export function decodeLiveData(text: string): LiveData {
  return JSON.parse(text) as LiveData;
}

/** Under what a fact is counted. */
export function liveKeyOf(fact: CountedFact): LiveKey {
  const { dimensions, toolId = 0, errorTypeId = 0, taskKind = "", taskResult = "", labelsId = 0 } = fact;
  return { ...dimensions, toolId, errorTypeId, taskKind, taskResult, labelsId };
}
