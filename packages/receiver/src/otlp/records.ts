/** Spans and log records of OTLP as the mappings of agents read them. */
import type { LogRecord, SpanRecord } from "@moai-metrics/agents";
import { attributesOf, type Count } from "./attributes.ts";
import type { ExportLogsServiceRequest } from "./generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import type { ExportTraceServiceRequest } from "./generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";

/** What a request holds. */
export interface ReadRecords<Record> {
  readonly records: readonly Record[];
  /** Records in the request. */
  readonly received: number;
  /** Records that break the protocol, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const ERROR_STATUS = 2;
const NO_IDS = "span without ids";

/**
 * Spans in the order in which they came.
 * @param promoted attributes that are kept though they tell who a person is.
 */
export function spansOf(
  { resourceSpans }: ExportTraceServiceRequest,
  count: Count,
  promoted?: ReadonlySet<string>,
): ReadRecords<SpanRecord> {
  const records: SpanRecord[] = [];
  let received = 0;
  for (const { resource, scopeSpans } of resourceSpans) {
    const resourceAttributes = attributesOf(resource?.attributes ?? [], count, promoted);
    for (const { scope, spans } of scopeSpans) {
      received += spans.length;
      for (const span of spans) {
        const traceId = idOf(span.traceId, TRACE_ID_BYTES);
        const spanId = idOf(span.spanId, SPAN_ID_BYTES);
        if (traceId === undefined || spanId === undefined) continue;
        records.push({
          traceId,
          spanId,
          parentSpanId: idOf(span.parentSpanId, SPAN_ID_BYTES),
          name: span.name,
          scopeName: scope?.name,
          startMillis: millisOf(span.startTimeUnixNano),
          endMillis: millisOf(span.endTimeUnixNano),
          isError: span.status?.code === ERROR_STATUS,
          attributes: attributesOf(span.attributes, count, promoted),
          resource: resourceAttributes,
        });
      }
    }
  }
  const withoutIds = received - records.length;
  return { records, received, refused: new Map(withoutIds > 0 ? [[NO_IDS, withoutIds]] : []) };
}

/** Log records in the order in which they came. Parameters as those of {@link spansOf}. */
export function logRecordsOf(
  { resourceLogs }: ExportLogsServiceRequest,
  count: Count,
  promoted?: ReadonlySet<string>,
): ReadRecords<LogRecord> {
  const records: LogRecord[] = [];
  for (const { resource, scopeLogs } of resourceLogs) {
    const resourceAttributes = attributesOf(resource?.attributes ?? [], count, promoted);
    for (const { scope, logRecords } of scopeLogs) {
      for (const record of logRecords) {
        records.push({
          scopeName: scope?.name ?? "",
          eventName: record.eventName === "" ? undefined : record.eventName,
          timeMillis: givenMillis(record.timeUnixNano),
          observedMillis: givenMillis(record.observedTimeUnixNano),
          traceId: idOf(record.traceId, TRACE_ID_BYTES),
          spanId: idOf(record.spanId, SPAN_ID_BYTES),
          attributes: attributesOf(record.attributes, count, promoted),
          resource: resourceAttributes,
        });
      }
    }
  }
  return { records, received: records.length, refused: new Map() };
}

/** An id in hexadecimal digits; undefined for one of another length or of zeros alone, which means "none". */
function idOf(bytes: Uint8Array, length: number): string | undefined {
  if (bytes.length !== length || bytes.every((byte) => byte === 0)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function millisOf(nanos: bigint): number {
  return Number(nanos / 1_000_000n);
}

/** 0 means that the time is not known. */
function givenMillis(nanos: bigint): number | undefined {
  return nanos === 0n ? undefined : millisOf(nanos);
}
