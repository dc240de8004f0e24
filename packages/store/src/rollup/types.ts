/**
 * Rollups: what the ledger adds up to per quarter hour, product, project, agent and model.
 *
 * A model call counts in the quarter hour of its completion, a tool call in that of its start, an ended task in that of
 * its last sign of life. Tasks and tool calls have no model of their own: they lie under model 0.
 */

/** What a set of values is summed up as: count, sum, least, greatest and a histogram. */
export const DISTRIBUTIONS = ["call_ms", "first_chunk_ms", "tool_ms", "task_ms", "task_tokens"] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** Sums over model calls, apart from their durations. */
export const CALL_SUMS = [
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
] as const;

/** Ended tasks by result. */
export const TASK_SUMS = [
  "tasks_success",
  "tasks_failure",
  "tasks_timeout",
  "tasks_cancelled",
  "tasks_unknown",
] as const;

/** Sums, in the order in which they are stored. `<distribution>` and `<distribution>_count` belong to its values. */
export const ROLLUP_SUMS = [
  ...CALL_SUMS,
  "call_ms",
  "call_ms_count",
  "first_chunk_ms",
  "first_chunk_ms_count",
  "tool_calls",
  "tool_errors",
  "tool_ms",
  "tool_ms_count",
  ...TASK_SUMS,
  "task_ms",
  "task_ms_count",
  "task_tokens",
  "task_tokens_count",
  // Tokens of ended tasks that only a hook reported. Behind the others, because their places are part of the file format.
  "undivided_tokens",
] as const;
export type RollupSum = (typeof ROLLUP_SUMS)[number];

/** Who a fact is counted under, as string numbers; 0 is "not known". */
export interface RollupDimensions {
  readonly productId: number;
  readonly projectId: number;
  readonly agentId: number;
  readonly modelId: number;
}

/** What one fact adds, and where. */
export interface Contribution {
  readonly quarterHour: number;
  /** When it counts, or came to be known; two that differ in nothing else are not the same. Default: not told. */
  readonly atMillis?: number | undefined;
  readonly dimensions: RollupDimensions;
  /** Without the sums of `values`: those follow from them. */
  readonly sums: Readonly<Partial<Record<RollupSum, number>>>;
  /** The fact's own value in each distribution that it belongs to: an integer, 0 or more. */
  readonly values: Readonly<Partial<Record<Distribution, number | undefined>>>;
}

/** Collects what a transaction changes in the rollups. */
export interface RollupChanges {
  /** Replaces what a fact added before by what it adds now. */
  replace(before: Contribution | undefined, after: Contribution | undefined): void;
  /**
   * Writes the collected differences and starts over.
   * @param keptFromMillis the ledger's watermark: what days before it added up to stays as it is. Default 0.
   */
  apply(keptFromMillis?: number): void;
  /** Forgets the collected differences. */
  discard(): void;
}

/** What rollups are asked. */
export interface RollupQuestion {
  /**
   * Ascending quarter hours; `edges[i]` to `edges[i + 1]` (exclusive) is bucket `i`. At least two. Buckets need not be
   * equally long.
   */
  readonly edges: readonly number[];
  /** Whether nobody will ask for the same time again soon: then no block of it stays in memory. Default: no. */
  readonly isReadOnce?: boolean | undefined;
  /** The zone whose days the edges follow; its days are read whole where the store keeps them. Default: the best. */
  readonly timeZone?: string | undefined;
  /** Every given field must match; several values of one field are alternatives. Names, "" for "not known". */
  readonly filter: {
    readonly products?: readonly string[] | undefined;
    readonly projects?: readonly string[] | undefined;
    readonly agents?: readonly string[] | undefined;
    readonly models?: readonly string[] | undefined;
  };
  readonly groupBy: readonly ("product" | "project" | "agent" | "model")[];
  readonly sums: readonly RollupSum[];
  /** Distributions whose least and greatest value are wanted. */
  readonly extremes: readonly Distribution[];
  /** Distributions whose histogram is wanted. */
  readonly histograms: readonly Distribution[];
  /** Of these histograms: at 0 they take a tenth of the memory. Default 5, that of the rollups. */
  readonly histogramScale?: HistogramScale | undefined;
}

/** One group of one bucket; groups whose every asked number is 0 are left out. */
export interface RollupGroup {
  /** Index of the bucket. */
  readonly bucket: number;
  /** Values of `groupBy`, in its order; "" for "not known". */
  readonly key: readonly string[];
  /** In the order of `sums`. */
  readonly sums: readonly number[];
  /** In the order of `extremes`; undefined where there is no value. */
  readonly extremes: readonly ({ readonly min: number; readonly max: number } | undefined)[];
  /** In the order of `histograms`. */
  readonly histograms: readonly SparseHistogram[];
}

/**
 * How finely a histogram tells: at 5, as the rollups keep it, 32 buckets a doubling; at 0 one bucket a doubling, where
 * bucket `i` holds the numbers above 2^i and up to 2^(i+1), and bucket -1 the zeros and ones. OpenTelemetry's word.
 */
export type HistogramScale = 5 | 0;

/** A sparse base-2 exponential histogram of integers ≥ 0. */
export interface SparseHistogram {
  /** Number of values. */
  readonly count: number;
  /** Values by bucket, ascending by bucket index; see histogram.ts for what a bucket of its scale stands for. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** How far a rebuild has got. */
export interface RebuildProgress {
  readonly daysDone: number;
  readonly daysTotal: number;
}
