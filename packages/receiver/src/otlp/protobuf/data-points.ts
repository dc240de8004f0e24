/** Data points from OTLP/protobuf. */
import type {
  ExponentialHistogramDataPoint,
  ExponentialHistogramDataPoint_Buckets,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
} from "../generated/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { NOT_READ, readAttribute } from "./common.ts";
import { LENGTH_DELIMITED, type WireReader } from "./wire-reader.ts";

/** A point of a sum or a gauge. */
export function readNumberPoint(reader: WireReader): NumberDataPoint {
  const point: NumberDataPoint = {
    $typeName: "opentelemetry.proto.metrics.v1.NumberDataPoint",
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    value: { case: undefined },
    exemplars: NOT_READ,
    flags: 0,
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 2:
        point.startTimeUnixNano = reader.fixed64();
        break;
      case 3:
        point.timeUnixNano = reader.fixed64();
        break;
      case 4:
        point.value = { case: "asDouble", value: reader.double() };
        break;
      case 6:
        point.value = { case: "asInt", value: reader.sfixed64() };
        break;
      case 7:
        point.attributes.push(readAttribute(reader));
        break;
      case 8:
        point.flags = reader.uint32();
        break;
      default:
        reader.skip(tag);
    }
  }
  return point;
}

/** A point of a histogram. */
export function readHistogramPoint(reader: WireReader): HistogramDataPoint {
  const point: HistogramDataPoint = {
    $typeName: "opentelemetry.proto.metrics.v1.HistogramDataPoint",
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    count: 0n,
    bucketCounts: [],
    explicitBounds: [],
    exemplars: NOT_READ,
    flags: 0,
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 2:
        point.startTimeUnixNano = reader.fixed64();
        break;
      case 3:
        point.timeUnixNano = reader.fixed64();
        break;
      case 4:
        point.count = reader.fixed64();
        break;
      case 5:
        point.sum = reader.double();
        break;
      case 6:
        readNumbers(reader, tag, point.bucketCounts, fixed64);
        break;
      case 7:
        readNumbers(reader, tag, point.explicitBounds, double);
        break;
      case 9:
        point.attributes.push(readAttribute(reader));
        break;
      case 10:
        point.flags = reader.uint32();
        break;
      case 11:
        point.min = reader.double();
        break;
      case 12:
        point.max = reader.double();
        break;
      default:
        reader.skip(tag);
    }
  }
  return point;
}

/** A point of an exponential histogram. */
export function readExponentialPoint(reader: WireReader): ExponentialHistogramDataPoint {
  const point: ExponentialHistogramDataPoint = {
    $typeName: "opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint",
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    count: 0n,
    scale: 0,
    zeroCount: 0n,
    flags: 0,
    exemplars: NOT_READ,
    zeroThreshold: 0,
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        point.attributes.push(readAttribute(reader));
        break;
      case 2:
        point.startTimeUnixNano = reader.fixed64();
        break;
      case 3:
        point.timeUnixNano = reader.fixed64();
        break;
      case 4:
        point.count = reader.fixed64();
        break;
      case 5:
        point.sum = reader.double();
        break;
      case 6:
        point.scale = reader.sint32();
        break;
      case 7:
        point.zeroCount = reader.fixed64();
        break;
      case 8:
        point.positive = readBuckets(reader, point.positive);
        break;
      case 9:
        point.negative = readBuckets(reader, point.negative);
        break;
      case 10:
        point.flags = reader.uint32();
        break;
      case 12:
        point.min = reader.double();
        break;
      case 13:
        point.max = reader.double();
        break;
      default:
        reader.skip(tag);
    }
  }
  return point;
}

/** A point of which nothing is read. */
export function passOverPoint(reader: WireReader): SummaryDataPoint {
  reader.bytes();
  return PASSED_OVER;
}

const PASSED_OVER: SummaryDataPoint = {
  $typeName: "opentelemetry.proto.metrics.v1.SummaryDataPoint",
  attributes: NOT_READ,
  startTimeUnixNano: 0n,
  timeUnixNano: 0n,
  count: 0n,
  sum: 0,
  quantileValues: NOT_READ,
  flags: 0,
};

function readBuckets(
  reader: WireReader,
  given: ExponentialHistogramDataPoint_Buckets | undefined,
): ExponentialHistogramDataPoint_Buckets {
  const buckets: ExponentialHistogramDataPoint_Buckets = given ?? {
    $typeName: "opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets",
    offset: 0,
    bucketCounts: [],
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) buckets.offset = reader.sint32();
    else if (tag >>> 3 === 2) readNumbers(reader, tag, buckets.bucketCounts, uint64);
    else reader.skip(tag);
  }
  return buckets;
}

/** Numbers of a list: packed into one piece, or each by itself. */
function readNumbers<T>(reader: WireReader, tag: number, into: T[], read: (reader: WireReader) => T): void {
  if ((tag & 7) !== LENGTH_DELIMITED) {
    into.push(read(reader));
    return;
  }
  for (const end = reader.endOfNext(); reader.at < end; ) into.push(read(reader));
}

const fixed64 = (reader: WireReader): bigint => reader.fixed64();
const double = (reader: WireReader): number => reader.double();
const uint64 = (reader: WireReader): bigint => reader.uint64();
