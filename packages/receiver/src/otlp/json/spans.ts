/** Spans from OTLP/JSON. Events, links and status messages are not read: nothing of them is ever kept. */
import { create } from "@bufbuild/protobuf";
import {
  type ExportTraceServiceRequest,
  ExportTraceServiceRequestSchema,
} from "../generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import {
  type ResourceSpans,
  ResourceSpansSchema,
  type ScopeSpans,
  ScopeSpansSchema,
  type Span,
  SpanSchema,
  Status_StatusCode,
  StatusSchema,
} from "../generated/opentelemetry/proto/trace/v1/trace_pb.ts";
import { attributesAt, resourceAt, scopeAt } from "./common.ts";
import { enumAt, idAt, integerAt, type JsonObject, listOf, objectAt, optionalObject, textAt } from "./values.ts";

const STATUS_CODES = {
  STATUS_CODE_UNSET: Status_StatusCode.UNSET,
  STATUS_CODE_OK: Status_StatusCode.OK,
  STATUS_CODE_ERROR: Status_StatusCode.ERROR,
};

/** @throws MalformedRequestError for a field of the wrong type. */
export function spansFromJson(json: unknown): ExportTraceServiceRequest {
  return create(ExportTraceServiceRequestSchema, {
    resourceSpans: listOf(objectAt(json, "request"), "resourceSpans", resourceSpans),
  });
}

function resourceSpans(from: JsonObject): ResourceSpans {
  const resource = resourceAt(from);
  return create(ResourceSpansSchema, {
    scopeSpans: listOf(from, "scopeSpans", scopeSpans),
    ...(resource && { resource }),
  });
}

function scopeSpans(from: JsonObject): ScopeSpans {
  const scope = scopeAt(from);
  return create(ScopeSpansSchema, { spans: listOf(from, "spans", span), ...(scope && { scope }) });
}

function span(from: JsonObject): Span {
  const status = optionalObject(from, "status");
  return create(SpanSchema, {
    traceId: idAt(from, "traceId"),
    spanId: idAt(from, "spanId"),
    parentSpanId: idAt(from, "parentSpanId"),
    name: textAt(from, "name"),
    startTimeUnixNano: integerAt(from, "startTimeUnixNano"),
    endTimeUnixNano: integerAt(from, "endTimeUnixNano"),
    attributes: attributesAt(from),
    ...(status && { status: create(StatusSchema, { code: enumAt(status, "code", STATUS_CODES) }) }),
  });
}
