/** Spans from OTLP/protobuf. Events and links are not read: nothing of them is ever kept. */
import type { ExportTraceServiceRequest } from "../generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { InstrumentationScope } from "../generated/opentelemetry/proto/common/v1/common_pb.ts";
import type { Resource } from "../generated/opentelemetry/proto/resource/v1/resource_pb.ts";
import type { ResourceSpans, ScopeSpans, Span, Status } from "../generated/opentelemetry/proto/trace/v1/trace_pb.ts";
import { NO_BYTES, NOT_READ, readAttribute, readEnum, readResource, readScope } from "./common.ts";
import { createWireReader, type WireReader } from "./wire-reader.ts";

/** @throws Error where the bytes are no such request. */
export function spansFromBytes(bytes: Uint8Array): ExportTraceServiceRequest {
  const reader = createWireReader(bytes);
  const resourceSpans: ResourceSpans[] = [];
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) resourceSpans.push(readResourceSpans(reader));
    else reader.skip(tag);
  }
  return { $typeName: "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest", resourceSpans };
}

function readResourceSpans(reader: WireReader): ResourceSpans {
  let resource: Resource | undefined;
  const scopeSpans: ScopeSpans[] = [];
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) resource = readResource(reader, resource);
    else if (tag >>> 3 === 2) scopeSpans.push(readScopeSpans(reader));
    else reader.skip(tag);
  }
  return {
    $typeName: "opentelemetry.proto.trace.v1.ResourceSpans",
    ...(resource && { resource }),
    scopeSpans,
    schemaUrl: "",
  };
}

function readScopeSpans(reader: WireReader): ScopeSpans {
  let scope: InstrumentationScope | undefined;
  const spans: Span[] = [];
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) scope = readScope(reader, scope);
    else if (tag >>> 3 === 2) spans.push(readSpan(reader));
    else reader.skip(tag);
  }
  return { $typeName: "opentelemetry.proto.trace.v1.ScopeSpans", ...(scope && { scope }), spans, schemaUrl: "" };
}

function readSpan(reader: WireReader): Span {
  const span: Span = {
    $typeName: "opentelemetry.proto.trace.v1.Span",
    traceId: NO_BYTES,
    spanId: NO_BYTES,
    traceState: "",
    parentSpanId: NO_BYTES,
    flags: 0,
    name: "",
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: [],
    droppedAttributesCount: 0,
    events: NOT_READ,
    droppedEventsCount: 0,
    links: NOT_READ,
    droppedLinksCount: 0,
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        span.traceId = reader.bytes();
        break;
      case 2:
        span.spanId = reader.bytes();
        break;
      case 4:
        span.parentSpanId = reader.bytes();
        break;
      case 5:
        span.name = reader.text();
        break;
      case 7:
        span.startTimeUnixNano = reader.fixed64();
        break;
      case 8:
        span.endTimeUnixNano = reader.fixed64();
        break;
      case 9:
        span.attributes.push(readAttribute(reader));
        break;
      case 15:
        span.status = readStatus(reader, span.status);
        break;
      default:
        reader.skip(tag);
    }
  }
  return span;
}

/** The message of a status is not read: it may quote what somebody wrote. */
function readStatus(reader: WireReader, given: Status | undefined): Status {
  const status: Status = given ?? { $typeName: "opentelemetry.proto.trace.v1.Status", message: "", code: 0 };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 3) status.code = readEnum(reader);
    else reader.skip(tag);
  }
  return status;
}
