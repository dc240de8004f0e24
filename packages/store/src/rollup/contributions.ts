/** What one fact adds to the rollups and live counters. Pure: the ledger writer takes back what it added before and adds the new. */
import { quarterHourOf, TASK_RESULTS, type TaskKind, type TaskResult, type TokenUsage } from "@moai-metrics/model";
import type { ChangedLines, CountedFact } from "../live/types.ts";
import type { Contribution, RollupDimensions } from "./types.ts";

/** What a model call adds. A failed call without usage is an error, not a call. */
export function callContribution(
  dimensions: RollupDimensions,
  call: {
    readonly endedAtMillis: number;
    readonly durationMillis: number | undefined;
    readonly firstChunkMillis: number | undefined;
    readonly tokens: TokenUsage | undefined;
    readonly hasError: boolean;
    /** Number of the class of the error, if there is one. */
    readonly errorTypeId?: number | undefined;
    readonly labelsId?: number | undefined;
    readonly costNanoUsd: number | undefined;
    readonly isCostReported: boolean;
  },
): CountedFact {
  const { tokens } = call;
  const isFailure = call.hasError && tokens === undefined;
  const cost = call.costNanoUsd ?? 0;
  return {
    quarterHour: quarterHourOf(call.endedAtMillis),
    atMillis: call.endedAtMillis,
    errorTypeId: call.errorTypeId,
    labelsId: call.labelsId,
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
    },
    values: { call_ms: call.durationMillis, first_chunk_ms: call.firstChunkMillis },
  };
}

/** What a tool call adds; it counts when it starts. Its duration is known once it has ended. */
export function toolContribution(
  dimensions: RollupDimensions,
  call: {
    readonly startedAtMillis: number;
    readonly endedAtMillis: number | undefined;
    readonly isSuccess: boolean | undefined;
    readonly toolId?: number | undefined;
    readonly errorTypeId?: number | undefined;
    readonly labelsId?: number | undefined;
    readonly lines?: ChangedLines | undefined;
  },
): CountedFact {
  const { startedAtMillis, endedAtMillis, isSuccess, toolId, errorTypeId, labelsId, lines } = call;
  return {
    quarterHour: quarterHourOf(startedAtMillis),
    atMillis: endedAtMillis ?? startedAtMillis,
    toolId,
    errorTypeId,
    labelsId,
    lines,
    dimensions,
    sums: { tool_calls: 1, tool_errors: isSuccess === false ? 1 : 0 },
    values: { tool_ms: endedAtMillis === undefined ? undefined : Math.max(0, endedAtMillis - startedAtMillis) },
  };
}

/** Made once: a name that is put together for each task takes longer than all that is done with it. */
const ENDED_TASK = Object.fromEntries(TASK_RESULTS.map((result) => [result, { [`tasks_${result}`]: 1 }])) as Record<
  TaskResult,
  Contribution["sums"]
>;

/** What an ended task adds; it counts at its last sign of life. */
export function taskContribution(
  dimensions: RollupDimensions,
  task: {
    /** Without it the duration is not known. */
    readonly startedAtMillis: number | undefined;
    readonly endedAtMillis: number;
    readonly result: TaskResult;
    /** Tokens of its own calls, all parts, and those that only a hook reported; undefined when no one has said how many. */
    readonly tokens: number | undefined;
    /** When it was known that it had ended. Default: when it ended. */
    readonly knownAtMillis?: number | undefined;
    readonly kind?: TaskKind | undefined;
    readonly errorTypeId?: number | undefined;
    readonly labelsId?: number | undefined;
    /** Of a run of an agent: the calls of its own. */
    readonly run?: CountedFact["run"];
    /** Where it tells its own: by how many they are more than those of its tool calls. */
    readonly lines?: ChangedLines | undefined;
    /** The part of the tokens that only a hook reported. */
    readonly undividedTokens: number;
    /** What a hook said of the whole task, instead of what its start tells; undefined where none did. */
    readonly reportedMillis: { readonly counted: number | undefined } | undefined;
  },
): CountedFact {
  const { startedAtMillis, endedAtMillis, result, tokens, knownAtMillis = endedAtMillis } = task;
  const { kind, errorTypeId, labelsId, run, lines, undividedTokens, reportedMillis } = task;
  const ownMillis = startedAtMillis === undefined ? undefined : endedAtMillis - startedAtMillis;
  return {
    quarterHour: quarterHourOf(endedAtMillis),
    atMillis: knownAtMillis,
    taskKind: kind,
    taskResult: result,
    errorTypeId,
    labelsId,
    run,
    lines,
    dimensions,
    sums: undividedTokens === 0 ? ENDED_TASK[result] : { ...ENDED_TASK[result], undivided_tokens: undividedTokens },
    values: { task_ms: reportedMillis === undefined ? ownMillis : reportedMillis.counted, task_tokens: tokens },
  };
}
