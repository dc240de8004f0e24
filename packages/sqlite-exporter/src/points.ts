/** Turns what an OpenTelemetry reader collected into points as the store keeps them. Nothing is added up here. */
import type { Attributes, AttributeValue, PointBatch, PointValue, SeriesIdentity } from "@moai-metrics/store";
import type { HrTime } from "@opentelemetry/api";
import { ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";

/** The points of one collection, and how many there are. */
export interface CollectedPoints {
  readonly batch: PointBatch;
  readonly count: number;
}

/** One entry per data point, each with its start time, so that resets and restarts of a cumulative series show. */
export function pointsOf(collected: ResourceMetrics): CollectedPoints {
  const resource = attributesOf(withoutCommandLine(collected.resource.attributes));
  const series: PointBatch["series"][number][] = [];
  for (const { scope, metrics } of collected.scopeMetrics) {
    const scopeIdentity = { name: scope.name, version: scope.version ?? "" };
    for (const metric of metrics) {
      const common = { ...metricIdentity(metric), resource, scope: scopeIdentity };
      for (const point of metric.dataPoints as DataPoint<number | Histogram | ExponentialHistogram>[]) {
        series.push({
          identity: { ...common, attributes: attributesOf(point.attributes) },
          points: [
            {
              startTimeUnixNano: nanosOf(point.startTime),
              timeUnixNano: nanosOf(point.endTime),
              value: pointValue(metric.dataPointType, point.value),
            },
          ],
        });
      }
    }
  }
  return { batch: { series }, count: series.length };
}

/** Nanoseconds since the Unix epoch. */
export function nanosOf([seconds, nanos]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** Attributes by which a resource tells with which arguments its process was started: these may hold secrets. */
const COMMAND_LINE: ReadonlySet<string> = new Set(["process.command", "process.command_args", "process.command_line"]);

function withoutCommandLine(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !COMMAND_LINE.has(key)));
}

/**
 * Attributes as OpenTelemetry allows them. Values that are undefined or null are left out; values of other kinds are
 * kept as text.
 */
function attributesOf(attributes: Readonly<Record<string, unknown>>): Attributes {
  const result: Record<string, AttributeValue> = {};
  for (const key in attributes) {
    const value = attributeValue(attributes[key]);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function attributeValue(value: unknown): AttributeValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (isPrimitive(value)) return value;
  if (Array.isArray(value)) return value.map((each) => (isPrimitive(each) ? each : null));
  return textOf(value);
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function textOf(value: unknown): string {
  try {
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  } catch {
    return "[unreadable]";
  }
}

type MetricIdentity = Omit<SeriesIdentity, "attributes" | "resource" | "scope">;

function metricIdentity(metric: MetricData): MetricIdentity {
  const { name, unit, description, valueType } = metric.descriptor;
  return {
    metric: name,
    unit,
    description,
    kind: KINDS[metric.dataPointType],
    temporality: temporalityOf(metric),
    isMonotonic: metric.dataPointType === DataPointType.SUM && metric.isMonotonic,
    valueType: valueType === ValueType.INT ? "int" : "double",
  };
}

const KINDS = {
  [DataPointType.SUM]: "sum",
  [DataPointType.GAUGE]: "gauge",
  [DataPointType.HISTOGRAM]: "histogram",
  [DataPointType.EXPONENTIAL_HISTOGRAM]: "exponential_histogram",
} as const;

function temporalityOf(metric: MetricData): SeriesIdentity["temporality"] {
  if (metric.dataPointType === DataPointType.GAUGE) return "none";
  return metric.aggregationTemporality === AggregationTemporality.DELTA ? "delta" : "cumulative";
}

function pointValue(type: DataPointType, value: number | Histogram | ExponentialHistogram): PointValue {
  if (typeof value === "number") return { kind: "number", value };
  const { count, sum, min, max } = value;
  if (type === DataPointType.HISTOGRAM) {
    const { boundaries, counts } = (value as Histogram).buckets;
    return { kind: "histogram", count, sum, min, max, bounds: boundaries, counts };
  }
  const { scale, zeroCount, positive, negative } = value as ExponentialHistogram;
  return {
    kind: "exponential_histogram",
    count,
    sum,
    min,
    max,
    scale,
    zeroCount,
    positive: { offset: positive.offset, counts: positive.bucketCounts },
    negative: { offset: negative.offset, counts: negative.bucketCounts },
  };
}
