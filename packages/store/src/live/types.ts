/**
 * Live counters: what facts add up to that were written while they happened. A fact counts at the moment at which it is
 * written; one that is older than {@link LIVE_WINDOW_MILLIS} then does not: to a reader that takes the time of its
 * reading for the time of what it reads, history would look like a burst of work.
 */
import type { FileChange, TaskKind, TaskResult } from "@moai-metrics/model";
import type { Contribution, Distribution, RollupDimensions, RollupSum } from "../rollup/types.ts";

/** A fact that is written later than this after it was complete belongs to the history, not to live counters. */
export const LIVE_WINDOW_MILLIS = 600_000;

/** Distributions that only live counters have. */
export type LiveDistribution =
  | Distribution
  | "call_input"
  | "call_output"
  | "run_ms"
  | "run_calls"
  | "run_tools"
  | "session_ms";

/** What one fact adds, and when, and what the rollups do not tell apart. */
export interface CountedFact extends Contribution {
  /** When it was complete. */
  readonly atMillis: number;
  readonly toolId?: number | undefined;
  /** The labels of its session. */
  readonly labelsId?: number | undefined;
  /** Of what failed. */
  readonly errorTypeId?: number | undefined;
  readonly taskKind?: TaskKind | undefined;
  readonly taskResult?: TaskResult | undefined;
  /** Of a run of an agent: the calls of its own. */
  readonly run?: { readonly calls: number; readonly toolCalls: number } | undefined;
  /** Of a tool call; of a task that tells its own, by how many these are more than those of its tool calls. */
  readonly lines?: ChangedLines | undefined;
}

/** Lines of files. */
export interface ChangedLines {
  readonly added: number;
  readonly removed: number;
}

/** What is added up. */
export type LiveSum =
  | RollupSum
  | `${LiveDistribution}`
  | `${LiveDistribution}_count`
  | `files_${FileChange}`
  | `lines_${keyof ChangedLines}`;

/** Under what a fact is counted, as string numbers; 0 and "" are "not known" or "does not apply". */
export interface LiveKey extends RollupDimensions {
  readonly toolId: number;
  readonly errorTypeId: number;
  readonly taskKind: string;
  readonly taskResult: string;
  readonly labelsId: number;
}

/** Sums, and distributions by powers of two: the numbers above 2^(e-1) and up to 2^e by `e`, zero and one by 0. */
export interface LiveData {
  readonly sums: Partial<Record<LiveSum, number>>;
  readonly buckets: Partial<Record<LiveDistribution, Record<number, number>>>;
}
