/** Bodies of OTLP requests whose times can be changed in place: every point and span is a new one. */
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ExportLogsServiceRequestSchema } from "../../packages/receiver/src/otlp/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../packages/receiver/src/otlp/generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import type { Bodies } from "./http-load.ts";

/** Bytes of a time that occurs nowhere else in a body. */
const MARK = 0x5a_a5_5a_a5_5a_a5_5a_a5n;
const START_NANO = 1_790_000_000_000_000_000n;

type Attributes = Readonly<Record<string, string | number>>;

const keyValues = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: {
      value:
        typeof value === "string"
          ? { case: "stringValue" as const, value }
          : { case: "intValue" as const, value: BigInt(value) },
    },
  }));

const resource = {
  attributes: keyValues({ "service.name": "bench", "service.version": "1.0.0", "host.arch": "amd64" }),
};

/** Bodies with `count` delta points of as many series, a millisecond apart. */
export function metricBodies(count: number): Bodies {
  const dataPoints = Array.from({ length: count }, (_, at) => ({
    attributes: keyValues({
      "gen_ai.agent.name": `agent-${at % 10}`,
      "gen_ai.request.model": `model-${Math.floor(at / 10)}`,
      type: "input",
    }),
    startTimeUnixNano: START_NANO,
    timeUnixNano: MARK,
    value: { case: "asInt" as const, value: 1n },
  }));
  const data = { case: "sum" as const, value: { dataPoints, aggregationTemporality: 1 as const, isMonotonic: true } };
  const scopeMetrics = [{ scope: { name: "bench" }, metrics: [{ name: "bench.tokens", unit: "{token}", data }] }];
  return bodies(ExportMetricsServiceRequestSchema, { resourceMetrics: [{ resource, scopeMetrics }] }, 1);
}

/** Bodies with `count` log records of these attributes, a second apart: no quarter hour has more calls than rows. */
export function logBodies(count: number, attributes: Attributes, service = "bench"): Bodies {
  const logRecords = Array.from({ length: count }, (_, at) => ({
    timeUnixNano: MARK,
    observedTimeUnixNano: START_NANO,
    body: { value: { case: "stringValue" as const, value: "bench" } },
    // Each record is an event of its own: its id follows from its place and its time.
    attributes: keyValues({ ...attributes, ...(attributes["request_id"] !== undefined && { request_id: idAt(at) }) }),
  }));
  const scopeLogs = [{ scope: { name: "com.anthropic.claude_code.events" }, logRecords }];
  const ofService = { attributes: keyValues({ "service.name": service }) };
  return bodies(ExportLogsServiceRequestSchema, { resourceLogs: [{ resource: ofService, scopeLogs }] }, 1000);
}

/** Eight characters that are changed in place follow the mark. */
const idAt = (at: number): string => `req_${String(at).padStart(3, "0")}_########`;
const ID_MARK = Buffer.from("########");

function bodies<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>, stepMillis: number): Bodies {
  const template = Buffer.from(toBinary(schema, create(schema, init)));
  const mark = Buffer.alloc(8);
  mark.writeBigUInt64LE(MARK);
  const times = placesOf(template, mark);
  const ids = placesOf(template, ID_MARK);
  const stepNanos = BigInt(stepMillis) * 1_000_000n;
  let nano = START_NANO;
  let number = 0;
  return {
    template,
    renew: (body) => {
      nano += stepNanos;
      for (const at of times) body.writeBigUInt64LE(nano, at);
      if (ids.length === 0) return;
      number += 1;
      const id = number.toString(36).padStart(8, "0");
      for (const at of ids) body.write(id, at, "latin1");
    },
  };
}

function placesOf(bytes: Buffer, wanted: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}
