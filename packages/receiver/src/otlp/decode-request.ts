/** Bytes of a request body → OTLP messages. Both encodings end as the same messages. */
import type { DescMessage } from "@bufbuild/protobuf";
import { countItems } from "./count-items.ts";
import {
  type ExportLogsServiceRequest,
  ExportLogsServiceRequestSchema,
} from "./generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import {
  type ExportMetricsServiceRequest,
  ExportMetricsServiceRequestSchema,
} from "./generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  type ExportTraceServiceRequest,
  ExportTraceServiceRequestSchema,
} from "./generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { logsFromJson } from "./json/logs.ts";
import { metricsFromJson } from "./json/metrics.ts";
import { parseJson } from "./json/parse.ts";
import { spansFromJson } from "./json/spans.ts";
import { MalformedRequestError } from "./malformed-request-error.ts";
import { logsFromBytes } from "./protobuf/logs.ts";
import { metricsFromBytes } from "./protobuf/metrics.ts";
import { spansFromBytes } from "./protobuf/spans.ts";
import type { Encoding, Signal } from "./signals.ts";

/** A decoded body. */
export type OtlpRequest =
  | { readonly signal: "metrics"; readonly message: ExportMetricsServiceRequest }
  | { readonly signal: "logs"; readonly message: ExportLogsServiceRequest }
  | { readonly signal: "traces"; readonly message: ExportTraceServiceRequest };

/** Limits that hold while decoding. */
export interface DecodeLimits {
  /** Messages inside a body: points, spans, records, attributes. */
  readonly maxItems: number;
}

/**
 * Decodes a body. Fields that are not known are ignored, as both encodings demand.
 *
 * @throws MalformedRequestError when it is no such request: cut off, of another type, nested too deep, too many items.
 */
export function decodeRequest(
  signal: Signal,
  encoding: Encoding,
  body: Uint8Array,
  { maxItems }: DecodeLimits,
): OtlpRequest {
  if (encoding === "json") {
    const json = parseJson(body, maxItems);
    if (signal === "metrics") return { signal, message: metricsFromJson(json) };
    if (signal === "logs") return { signal, message: logsFromJson(json) };
    return { signal, message: spansFromJson(json) };
  }
  if (signal === "metrics") {
    return { signal, message: fromBytes(ExportMetricsServiceRequestSchema, metricsFromBytes, body, maxItems) };
  }
  if (signal === "logs") {
    return { signal, message: fromBytes(ExportLogsServiceRequestSchema, logsFromBytes, body, maxItems) };
  }
  return { signal, message: fromBytes(ExportTraceServiceRequestSchema, spansFromBytes, body, maxItems) };
}

function fromBytes<M>(schema: DescMessage, read: (body: Uint8Array) => M, body: Uint8Array, maxItems: number): M {
  try {
    // A message takes at least two bytes.
    if (body.length / 2 > maxItems && countItems(schema, body, maxItems) > maxItems) {
      throw new MalformedRequestError(`holds more than ${maxItems} items: send smaller batches`, "too_large");
    }
    return read(body);
  } catch (error) {
    if (error instanceof MalformedRequestError) throw error;
    throw new MalformedRequestError(`is no ${schema.name} in protobuf: ${(error as Error).message}`);
  }
}
