/** Metrics from OTLP/JSON. */
import { create } from "@bufbuild/protobuf";
import {
  type ExportMetricsServiceRequest,
  ExportMetricsServiceRequestSchema,
} from "../generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  AggregationTemporality,
  type ExponentialHistogramDataPoint,
  ExponentialHistogramDataPoint_BucketsSchema,
  ExponentialHistogramDataPointSchema,
  ExponentialHistogramSchema,
  GaugeSchema,
  type HistogramDataPoint,
  HistogramDataPointSchema,
  HistogramSchema,
  type Metric,
  MetricSchema,
  type NumberDataPoint,
  NumberDataPointSchema,
  type ResourceMetrics,
  ResourceMetricsSchema,
  type ScopeMetrics,
  ScopeMetricsSchema,
  SummaryDataPointSchema,
  SummarySchema,
  SumSchema,
} from "../generated/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { attributesAt, resourceAt, scopeAt } from "./common.ts";
import {
  arrayAt,
  double,
  enumAt,
  integer,
  integerAt,
  type JsonObject,
  listOf,
  objectAt,
  optionalDouble,
  optionalObject,
  smallIntegerAt,
  textAt,
  truthAt,
} from "./values.ts";

const TEMPORALITIES = {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: AggregationTemporality.UNSPECIFIED,
  AGGREGATION_TEMPORALITY_DELTA: AggregationTemporality.DELTA,
  AGGREGATION_TEMPORALITY_CUMULATIVE: AggregationTemporality.CUMULATIVE,
};

/** @throws MalformedRequestError for a field of the wrong type. */
export function metricsFromJson(json: unknown): ExportMetricsServiceRequest {
  return create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: listOf(objectAt(json, "request"), "resourceMetrics", resourceMetrics),
  });
}

function resourceMetrics(from: JsonObject): ResourceMetrics {
  const resource = resourceAt(from);
  const scopes = listOf(from, "scopeMetrics", scopeMetrics);
  return create(ResourceMetricsSchema, { scopeMetrics: scopes, ...(resource && { resource }) });
}

function scopeMetrics(from: JsonObject): ScopeMetrics {
  const scope = scopeAt(from);
  return create(ScopeMetricsSchema, { metrics: listOf(from, "metrics", metric), ...(scope && { scope }) });
}

function metric(from: JsonObject): Metric {
  return create(MetricSchema, {
    name: textAt(from, "name"),
    description: textAt(from, "description"),
    unit: textAt(from, "unit"),
    data: dataOf(from),
  });
}

function dataOf(from: JsonObject): Metric["data"] {
  const gauge = optionalObject(from, "gauge");
  if (gauge) {
    return { case: "gauge", value: create(GaugeSchema, { dataPoints: listOf(gauge, "dataPoints", numberPoint) }) };
  }
  const sum = optionalObject(from, "sum");
  if (sum) {
    const value = create(SumSchema, {
      dataPoints: listOf(sum, "dataPoints", numberPoint),
      aggregationTemporality: temporalityOf(sum),
      isMonotonic: truthAt(sum, "isMonotonic"),
    });
    return { case: "sum", value };
  }
  const histogram = optionalObject(from, "histogram");
  if (histogram) {
    const value = create(HistogramSchema, {
      dataPoints: listOf(histogram, "dataPoints", histogramPoint),
      aggregationTemporality: temporalityOf(histogram),
    });
    return { case: "histogram", value };
  }
  const exponential = optionalObject(from, "exponentialHistogram");
  if (exponential) {
    const value = create(ExponentialHistogramSchema, {
      dataPoints: listOf(exponential, "dataPoints", exponentialPoint),
      aggregationTemporality: temporalityOf(exponential),
    });
    return { case: "exponentialHistogram", value };
  }
  const summary = optionalObject(from, "summary");
  if (!summary) return { case: undefined };
  // Nothing of a summary is kept but the number of its points.
  const dataPoints = listOf(summary, "dataPoints", () => create(SummaryDataPointSchema));
  return { case: "summary", value: create(SummarySchema, { dataPoints }) };
}

function temporalityOf(from: JsonObject): AggregationTemporality {
  return enumAt(from, "aggregationTemporality", TEMPORALITIES);
}

function timesOf(from: JsonObject) {
  return {
    attributes: attributesAt(from),
    startTimeUnixNano: integerAt(from, "startTimeUnixNano"),
    timeUnixNano: integerAt(from, "timeUnixNano"),
    flags: smallIntegerAt(from, "flags"),
  };
}

function numberPoint(from: JsonObject): NumberDataPoint {
  return create(NumberDataPointSchema, { ...timesOf(from), value: numberOf(from) });
}

function numberOf(from: JsonObject): NumberDataPoint["value"] {
  const whole = from["asInt"];
  if (whole !== undefined && whole !== null) return { case: "asInt", value: integer(whole, "asInt") };
  const value = optionalDouble(from, "asDouble");
  return value === undefined ? { case: undefined } : { case: "asDouble", value };
}

function countsAt(from: JsonObject, name: string): bigint[] {
  return arrayAt(from, name).map((entry) => integer(entry, name));
}

function summaryOf(from: JsonObject) {
  const sum = optionalDouble(from, "sum");
  const min = optionalDouble(from, "min");
  const max = optionalDouble(from, "max");
  return {
    count: integerAt(from, "count"),
    ...(sum !== undefined && { sum }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  };
}

function histogramPoint(from: JsonObject): HistogramDataPoint {
  return create(HistogramDataPointSchema, {
    ...timesOf(from),
    ...summaryOf(from),
    bucketCounts: countsAt(from, "bucketCounts"),
    explicitBounds: arrayAt(from, "explicitBounds").map((bound) => double(bound, "explicitBounds")),
  });
}

function exponentialPoint(from: JsonObject): ExponentialHistogramDataPoint {
  const positive = bucketsAt(from, "positive");
  const negative = bucketsAt(from, "negative");
  return create(ExponentialHistogramDataPointSchema, {
    ...timesOf(from),
    ...summaryOf(from),
    scale: smallIntegerAt(from, "scale"),
    zeroCount: integerAt(from, "zeroCount"),
    ...(positive && { positive }),
    ...(negative && { negative }),
  });
}

function bucketsAt(from: JsonObject, name: string) {
  const buckets = optionalObject(from, name);
  return (
    buckets &&
    create(ExponentialHistogramDataPoint_BucketsSchema, {
      offset: smallIntegerAt(buckets, "offset"),
      bucketCounts: countsAt(buckets, "bucketCounts"),
    })
  );
}
