import { readFileSync } from "node:fs";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRequest } from "../../src/otlp/decode-request.ts";
import {
  type ExportMetricsServiceRequest,
  ExportMetricsServiceRequestSchema,
} from "../../src/otlp/generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { MalformedRequestError } from "../../src/otlp/malformed-request-error.ts";
import { createPointReader } from "../../src/otlp/points.ts";
import { SIGNALS } from "../../src/otlp/signals.ts";

const LIMITS = { maxItems: 100_000 };
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const read = createPointReader();

function metricsOf(body: Uint8Array, encoding: "json" | "protobuf"): ExportMetricsServiceRequest {
  const request = decodeRequest("metrics", encoding, body, LIMITS);
  if (request.signal !== "metrics") throw new Error("not metrics");
  return request.message;
}

const kindOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof MalformedRequestError) return error.kind;
    throw error;
  }
  return "taken";
};

/** A metric of one point, with what a test wants to spell differently. */
const sumOf = (point: Record<string, unknown>, sum: Record<string, unknown> = {}) => ({
  resourceMetrics: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeMetrics: [
        {
          scope: { name: "lib", version: "1" },
          metrics: [
            {
              name: "orders",
              unit: "{order}",
              sum: { aggregationTemporality: 1, isMonotonic: true, ...sum, dataPoints: [point] },
            },
          ],
        },
      ],
    },
  ],
});
const POINT = { startTimeUnixNano: "1700000000000000001", timeUnixNano: "1700000001000000002", asInt: 7 };
const onePoint = (value: unknown) => {
  const { batch } = read(metricsOf(json(value), "json"), () => {});
  return batch.series[0];
};

describe("decoding a request in JSON", () => {
  it("takes 64-bit integers as text and as numbers", () => {
    const asText = onePoint(sumOf({ ...POINT, asInt: "7" }));
    expect(onePoint(sumOf(POINT))).toEqual(asText);
    expect(asText?.points).toEqual([
      {
        startTimeUnixNano: 1_700_000_000_000_000_001n,
        timeUnixNano: 1_700_000_001_000_000_002n,
        value: { kind: "number", value: 7 },
      },
    ]);
    expect(onePoint(sumOf({ ...POINT, asInt: "9007199254740993" }))?.points[0]?.value).toEqual({
      kind: "number",
      value: 9_007_199_254_740_993n,
    });
  });

  it("takes enums as numbers, as text and as names; what it does not know is unspecified", () => {
    const temporality = (value: unknown) =>
      onePoint(sumOf(POINT, { aggregationTemporality: value }))?.identity.temporality;
    expect(temporality(2)).toBe("cumulative");
    expect(temporality("2")).toBe("cumulative");
    expect(temporality("AGGREGATION_TEMPORALITY_CUMULATIVE")).toBe("cumulative");
    expect(temporality("AGGREGATION_TEMPORALITY_OF_TOMORROW")).toBeUndefined();
    expect(temporality(99)).toBeUndefined();
  });

  it("takes doubles as numbers and as text, the odd ones included", () => {
    const value = (asDouble: unknown) => onePoint(sumOf({ ...POINT, asInt: undefined, asDouble }))?.points[0]?.value;
    expect(value(1.5)).toEqual({ kind: "number", value: 1.5 });
    expect(value("1.5")).toEqual({ kind: "number", value: 1.5 });
    expect(value("-Infinity")).toEqual({ kind: "number", value: Number.NEGATIVE_INFINITY });
    expect(value("NaN")).toEqual({ kind: "number", value: Number.NaN });
  });

  it("ignores fields that it does not know", () => {
    const known = onePoint(sumOf(POINT));
    expect(onePoint({ ...sumOf({ ...POINT, exemplars: [{ a: 1 }], tomorrow: {} }), more: [1] })).toEqual(known);
  });

  it("reads ids in hexadecimal digits of either case", () => {
    const span = {
      traceId: "0AF7651916CD43DD8448EB211C80319C",
      spanId: "b7ad6b7169203331",
      name: "chat",
      status: { code: "STATUS_CODE_ERROR" },
    };
    const request = decodeRequest(
      "traces",
      "json",
      json({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
      LIMITS,
    );
    if (request.signal !== "traces") throw new Error("not traces");
    const found = request.message.resourceSpans[0]?.scopeSpans[0]?.spans[0];
    expect(Buffer.from(found!.traceId).toString("hex")).toBe("0af7651916cd43dd8448eb211c80319c");
    expect(found?.status?.code).toBe(2);
  });

  it.each([
    ["a list", "[]"],
    ["a number", "1"],
    ["null", "null"],
    ["nothing", ""],
    ["cut off", '{"resourceMetrics":['],
    ["a resource that is a list", '{"resourceMetrics":[{"resource":[]}]}'],
    ["a list that is an object", '{"resourceMetrics":{}}'],
    ["an entry that is null", '{"resourceMetrics":[null]}'],
    ["a name that is a number", JSON.stringify(sumOf(POINT)).replace('"orders"', "5")],
    ["a time that is a truth value", JSON.stringify(sumOf({ ...POINT, timeUnixNano: true }))],
    ["a time with a fraction", JSON.stringify(sumOf({ ...POINT, timeUnixNano: 1.5 }))],
    ["an integer that is a word", JSON.stringify(sumOf({ ...POINT, asInt: "many" }))],
    ["a double that is a word", JSON.stringify(sumOf({ ...POINT, asInt: undefined, asDouble: "much" }))],
    ["flags beyond 32 bits", JSON.stringify(sumOf({ ...POINT, flags: 2 ** 40 }))],
    ["a truth value that is text", JSON.stringify(sumOf(POINT, { isMonotonic: "yes" }))],
    [
      "bytes that are a number",
      JSON.stringify(sumOf({ ...POINT, attributes: [{ key: "k", value: { bytesValue: 1 } }] })),
    ],
  ])("refuses %s", (_what, text) => {
    expect(kindOf(() => metricsOf(Buffer.from(text), "json"))).toBe("malformed");
  });

  it("refuses ids that are no hexadecimal digits", () => {
    const body = json({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "xyz" }] }] }] });
    expect(kindOf(() => decodeRequest("traces", "json", body, LIMITS))).toBe("malformed");
  });

  it("refuses what is not UTF-8", () => {
    expect(kindOf(() => metricsOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "json"))).toBe("malformed");
  });

  it("refuses what is nested deeper than any request before it is parsed", () => {
    const body = Buffer.from(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    expect(kindOf(() => metricsOf(body, "json"))).toBe("malformed");
    const brackets = json({ text: `${"[".repeat(500)}\\"${"{".repeat(500)}` });
    expect(kindOf(() => metricsOf(brackets, "json"))).toBe("taken");
  });

  it("refuses more objects than allowed", () => {
    const body = Buffer.from(`{"resourceMetrics":[${"{},".repeat(200_000)}{}]}`);
    expect(kindOf(() => metricsOf(body, "json"))).toBe("too_large");
  });
});

