/** Metrics from OTLP/protobuf. Exemplars are not read: nothing of them is ever kept. */
import type { ExportMetricsServiceRequest } from "../generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import type { InstrumentationScope } from "../generated/opentelemetry/proto/common/v1/common_pb.ts";
import type {
  AggregationTemporality,
  ExponentialHistogram,
  Gauge,
  Histogram,
  Metric,
  ResourceMetrics,
  ScopeMetrics,
  Sum,
  Summary,
} from "../generated/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { Resource } from "../generated/opentelemetry/proto/resource/v1/resource_pb.ts";
import { listIn, NOT_READ, readEnum, readResource, readScope } from "./common.ts";
import { passOverPoint, readExponentialPoint, readHistogramPoint, readNumberPoint } from "./data-points.ts";
import { createWireReader, type WireReader } from "./wire-reader.ts";

/** @throws Error where the bytes are no such request. */
export function metricsFromBytes(bytes: Uint8Array): ExportMetricsServiceRequest {
  const reader = createWireReader(bytes);
  const resourceMetrics: ResourceMetrics[] = [];
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) resourceMetrics.push(readResourceMetrics(reader));
    else reader.skip(tag);
  }
  return { $typeName: "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest", resourceMetrics };
}

function readResourceMetrics(reader: WireReader): ResourceMetrics {
  let resource: Resource | undefined;
  const scopeMetrics: ScopeMetrics[] = [];
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) resource = readResource(reader, resource);
    else if (tag >>> 3 === 2) scopeMetrics.push(readScopeMetrics(reader));
    else reader.skip(tag);
  }
  return {
    $typeName: "opentelemetry.proto.metrics.v1.ResourceMetrics",
    ...(resource && { resource }),
    scopeMetrics,
    schemaUrl: "",
  };
}

function readScopeMetrics(reader: WireReader): ScopeMetrics {
  let scope: InstrumentationScope | undefined;
  const metrics: Metric[] = [];
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) scope = readScope(reader, scope);
    else if (tag >>> 3 === 2) metrics.push(readMetric(reader));
    else reader.skip(tag);
  }
  return { $typeName: "opentelemetry.proto.metrics.v1.ScopeMetrics", ...(scope && { scope }), metrics, schemaUrl: "" };
}

/** Of several kinds of data the last counts; points of one kind are one list. */
function readMetric(reader: WireReader): Metric {
  const metric: Metric = {
    $typeName: "opentelemetry.proto.metrics.v1.Metric",
    name: "",
    description: "",
    unit: "",
    data: { case: undefined },
    metadata: NOT_READ,
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    const { data } = metric;
    switch (tag >>> 3) {
      case 1:
        metric.name = reader.text();
        break;
      case 2:
        metric.description = reader.text();
        break;
      case 3:
        metric.unit = reader.text();
        break;
      case 5:
        metric.data = { case: "gauge", value: readGauge(reader, data.case === "gauge" ? data.value : undefined) };
        break;
      case 7:
        metric.data = { case: "sum", value: readSum(reader, data.case === "sum" ? data.value : newSum()) };
        break;
      case 9: {
        const given = data.case === "histogram" ? data.value : newHistogram();
        metric.data = { case: "histogram", value: readDistribution(reader, given, readHistogramPoint) };
        break;
      }
      case 10: {
        const given = data.case === "exponentialHistogram" ? data.value : newExponentialHistogram();
        metric.data = { case: "exponentialHistogram", value: readDistribution(reader, given, readExponentialPoint) };
        break;
      }
      case 11:
        metric.data = { case: "summary", value: readSummary(reader, data.case === "summary" ? data.value : undefined) };
        break;
      default:
        reader.skip(tag);
    }
  }
  return metric;
}

function readGauge(reader: WireReader, given: Gauge | undefined): Gauge {
  return {
    $typeName: "opentelemetry.proto.metrics.v1.Gauge",
    dataPoints: listIn(reader, readNumberPoint, given?.dataPoints),
  };
}

/** Nothing of a summary is kept but the number of its points. */
function readSummary(reader: WireReader, given: Summary | undefined): Summary {
  return {
    $typeName: "opentelemetry.proto.metrics.v1.Summary",
    dataPoints: listIn(reader, passOverPoint, given?.dataPoints),
  };
}

function newSum(): Sum {
  return {
    $typeName: "opentelemetry.proto.metrics.v1.Sum",
    dataPoints: [],
    aggregationTemporality: 0,
    isMonotonic: false,
  };
}

function newHistogram(): Histogram {
  return { $typeName: "opentelemetry.proto.metrics.v1.Histogram", dataPoints: [], aggregationTemporality: 0 };
}

function newExponentialHistogram(): ExponentialHistogram {
  return {
    $typeName: "opentelemetry.proto.metrics.v1.ExponentialHistogram",
    dataPoints: [],
    aggregationTemporality: 0,
  };
}

function readSum(reader: WireReader, sum: Sum): Sum {
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) sum.dataPoints.push(readNumberPoint(reader));
    else if (tag >>> 3 === 2) sum.aggregationTemporality = readEnum(reader);
    else if (tag >>> 3 === 3) sum.isMonotonic = reader.bool();
    else reader.skip(tag);
  }
  return sum;
}

function readDistribution<P, D extends { dataPoints: P[]; aggregationTemporality: AggregationTemporality }>(
  reader: WireReader,
  distribution: D,
  readPoint: (reader: WireReader) => P,
): D {
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) distribution.dataPoints.push(readPoint(reader));
    else if (tag >>> 3 === 2) distribution.aggregationTemporality = readEnum(reader);
    else reader.skip(tag);
  }
  return distribution;
}
