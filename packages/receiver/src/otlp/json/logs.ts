/** Log records from OTLP/JSON. Bodies and severities are not read: nothing of them is ever kept. */
import { create } from "@bufbuild/protobuf";
import {
  type ExportLogsServiceRequest,
  ExportLogsServiceRequestSchema,
} from "../generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import {
  type LogRecord,
  LogRecordSchema,
  type ResourceLogs,
  ResourceLogsSchema,
  type ScopeLogs,
  ScopeLogsSchema,
} from "../generated/opentelemetry/proto/logs/v1/logs_pb.ts";
import { attributesAt, resourceAt, scopeAt } from "./common.ts";
import { idAt, integerAt, type JsonObject, listOf, objectAt, textAt } from "./values.ts";

/** @throws MalformedRequestError for a field of the wrong type. */
export function logsFromJson(json: unknown): ExportLogsServiceRequest {
  return create(ExportLogsServiceRequestSchema, {
    resourceLogs: listOf(objectAt(json, "request"), "resourceLogs", resourceLogs),
  });
}

function resourceLogs(from: JsonObject): ResourceLogs {
  const resource = resourceAt(from);
  return create(ResourceLogsSchema, {
    scopeLogs: listOf(from, "scopeLogs", scopeLogs),
    ...(resource && { resource }),
  });
}

function scopeLogs(from: JsonObject): ScopeLogs {
  const scope = scopeAt(from);
  return create(ScopeLogsSchema, { logRecords: listOf(from, "logRecords", logRecord), ...(scope && { scope }) });
}

function logRecord(from: JsonObject): LogRecord {
  return create(LogRecordSchema, {
    timeUnixNano: integerAt(from, "timeUnixNano"),
    observedTimeUnixNano: integerAt(from, "observedTimeUnixNano"),
    attributes: attributesAt(from),
    traceId: idAt(from, "traceId"),
    spanId: idAt(from, "spanId"),
    eventName: textAt(from, "eventName"),
  });
}
