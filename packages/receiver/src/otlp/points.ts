/** Metrics of OTLP as points of the store: as they were received, nothing is added up. */
import { canonicalName } from "@moai-metrics/model";
import type { Attributes, PointBatch, PointValue, SeriesIdentity, SeriesPoint, Temporality } from "@moai-metrics/store";
import { attributesOf, type Count, digestOfDropped } from "./attributes.ts";
import type { ExportMetricsServiceRequest } from "./generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import type { KeyValue } from "./generated/opentelemetry/proto/common/v1/common_pb.ts";
import type {
  ExponentialHistogramDataPoint,
  ExponentialHistogramDataPoint_Buckets,
  HistogramDataPoint,
  Metric,
  NumberDataPoint,
} from "./generated/opentelemetry/proto/metrics/v1/metrics_pb.ts";

/** What a request of metrics holds. */
export interface ReadPoints {
  readonly batch: PointBatch;
  /** Points in the request. */
  readonly received: number;
  /** Points that cannot be stored, by reason; they are not in the batch. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Reads requests of metrics. */
export type PointReader = (request: ExportMetricsServiceRequest, count: Count) => ReadPoints;

/** A daemon told this from its own ledger: taken in, it would be told again, for ever. */
const FORWARDED = "forwarded by a moai-metrics daemon";
const FORWARDED_ATTRIBUTE = canonicalName("forwarded");

/** Series that are remembered, so that the store recognises them without making their text. */
const MAX_KNOWN_SERIES = 50_000;
/** Bit 0 of the flags: the point says that there is no value. */
const NO_RECORDED_VALUE = 1;

const SUMMARY = "summary: send histograms";
const NO_DATA = "metric without data";
const NO_NAME = "metric without a name";
const NO_TEMPORALITY = "neither delta nor cumulative";
const TOLD_APART = "point whose series only dropped attributes tell from another";
const NO_VALUE = "point without a value";
const TOO_LARGE = "count beyond 2^53";

/** A series, and what was dropped where it was first met. */
interface KnownSeries {
  readonly identity: SeriesIdentity;
  readonly droppedDigest: string;
}

/** Creates a reader. The same series is the same object in every batch. */
export function createPointReader(): PointReader {
  const known = new Map<string, KnownSeries>();

  return ({ resourceMetrics }, count) => {
    const series: { identity: SeriesIdentity; points: SeriesPoint[] }[] = [];
    const refused = new Map<string, number>();
    let received = 0;
    const refuse = (reason: string, amount = 1): void => {
      if (amount > 0) refused.set(reason, (refused.get(reason) ?? 0) + amount);
    };

    for (const { resource, scopeMetrics } of resourceMetrics) {
      if (resource?.attributes.some(({ key }) => key === FORWARDED_ATTRIBUTE) === true) {
        const points = scopeMetrics.flatMap(({ metrics }) => metrics.map((metric) => pointsIn(metric).length));
        const amount = points.reduce((sum, each) => sum + each, 0);
        received += amount;
        refuse(FORWARDED, amount);
        continue;
      }
      const resourceAttributes = attributesOf(resource?.attributes ?? [], count);
      const resourceDigest = digestOfDropped(resource?.attributes ?? []);
      const resourceKey = JSON.stringify(resourceAttributes);
      for (const { scope, metrics } of scopeMetrics) {
        const scopeIdentity = { name: scope?.name ?? "", version: scope?.version ?? "" };
        for (const metric of metrics) {
          const { data, name, unit, description } = metric;
          const points = pointsIn(metric);
          received += points.length;
          const refusal = name === "" ? NO_NAME : refusalOf(metric);
          if (refusal !== undefined) {
            refuse(refusal, Math.max(points.length, 1));
            if (points.length === 0) received += 1;
            continue;
          }
          const kind = KINDS[data.case as keyof typeof KINDS];
          const temporality = temporalityOf(metric);
          const isMonotonic = data.case === "sum" && data.value.isMonotonic;
          const metricKey = `${name}\0${kind}\0${unit}\0${description}\0${temporality}\0${isMonotonic}\0${scopeIdentity.name}\0${scopeIdentity.version}\0${resourceKey}`;

          const identityOf = (given: KeyValue[], valueType: SeriesIdentity["valueType"]): SeriesIdentity => {
            const attributes: Attributes = attributesOf(given, count);
            const key = `${metricKey}\0${valueType}\0${JSON.stringify(attributes)}`;
            const droppedDigest = `${resourceDigest} ${digestOfDropped(given)}`;
            const met = known.get(key);
            if (met !== undefined) {
              if (met.droppedDigest !== droppedDigest) count(TOLD_APART);
              return met.identity;
            }
            if (known.size >= MAX_KNOWN_SERIES) known.clear();
            const common = { metric: name, kind, unit, description, temporality, isMonotonic, valueType };
            const identity = { ...common, attributes, resource: resourceAttributes, scope: scopeIdentity };
            known.set(key, { identity, droppedDigest });
            return identity;
          };

          for (const point of points) {
            const value = pointValue(point);
            if (typeof value === "string") {
              refuse(value);
              continue;
            }
            const valueType = "value" in point && point.value.case === "asInt" ? "int" : "double";
            series.push({
              identity: identityOf(point.attributes, valueType),
              points: [{ startTimeUnixNano: point.startTimeUnixNano, timeUnixNano: point.timeUnixNano, value }],
            });
          }
        }
      }
    }
    return { batch: { series }, received, refused };
  };
}

type DataPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint;

const KINDS = {
  sum: "sum",
  gauge: "gauge",
  histogram: "histogram",
  exponentialHistogram: "exponential_histogram",
} as const;

function pointsIn({ data }: Metric): readonly DataPoint[] {
  // A summary is refused by the number of its points, which are not looked at.
  return data.case === undefined ? [] : (data.value.dataPoints as readonly DataPoint[]);
}

/** Why no point of a metric can be stored. */
function refusalOf({ data }: Metric): string | undefined {
  if (data.case === undefined) return NO_DATA;
  if (data.case === "summary") return SUMMARY;
  if (data.case === "gauge") return undefined;
  const { aggregationTemporality } = data.value;
  return aggregationTemporality === 1 || aggregationTemporality === 2 ? undefined : NO_TEMPORALITY;
}

function temporalityOf({ data }: Metric): Temporality {
  if (data.case === undefined || data.case === "summary" || data.case === "gauge") return "none";
  return data.value.aggregationTemporality === 1 ? "delta" : "cumulative";
}

/** The value of a point, or why it has none that could be stored. */
function pointValue(point: DataPoint): PointValue | string {
  if ((point.flags & NO_RECORDED_VALUE) !== 0) return NO_VALUE;
  if ("bucketCounts" in point) return histogramValue(point);
  if ("zeroCount" in point) return exponentialValue(point);
  if (point.value.case === undefined) return NO_VALUE;
  const { value } = point.value;
  return { kind: "number", value: typeof value === "bigint" ? narrow(value) : value };
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function histogramValue(point: HistogramDataPoint): PointValue | string {
  // Without buckets, as the protocol allows, the one bucket is everything.
  const counts = point.bucketCounts.length === 0 ? [Number(point.count)] : point.bucketCounts.map(Number);
  const summary = summaryOf(point);
  if (!isCounts(counts) || !Number.isSafeInteger(summary.count)) return TOO_LARGE;
  return { kind: "histogram", ...summary, bounds: point.explicitBounds, counts };
}

function exponentialValue(point: ExponentialHistogramDataPoint): PointValue | string {
  const summary = summaryOf(point);
  const zeroCount = Number(point.zeroCount);
  const positive = bucketsOf(point.positive);
  const negative = bucketsOf(point.negative);
  const counts = [summary.count, zeroCount, ...positive.counts, ...negative.counts];
  if (!isCounts(counts)) return TOO_LARGE;
  return { kind: "exponential_histogram", ...summary, scale: point.scale, zeroCount, positive, negative };
}

function summaryOf({ count, sum, min, max }: HistogramDataPoint | ExponentialHistogramDataPoint) {
  return { count: Number(count), sum, min, max };
}

function bucketsOf(buckets: ExponentialHistogramDataPoint_Buckets | undefined) {
  return { offset: buckets?.offset ?? 0, counts: (buckets?.bucketCounts ?? []).map(Number) };
}

function isCounts(counts: readonly number[]): boolean {
  return counts.every(Number.isSafeInteger);
}
