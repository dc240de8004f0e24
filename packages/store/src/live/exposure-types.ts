/** What readers of live counters ask, and what they get. */
import type { CumulativeAttributes, CumulativeMetric, CumulativeValue } from "../cumulative/types.ts";

/** What names become as values, and how many there may be. */
export interface ValueRules {
  readonly toValue?: ((name: string) => string) | undefined;
  readonly maxValues?: number | undefined;
}

/** A question for what is to be shown now. */
export interface ExposureQuestion extends ValueRules {
  /**
   * Who reads. Each reader has counters of its own that never fall and begin at 0; their state lies in the file.
   * Letters, digits, `_` and `-`, at most 64.
   */
  readonly reader: string;
  /**
   * `received`: the answer counts as received. `sent`: it does when {@link ExposedCounters.confirm} says so; until then
   * new series stay at 0. `looked_at`: nothing is written down, and new series are shown as they are.
   */
  readonly delivery: "received" | "sent" | "looked_at";
  /** Lines of text that the series may have together, about; what is too many is added up. Default 20,000. */
  readonly maxLines?: number | undefined;
}

/** A series as it is shown. */
export interface ExposedCounter extends CumulativeValue {
  readonly attributes: CumulativeAttributes;
  /** Time of the earliest fact, as it was known when the series was shown first. Undefined for gauges. */
  readonly startMillis: number | undefined;
  /** By how much it is ahead of what the reader is known to have. */
  readonly growth: CumulativeValue;
}

/** A metric with its series. */
export interface ExposedMetricState extends CumulativeMetric {
  readonly series: readonly ExposedCounter[];
}

/** What is shown. */
export interface ExposedAnswer {
  /** In the order of the catalogue, gauges last; those without a series are left out. */
  readonly metrics: readonly ExposedMetricState[];
  /** Series that are shown higher than the facts say now, because they were shown so before. */
  readonly held: readonly string[];
  /** Series that are shown lower than the facts say, as long as others of the metric are held. */
  readonly behind: number;
  /** Series that had to share one because they were too many. */
  readonly overflowing: number;
  /** Values of labels that share `__overflow__` because there are too many of them. */
  readonly overflowingValues: number;
}

/** Live counters for readers that must never see them fall. */
export interface ExposedCounters {
  /**
   * What is to be shown to a reader now.
   * @throws StoreError `busy`, `full`, `read_only`, `newer_version`: what is shown is written down first.
   */
  expose(question: ExposureQuestion): ExposedAnswer;
  /** The reader has what it was shown last. @throws StoreError as `expose`. */
  confirm(reader: string): void;
}
