import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { ExportLogsServiceResponseSchema } from "../../src/otlp/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceResponseSchema } from "../../src/otlp/generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../src/otlp/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { RPC_CODES, statusBody, successBody } from "../../src/otlp/responses.ts";
import { encodingOf } from "../../src/otlp/signals.ts";

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("bodies of answers", () => {
  it("are empty for a full success", () => {
    expect(successBody("metrics", "protobuf")).toHaveLength(0);
    expect(textOf(successBody("traces", "json"))).toBe("{}");
  });

  it("say in each signal's words how much was not taken", () => {
    const partial = { rejected: 3, message: "why" };
    expect(
      fromBinary(ExportMetricsServiceResponseSchema, successBody("metrics", "protobuf", partial)).partialSuccess,
    ).toMatchObject({ rejectedDataPoints: 3n, errorMessage: "why" });
    expect(
      fromBinary(ExportLogsServiceResponseSchema, successBody("logs", "protobuf", partial)).partialSuccess,
    ).toMatchObject({ rejectedLogRecords: 3n, errorMessage: "why" });
    expect(
      fromBinary(ExportTraceServiceResponseSchema, successBody("traces", "protobuf", partial)).partialSuccess,
    ).toMatchObject({ rejectedSpans: 3n, errorMessage: "why" });
    expect(JSON.parse(textOf(successBody("traces", "json", partial)))).toEqual({
      partialSuccess: { rejectedSpans: "3", errorMessage: "why" },
    });
  });

  it("are a google.rpc.Status for an error", () => {
    expect(JSON.parse(textOf(statusBody("json", RPC_CODES.invalidArgument, "bad")))).toEqual({
      code: 3,
      message: "bad",
    });
    const reader = new BinaryReader(statusBody("protobuf", RPC_CODES.unavailable, "später"));
    expect([reader.tag()[0], reader.int32(), reader.tag()[0], reader.string()]).toEqual([1, 14, 2, "später"]);
  });

  it("know the two content types in every spelling", () => {
    expect(encodingOf("application/json; charset=utf-8")).toBe("json");
    expect(encodingOf("Application/X-Protobuf")).toBe("protobuf");
    expect(encodingOf("text/plain")).toBeUndefined();
    expect(encodingOf(undefined)).toBeUndefined();
  });
});
