/** What is asked of, and told by, costing stored calls anew. */

/** Which calls to cost anew, and at which prices of the store's price book. */
export interface RepriceOptions {
  /** `all`: every cost that was computed; `unpriced`: only calls that have none. */
  readonly calls: "all" | "unpriced";
  /** The prices of this UTC day, `2026-11-01`, for every call. Default: those of the call's own time. */
  readonly asOfDay?: string | undefined;
  /** Only adds up what would change. Default false. */
  readonly isDryRun?: boolean | undefined;
  readonly onProgress?: ((progress: RepriceProgress) => void) | undefined;
}

export interface RepriceProgress {
  readonly callsDone: number;
  readonly callsTotal: number;
}

/** What changed, or would change, for one model. */
export interface RepricedModel {
  readonly model: string;
  readonly calls: number;
  /** How many of them had no cost. */
  readonly callsWithoutCost: number;
  readonly costBeforeNanoUsd: number;
  readonly costAfterNanoUsd: number;
}

/** What became of a call. */
export const REPRICE_RESULTS = [
  /** Its cost or the origin of its cost is another one now. */
  "changed",
  /** Its cost comes from these very prices. */
  "unchanged",
  /** It has a cost, and only calls without one were asked for. */
  "priced",
  /** The agent said what it cost. */
  "reported",
  /** Nobody said its tokens, or its model. */
  "withoutUsage",
  /** No price is known; it keeps what it has. */
  "withoutPrice",
  /** It lies before the oldest day that the ledger vouches for; its rollups do not change any more. */
  "beforeWatermark",
] as const;
export type RepriceResult = (typeof REPRICE_RESULTS)[number];

export interface RepriceOutcome {
  /** Calls by what became of them; together all calls of the ledger. */
  readonly calls: Readonly<Record<RepriceResult, number>>;
  /** The changed ones, the greatest difference first. */
  readonly models: readonly RepricedModel[];
  /** Names of models for which no price is known, in their order. */
  readonly modelsWithoutPrice: readonly string[];
}
