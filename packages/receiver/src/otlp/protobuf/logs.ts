/** Log records from OTLP/protobuf. Bodies and severities are not read: nothing of them is ever kept. */
import type { ExportLogsServiceRequest } from "../generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import type { InstrumentationScope } from "../generated/opentelemetry/proto/common/v1/common_pb.ts";
import type { LogRecord, ResourceLogs, ScopeLogs } from "../generated/opentelemetry/proto/logs/v1/logs_pb.ts";
import type { Resource } from "../generated/opentelemetry/proto/resource/v1/resource_pb.ts";
import { NO_BYTES, readAttribute, readResource, readScope } from "./common.ts";
import { createWireReader, type WireReader } from "./wire-reader.ts";

/** @throws Error where the bytes are no such request. */
export function logsFromBytes(bytes: Uint8Array): ExportLogsServiceRequest {
  const reader = createWireReader(bytes);
  const resourceLogs: ResourceLogs[] = [];
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) resourceLogs.push(readResourceLogs(reader));
    else reader.skip(tag);
  }
  return { $typeName: "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest", resourceLogs };
}

function readResourceLogs(reader: WireReader): ResourceLogs {
  let resource: Resource | undefined;
  const scopeLogs: ScopeLogs[] = [];
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) resource = readResource(reader, resource);
    else if (tag >>> 3 === 2) scopeLogs.push(readScopeLogs(reader));
    else reader.skip(tag);
  }
  return {
    $typeName: "opentelemetry.proto.logs.v1.ResourceLogs",
    ...(resource && { resource }),
    scopeLogs,
    schemaUrl: "",
  };
}

function readScopeLogs(reader: WireReader): ScopeLogs {
  let scope: InstrumentationScope | undefined;
  const logRecords: LogRecord[] = [];
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) scope = readScope(reader, scope);
    else if (tag >>> 3 === 2) logRecords.push(readLogRecord(reader));
    else reader.skip(tag);
  }
  return { $typeName: "opentelemetry.proto.logs.v1.ScopeLogs", ...(scope && { scope }), logRecords, schemaUrl: "" };
}

function readLogRecord(reader: WireReader): LogRecord {
  const record: LogRecord = {
    $typeName: "opentelemetry.proto.logs.v1.LogRecord",
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: "",
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    traceId: NO_BYTES,
    spanId: NO_BYTES,
    eventName: "",
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        record.timeUnixNano = reader.fixed64();
        break;
      case 6:
        record.attributes.push(readAttribute(reader));
        break;
      case 9:
        record.traceId = reader.bytes();
        break;
      case 10:
        record.spanId = reader.bytes();
        break;
      case 11:
        record.observedTimeUnixNano = reader.fixed64();
        break;
      case 12:
        record.eventName = reader.text();
        break;
      default:
        reader.skip(tag);
    }
  }
  return record;
}
