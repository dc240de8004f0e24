/** What one fact adds to the rollups. Pure: the ledger writer subtracts the old and adds the new. */
import { quarterHourOf, type TaskResult } from "@moai-metrics/model";
import type { PricedUsage } from "../merge/model-call.ts";

/** The sums of the rollup table, in the order of its columns. */
export const ROLLUP_COLUMNS = [
  "calls",
  "call_errors",
  "calls_without_usage",
  "input",
  "cache_read",
  "cache_write_5m",
  "cache_write_1h",
  "output",
  "reasoning",
  "cost_nano_usd",
  "reported_cost_nano_usd",
  "unpriced_calls",
  "call_ms",
  "tool_calls",
  "tool_errors",
  "tasks_success",
  "tasks_failure",
  "tasks_timeout",
  "tasks_cancelled",
  "tasks_unknown",
  "task_ms",
] as const;

export type RollupColumn = (typeof ROLLUP_COLUMNS)[number];

/** Who a fact is counted under, as string numbers. */
export interface RollupDimensions {
  readonly productId: number;
  readonly projectId: number;
  readonly agentId: number;
  readonly modelId: number;
}

/** What one fact adds, and where. */
export interface Contribution {
  readonly quarterHour: number;
  readonly dimensions: RollupDimensions;
  readonly sums: Readonly<Partial<Record<RollupColumn, number>>>;
}

/** What a model call adds. A failed call without usage is an error, not a call. */
export function callContribution(
  dimensions: RollupDimensions,
  call: {
    readonly endedAtMillis: number;
    readonly durationMillis: number | undefined;
    readonly usage: PricedUsage | undefined;
    readonly hasError: boolean;
    readonly costNanoUsd: number | undefined;
    readonly isCostReported: boolean;
  },
): Contribution {
  const tokens = call.usage?.tokens;
  const isFailure = call.hasError && tokens === undefined;
  const cost = call.costNanoUsd ?? 0;
  return {
    quarterHour: quarterHourOf(call.endedAtMillis),
    dimensions,
    sums: {
      calls: isFailure ? 0 : 1,
      call_errors: call.hasError ? 1 : 0,
      calls_without_usage: !isFailure && tokens === undefined ? 1 : 0,
      input: tokens?.input ?? 0,
      cache_read: tokens?.cacheRead ?? 0,
      cache_write_5m: tokens?.cacheWrite5m ?? 0,
      cache_write_1h: tokens?.cacheWrite1h ?? 0,
      output: tokens?.output ?? 0,
      reasoning: tokens?.reasoning ?? 0,
      cost_nano_usd: cost,
      reported_cost_nano_usd: call.isCostReported ? cost : 0,
      unpriced_calls: tokens !== undefined && call.costNanoUsd === undefined ? 1 : 0,
      call_ms: call.durationMillis ?? 0,
    },
  };
}

/** What a tool call adds; it counts when it starts. */
export function toolContribution(
  dimensions: RollupDimensions,
  startedAtMillis: number,
  isSuccess: boolean | undefined,
): Contribution {
  return {
    quarterHour: quarterHourOf(startedAtMillis),
    dimensions,
    sums: { tool_calls: 1, tool_errors: isSuccess === false ? 1 : 0 },
  };
}

/** What an ended task adds. */
export function taskContribution(
  dimensions: RollupDimensions,
  task: { readonly startedAtMillis: number; readonly endedAtMillis: number; readonly result: TaskResult },
): Contribution {
  return {
    quarterHour: quarterHourOf(task.endedAtMillis),
    dimensions,
    sums: { [`tasks_${task.result}`]: 1, task_ms: task.endedAtMillis - task.startedAtMillis },
  };
}
