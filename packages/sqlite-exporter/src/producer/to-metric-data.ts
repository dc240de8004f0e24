/** Counters of the store as data of the OpenTelemetry SDK. Pure. */
import { METRICS } from "@moai-metrics/model";
import type { CumulativeValue, ExposedAnswer, ExposedCounter, ExposedMetricState } from "@moai-metrics/store";
import { type HrTime, ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";

/** How growth is told. */
export interface MetricDataOptions {
  readonly temporality: "cumulative" | "delta";
  readonly nowMillis: number;
  /** Since when growth is told; only of delta. */
  readonly sinceMillis: number;
}

/** Delta leaves out what did not grow; gauges and up-down counters are told as they are. */
export function toMetricData({ metrics }: ExposedAnswer, options: MetricDataOptions): MetricData[] {
  return metrics.map((metric) => toOneMetric(metric, options)).filter(({ dataPoints }) => dataPoints.length > 0);
}

function toOneMetric(metric: ExposedMetricState, options: MetricDataOptions): MetricData {
  const { key, name, unit, description, kind, bounds, series } = metric;
  const { instrument, valueType } = METRICS[key];
  const descriptor = {
    name,
    unit,
    description,
    valueType: valueType === "int" ? ValueType.INT : ValueType.DOUBLE,
  };
  const cumulative = AggregationTemporality.CUMULATIVE;
  if (kind === "gauge") {
    const dataPoints = series.map((each) => pointOf(each, each.sum, UNKNOWN, options.nowMillis));
    return instrument === "up_down_counter"
      ? {
          descriptor,
          aggregationTemporality: cumulative,
          dataPointType: DataPointType.SUM,
          isMonotonic: false,
          dataPoints,
        }
      : { descriptor, aggregationTemporality: cumulative, dataPointType: DataPointType.GAUGE, dataPoints };
  }
  const isDelta = options.temporality === "delta";
  const aggregationTemporality = isDelta ? AggregationTemporality.DELTA : cumulative;
  const told = isDelta ? series.filter(({ growth }) => growth.sum !== 0 || growth.count !== 0) : series;
  const pointsOf = <T>(toValue: (value: CumulativeValue) => T): DataPoint<T>[] =>
    told.map((each) => {
      const start = isDelta ? Math.max(options.sinceMillis, each.startMillis ?? 0) : (each.startMillis ?? 0);
      return pointOf(each, toValue(isDelta ? each.growth : each), hrTime(start), options.nowMillis);
    });
  if (kind === "counter") {
    const dataPoints = pointsOf(({ sum }) => sum);
    return { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  }
  const dataPoints = pointsOf(
    ({ sum, count, bucketCounts }): Histogram => ({
      sum,
      count,
      buckets: { boundaries: [...bounds], counts: [...bucketCounts] },
    }),
  );
  return { descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints };
}

/** OTLP: a start of 0 is not known. */
const UNKNOWN: HrTime = [0, 0];

function pointOf<T>({ attributes }: ExposedCounter, value: T, startTime: HrTime, nowMillis: number): DataPoint<T> {
  return { startTime, endTime: hrTime(nowMillis), attributes, value };
}

function hrTime(millis: number): HrTime {
  return [Math.floor(millis / 1_000), (millis % 1_000) * 1_000_000];
}
