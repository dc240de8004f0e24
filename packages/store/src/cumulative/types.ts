/**
 * Cumulative series: the metrics of the catalogue as the ledger's sums tell them, counted up from the first fact. One
 * definition for everyone who hands them on: a scrape, an export, a producer for the OpenTelemetry SDK.
 */
import type { MetricKey, TimeRange } from "@moai-metrics/model";

/** Which facts are counted, and how names become values of attributes. */
export interface CumulativeQuestion {
  /** Facts of this time only, whole quarter hours. Default: everything that the store knows. */
  readonly range?: TimeRange | undefined;
  readonly products?: readonly string[] | undefined;
  readonly projects?: readonly string[] | undefined;
  readonly agents?: readonly string[] | undefined;
  /** Leaves tasks and tool calls out: they have no model of their own. */
  readonly models?: readonly string[] | undefined;
  /** What a name becomes as a value; names that become the same are one series. Default: the name itself. */
  readonly toValue?: ((name: string) => string) | undefined;
  /**
   * Values of one attribute, in the order in which their names came into the store; what comes later is
   * {@link OVERFLOW_VALUE}. Default 200.
   */
  readonly maxValues?: number | undefined;
}

/** What stands for the values of an attribute that are too many. */
export const OVERFLOW_VALUE = "__overflow__";

/** How a series is counted. */
export type CumulativeKind = "counter" | "histogram" | "gauge";

/** Names and values; what is not known is left out. Names are those of the conventions. */
export type CumulativeAttributes = Readonly<Record<string, string>>;

/** A number of a counter or gauge, or a distribution, in the metric's unit. */
export interface CumulativeValue {
  /** The counter, the gauge, or the sum of the values. */
  readonly sum: number;
  /** Number of values; histograms only, else 0. */
  readonly count: number;
  /** Values up to each bound and above the one before, and those above the last; histograms only, else empty. */
  readonly bucketCounts: readonly number[];
}

/** One metric, as far as it is the same for all of its series. */
export interface CumulativeMetric {
  readonly key: MetricKey;
  /** Name of the conventions. */
  readonly name: string;
  /** UCUM. */
  readonly unit: string;
  readonly description: string;
  readonly kind: CumulativeKind;
  /** Inclusive upper bounds, histograms only: counts at them are exact. */
  readonly bounds: readonly number[];
}

/** A series as it stands. */
export interface CumulativeSeries extends CumulativeValue {
  readonly attributes: CumulativeAttributes;
}

/** A metric with what its series have reached. */
export interface CumulativeState extends CumulativeMetric {
  readonly series: readonly CumulativeSeries[];
}

/** Every series as it stands. */
export interface CumulativeAnswer {
  /** Since when is counted: the first quarter hour with facts, or the start of the range. 0 without facts. */
  readonly startMillis: number;
  /** Metrics that have a series, in the order of the catalogue. */
  readonly metrics: readonly CumulativeState[];
}

/** How fine a history is. Steps begin and end at whole ones in UTC. */
export const CUMULATIVE_STEPS = ["quarterHour", "hour", "day"] as const;
export type CumulativeStep = (typeof CUMULATIVE_STEPS)[number];

/** A question about how series grew. */
export interface CumulativeHistoryQuestion extends CumulativeQuestion {
  readonly step: CumulativeStep;
  /** No step ends later than this: the one that is running ends now. */
  readonly nowMillis: number;
}

/** What a series had reached at a moment. */
export interface CumulativeSample extends CumulativeValue {
  readonly atMillis: number;
}

/** How one series grew. */
export interface CumulativeSeriesHistory {
  readonly attributes: CumulativeAttributes;
  /**
   * Ascending. The first is nothing, where its first step begins; the last is its end of the history. In between there
   * is one at both ends of each step in which it grew: between two samples it grew not at all, or within one step.
   */
  readonly samples: Iterable<CumulativeSample>;
}

/** How the series of one metric grew. */
export interface CumulativeMetricHistory extends CumulativeMetric {
  readonly series: readonly CumulativeSeriesHistory[];
}

/** Reads cumulative series. */
export interface CumulativeReader {
  /**
   * What every series has reached, at one moment; from the rollups, without a look at single facts.
   * @throws RangeError for a range that begins or ends inside a quarter hour.
   */
  state(question: CumulativeQuestion): CumulativeAnswer;
  /**
   * How every counter and histogram grew, one metric at a time. Read while it is gone through, so all of it is of one
   * state of the file only inside `Store.inOneState`.
   * @throws RangeError as `state`.
   */
  history(question: CumulativeHistoryQuestion): Iterable<CumulativeMetricHistory>;
}