describe("decoding a request in protobuf", () => {
  const recording = readFileSync(new URL("../fixtures/otlp/claude-code-metrics.pb", import.meta.url));

  it("takes nothing at all for an empty request", () => {
    for (const signal of SIGNALS)
      expect(kindOf(() => decodeRequest(signal, "protobuf", new Uint8Array(), LIMITS))).toBe("taken");
  });

  it("refuses a recording that is cut off anywhere but between its parts", () => {
    const outcomes = new Set<string>();
    for (let length = 1; length < recording.length; length += 7) {
      outcomes.add(kindOf(() => metricsOf(recording.subarray(0, length), "protobuf")));
    }
    expect([...outcomes]).toEqual(["malformed"]);
  });

  it("refuses JSON that says it is protobuf", () => {
    expect(kindOf(() => metricsOf(json(sumOf(POINT)), "protobuf"))).toBe("malformed");
  });

  it("never fails in another way, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SIGNALS),
        fc.constantFrom("protobuf" as const, "json" as const),
        fc.uint8Array({ maxLength: 200 }),
        (signal, encoding, bytes) => {
          expect(["taken", "malformed"]).toContain(kindOf(() => decodeRequest(signal, encoding, bytes, LIMITS)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never fails in another way when bytes of a recording are changed", () => {
    fc.assert(
      fc.property(fc.nat(recording.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(recording);
        changed[at] = byte;
        expect(["taken", "malformed"]).toContain(kindOf(() => read(metricsOf(changed, "protobuf"), () => {})));
      }),
      { numRuns: 500 },
    );
  });

  it("refuses a length that promises more than there is", () => {
    const lying = new BinaryWriter().tag(1, WireType.LengthDelimited).uint32(0x7fff_ffff).finish();
    expect(kindOf(() => metricsOf(lying, "protobuf"))).toBe("malformed");
  });

  it("counts messages before it makes objects of them", () => {
    const empty = new BinaryWriter();
    for (let i = 0; i < 150_000; i++) empty.tag(1, WireType.LengthDelimited).uint32(0);
    const body = empty.finish();
    expect(kindOf(() => metricsOf(body, "protobuf"))).toBe("too_large");
    const inside = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .bytes(new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(body).finish());
    expect(kindOf(() => metricsOf(inside.finish(), "protobuf"))).toBe("too_large");
  });

  it("takes an attribute 60 deep and refuses one beyond 64", () => {
    const nested = (depth: number): Uint8Array => {
      let value: Record<string, unknown> = { value: { case: "boolValue", value: true } };
      for (let i = 0; i < depth; i++)
        value = { value: { case: "kvlistValue", value: { values: [{ key: "k", value }] } } };
      const attributes = [{ key: "deep", value }];
      const dataPoints = [{ attributes, value: { case: "asInt" as const, value: 1n } }];
      return toBinary(
        ExportMetricsServiceRequestSchema,
        create(ExportMetricsServiceRequestSchema, {
          resourceMetrics: [
            { scopeMetrics: [{ metrics: [{ name: "m", data: { case: "gauge", value: { dataPoints } } }] }] },
          ],
          // biome-ignore lint/suspicious/noExplicitAny: an initializer as deep as the test wants it.
        } as any),
      );
    };
    expect(kindOf(() => read(metricsOf(nested(60), "protobuf"), () => {}))).toBe("taken");
    expect(kindOf(() => read(metricsOf(nested(70), "protobuf"), () => {}))).toBe("malformed");
    expect(kindOf(() => metricsOf(nested(200), "protobuf"))).toBe("malformed");
  });
});
