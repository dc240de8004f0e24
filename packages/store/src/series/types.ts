/** OpenTelemetry data points as the store keeps them. */

/** Attribute values that OpenTelemetry allows on data points. Numbers are finite: points with others are refused. */
export type AttributeValue = string | number | boolean | readonly (string | number | boolean | null)[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** `delta`: the change since the last point; `cumulative`: the total since `startTimeUnixNano`; gauges have none. */
export type Temporality = "delta" | "cumulative" | "none";

/** What identifies a series: metric, attributes, resource and instrumentation scope. */
export interface SeriesIdentity {
  readonly metric: string;
  readonly kind: "sum" | "gauge" | "histogram" | "exponential_histogram";
  readonly unit: string;
  readonly description: string;
  readonly temporality: Temporality;
  readonly isMonotonic: boolean;
  readonly valueType: "int" | "double";
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly version: string };
}

/** The value of a sum or gauge. Integers beyond 2^53 come as bigint. */
export interface NumberValue {
  readonly kind: "number";
  readonly value: number | bigint;
}

/** The value of an explicit-bucket histogram; `counts` has one entry more than `bounds`, upper bounds inclusive. */
export interface HistogramValue {
  readonly kind: "histogram";
  readonly count: number;
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Ascending. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** The value of a base-2 exponential histogram, as in the OpenTelemetry metrics data model. */
export interface ExponentialHistogramValue {
  readonly kind: "exponential_histogram";
  readonly count: number;
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: { readonly offset: number; readonly counts: readonly number[] };
  readonly negative: { readonly offset: number; readonly counts: readonly number[] };
}

export type PointValue = NumberValue | HistogramValue | ExponentialHistogramValue;

/** One data point of one series. Times are nanoseconds since the Unix epoch. */
export interface SeriesPoint {
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly value: PointValue;
}

/** Points of several series, written together or not at all. */
export interface PointBatch {
  readonly series: readonly { readonly identity: SeriesIdentity; readonly points: readonly SeriesPoint[] }[];
}

/** What a write of points did. A point that was already there is counted in `repeated`. */
export interface PointWriteResult {
  readonly inserted: number;
  readonly repeated: number;
  /** Points that could not be stored, by reason (`not finite`, …). */
  readonly refused: Readonly<Record<string, number>>;
}

/** One stored series with its points, oldest first, as `Store.points` returns them. */
export interface StoredSeries {
  readonly identity: SeriesIdentity;
  readonly points: readonly SeriesPoint[];
}
