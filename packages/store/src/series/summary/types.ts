/** What is kept of the points of an hour or a day once the points themselves are gone. */
import type { ExponentialHistogramValue, HistogramValue, SeriesPoint } from "../types.ts";

/** What the points of one start of a cumulative series counted. */
export interface StartGrowth<T> {
  readonly first: SeriesPoint;
  readonly last: SeriesPoint;
  /** From its first point to its last, over falls as well; undefined for a point alone. */
  readonly growth: T | undefined;
}

/** Points of a sum or gauge. Integers of `int` series are exact: beyond 2^53 they come as bigint. */
export interface NumberSummary {
  readonly kind: "number";
  /** How many points. */
  readonly points: number;
  /** All values added up: for delta sums the change, for gauges what the average is made from. */
  readonly sum: number | bigint;
  readonly min: number | bigint;
  readonly max: number | bigint;
  readonly first: SeriesPoint;
  readonly last: SeriesPoint;
  /**
   * Cumulative sums only: how much was counted from the first point to the last one, summed up over the starts.
   * What was counted between two summaries is in neither; `joinSummaries` adds it.
   */
  readonly increase: number | bigint | undefined;
  /** Cumulative sums with points of several starts: each of them, the one of `first` first. */
  readonly starts?: readonly StartGrowth<number | bigint>[] | undefined;
}

/** Points of a histogram. */
export interface DistributionSummary {
  readonly kind: "distribution";
  readonly points: number;
  /**
   * Delta: all points merged. Cumulative: what was added from the first point to the last one, summed up over the starts;
   * its min and max are unknown. Undefined where no single distribution can say it: one cumulative point alone.
   */
  readonly merged: HistogramValue | ExponentialHistogramValue | undefined;
  readonly first: SeriesPoint;
  readonly last: SeriesPoint;
  /** Cumulative histograms with points of several starts: each of them, the one of `first` first. */
  readonly starts?: readonly StartGrowth<HistogramValue | ExponentialHistogramValue>[] | undefined;
}

export type SeriesSummary = NumberSummary | DistributionSummary;

export type Resolution = "hour" | "day";

/** How long a bucket is. */
export const WIDTHS_NANO: Readonly<Record<Resolution, bigint>> = {
  hour: 3_600_000_000_000n,
  day: 86_400_000_000_000n,
};
