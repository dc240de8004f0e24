/** Our reading of protobuf beside the library that the generator of the types belongs to. */
import { readFileSync } from "node:fs";
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExportLogsServiceRequestSchema } from "../../src/otlp/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../src/otlp/generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../src/otlp/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { createPointReader } from "../../src/otlp/points.ts";
import { logsFromBytes } from "../../src/otlp/protobuf/logs.ts";
import { metricsFromBytes } from "../../src/otlp/protobuf/metrics.ts";
import { spansFromBytes } from "../../src/otlp/protobuf/spans.ts";
import { createWireReader } from "../../src/otlp/protobuf/wire-reader.ts";
import { logRecordsOf, spansOf } from "../../src/otlp/records.ts";

/** What comes of bytes, with everything that was counted; undefined where they are refused. */
function outcome(read: (count: (reason: string) => void) => unknown): unknown {
  const counted: string[] = [];
  try {
    const taken = read((reason) => counted.push(reason));
    return { taken, counted };
  } catch {
    return undefined;
  }
}

const OPTIONS = { readUnknownFields: false, recursionLimit: 210 };
const LOGS = {
  schema: ExportLogsServiceRequestSchema,
  ours: (bytes: Uint8Array) => outcome((count) => logRecordsOf(logsFromBytes(bytes), count)),
  theirs: (bytes: Uint8Array) =>
    outcome((count) => logRecordsOf(fromBinary(ExportLogsServiceRequestSchema, bytes, OPTIONS), count)),
};
const TRACES = {
  schema: ExportTraceServiceRequestSchema,
  ours: (bytes: Uint8Array) => outcome((count) => spansOf(spansFromBytes(bytes), count)),
  theirs: (bytes: Uint8Array) =>
    outcome((count) => spansOf(fromBinary(ExportTraceServiceRequestSchema, bytes, OPTIONS), count)),
};
const METRICS = {
  schema: ExportMetricsServiceRequestSchema,
  ours: (bytes: Uint8Array) => outcome((count) => createPointReader()(metricsFromBytes(bytes), count)),
  theirs: (bytes: Uint8Array) =>
    outcome((count) => createPointReader()(fromBinary(ExportMetricsServiceRequestSchema, bytes, OPTIONS), count)),
};

const bytesOf = <Desc extends DescMessage>(schema: Desc, init: unknown): Uint8Array =>
  toBinary(schema, create(schema, init as MessageInitShape<Desc>));

const MAX_UINT64 = 2n ** 64n - 1n;
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 100 }), fc.constantFrom("", "\ufeffa", "gen_ai.prompt"));
const uint64 = fc.bigInt({ min: 0n, max: MAX_UINT64 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint32 = fc.nat(0xffff_ffff);
const value = fc.letrec<{ value: unknown; values: unknown; entries: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc.record({ value: fc.record({ case: fc.constant("stringValue"), value: text }) }),
    fc.record({ value: fc.record({ case: fc.constant("boolValue"), value: fc.boolean() }) }),
    fc.record({ value: fc.record({ case: fc.constant("intValue"), value: int64 }) }),
    fc.record({ value: fc.record({ case: fc.constant("doubleValue"), value: fc.double() }) }),
    fc.record({ value: fc.record({ case: fc.constant("bytesValue"), value: fc.uint8Array({ maxLength: 9 }) }) }),
    fc.record({ value: fc.record({ case: fc.constant("stringValueStrindex"), value: fc.integer() }) }),
    fc.record({ value: fc.record({ case: fc.constant("arrayValue"), value: fc.record({ values: tie("values") }) }) }),
    fc.record({ value: fc.record({ case: fc.constant("kvlistValue"), value: fc.record({ values: tie("entries") }) }) }),
  ),
  values: fc.array(tie("value"), { maxLength: 3 }),
  entries: fc.array(fc.record({ key: text, value: tie("value") }, { requiredKeys: ["key"] }), { maxLength: 3 }),
}));
const attributes = value.entries;
const resource = fc.option(fc.record({ attributes }), { nil: undefined });
const scope = fc.option(fc.record({ name: text, version: text, attributes }), { nil: undefined });
const upToThree = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(each, { maxLength: 3 });

const logs = fc.record({
  resourceLogs: upToThree(
    fc.record({
      resource,
      schemaUrl: text,
      scopeLogs: upToThree(
        fc.record({
          scope,
          logRecords: upToThree(
            fc.record({
              timeUnixNano: uint64,
              observedTimeUnixNano: uint64,
              severityNumber: fc.nat(24),
              severityText: text,
              body: value.value,
              attributes,
              flags: uint32,
              traceId: fc.uint8Array({ minLength: 15, maxLength: 16 }),
              spanId: fc.uint8Array({ minLength: 7, maxLength: 8 }),
              eventName: text,
            }),
          ),
        }),
      ),
    }),
  ),
});

const traces = fc.record({
  resourceSpans: upToThree(
    fc.record({
      resource,
      scopeSpans: upToThree(
        fc.record({
          scope,
          spans: upToThree(
            fc.record({
              traceId: fc.uint8Array({ minLength: 15, maxLength: 16 }),
              spanId: fc.uint8Array({ minLength: 7, maxLength: 8 }),
              parentSpanId: fc.uint8Array({ minLength: 7, maxLength: 8 }),
              traceState: text,
              name: text,
              kind: fc.nat(5),
              startTimeUnixNano: uint64,
              endTimeUnixNano: uint64,
              attributes,
              events: upToThree(fc.record({ name: text, attributes })),
              links: upToThree(fc.record({ attributes })),
              status: fc.option(fc.record({ code: fc.nat(3), message: text }), { nil: undefined }),
            }),
          ),
        }),
      ),
    }),
  ),
});

const common = { attributes, startTimeUnixNano: uint64, timeUnixNano: uint64, flags: fc.nat(2) };
const distribution = {
  ...common,
  count: uint64,
  sum: fc.option(fc.double(), { nil: undefined }),
  min: fc.option(fc.double(), { nil: undefined }),
  max: fc.option(fc.double(), { nil: undefined }),
};
const buckets = fc.option(fc.record({ offset: fc.integer(), bucketCounts: upToThree(uint64) }), { nil: undefined });
const exemplars = upToThree(fc.record({ filteredAttributes: attributes, timeUnixNano: uint64 }));
const numberPoints = upToThree(
  fc.record({
    ...common,
    exemplars,
    value: fc.oneof(
      fc.record({ case: fc.constant("asInt"), value: int64 }),
      fc.record({ case: fc.constant("asDouble"), value: fc.double() }),
      fc.constant({ case: undefined }),
    ),
  }),
);
const aggregationTemporality = fc.nat(2);
const dataOf = <T>(name: string, of: fc.Arbitrary<T>) => fc.record({ case: fc.constant(name), value: of });
const metrics = fc.record({
  resourceMetrics: upToThree(
    fc.record({
      resource,
      scopeMetrics: upToThree(
        fc.record({
          scope,
          metrics: upToThree(
            fc.record({
              name: text,
              description: text,
              unit: text,
              metadata: attributes,
              data: fc.oneof(
                fc.constant({ case: undefined }),
                dataOf("gauge", fc.record({ dataPoints: numberPoints })),
                dataOf(
                  "sum",
                  fc.record({ dataPoints: numberPoints, aggregationTemporality, isMonotonic: fc.boolean() }),
                ),
                dataOf(
                  "histogram",
                  fc.record({
                    aggregationTemporality,
                    dataPoints: upToThree(
                      fc.record({
                        ...distribution,
                        exemplars,
                        bucketCounts: upToThree(uint64),
                        explicitBounds: upToThree(fc.double()),
                      }),
                    ),
                  }),
                ),
                dataOf(
                  "exponentialHistogram",
                  fc.record({
                    aggregationTemporality,
                    dataPoints: upToThree(
                      fc.record({
                        ...distribution,
                        exemplars,
                        scale: fc.integer(),
                        zeroCount: uint64,
                        positive: buckets,
                        negative: buckets,
                        zeroThreshold: fc.double(),
                      }),
                    ),
                  }),
                ),
                dataOf("summary", fc.record({ dataPoints: upToThree(fc.record({ attributes, count: uint64 })) })),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
});

describe.each([
  { name: "logs", message: logs, ...LOGS },
  { name: "traces", message: traces, ...TRACES },
  { name: "metrics", message: metrics, ...METRICS },
])("reading $name in protobuf", ({ message, schema, ours, theirs }) => {
  it("gives what the library gives, for whole requests and for two in one", () => {
    fc.assert(
      fc.property(message, message, (one, other) => {
        const bytes = bytesOf(schema, one);
        expect(ours(bytes)).toEqual(theirs(bytes));
        const both = Buffer.concat([bytes, bytesOf(schema, other)]);
        expect(ours(both)).toEqual(theirs(both));
      }),
      { numRuns: 100 },
    );
  });

  it("refuses what is cut off where the library does", () => {
    fc.assert(
      fc.property(message, fc.nat(), (whole, at) => {
        const bytes = bytesOf(schema, whole);
        const cut = bytes.subarray(0, bytes.length === 0 ? 0 : at % bytes.length);
        expect(ours(cut)).toEqual(theirs(cut));
      }),
      { numRuns: 200 },
    );
  });

  it("passes over fields that it does not know, groups among them", () => {
    fc.assert(
      fc.property(message, (known) => {
        const unknown = new BinaryWriter()
          .tag(900, WireType.Varint)
          .uint64(MAX_UINT64)
          .tag(901, WireType.Bit32)
          .fixed32(1)
          .tag(902, WireType.Bit64)
          .fixed64(1n)
          .tag(903, WireType.LengthDelimited)
          .string("x")
          .tag(904, WireType.StartGroup)
          .tag(1, WireType.StartGroup)
          .tag(1, WireType.EndGroup)
          .tag(904, WireType.EndGroup)
          .finish();
        const bytes = Buffer.concat([unknown, bytesOf(schema, known), unknown]);
        expect(ours(bytes)).toEqual(theirs(bytes));
        expect(ours(bytes)).toBeDefined();
      }),
      { numRuns: 20 },
    );
  });
});

describe("reading protobuf", () => {
  const recording = (name: string): Buffer => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url));

  it("gives what the library gives for what Claude Code sent, at any length", () => {
    for (const [name, { ours, theirs }] of Object.entries({
      "claude-code-logs.pb": LOGS,
      "claude-code-traces.pb": TRACES,
      "claude-code-metrics.pb": METRICS,
    })) {
      const bytes = recording(name);
      expect(ours(bytes)).toEqual(theirs(bytes));
      for (let length = 0; length < bytes.length; length += 97) {
        const cut = bytes.subarray(0, length);
        expect(ours(cut)).toEqual(theirs(cut));
      }
    }
  });

  it("makes one of messages and values that come twice, as the format demands", () => {
    const entry = (field: number, bytes: Uint8Array): Uint8Array =>
      new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
    const listOf = (...values: number[]): Uint8Array =>
      entry(
        5,
        Buffer.concat(values.map((each) => entry(1, new BinaryWriter().tag(3, WireType.Varint).int32(each).finish()))),
      );
    const attribute = (...parts: Uint8Array[]): Uint8Array =>
      Buffer.concat([entry(1, Buffer.from("list")), ...parts.map((part) => entry(2, part))]);
    const resourceOf = (...parts: Uint8Array[]): Uint8Array => entry(1, entry(1, attribute(...parts)));
    const scopeOf = (field: number, word: string): Uint8Array => entry(1, entry(field, Buffer.from(word)));
    const record = entry(2, entry(12, Buffer.from("tick")));
    const scopes = entry(2, Buffer.concat([scopeOf(1, "a"), scopeOf(2, "1"), scopeOf(1, "b"), record]));
    const bytes = entry(1, Buffer.concat([resourceOf(listOf(1), listOf(2, 3)), resourceOf(listOf(4)), scopes]));
    expect(LOGS.ours(bytes)).toEqual(LOGS.theirs(bytes));
    expect(logRecordsOf(logsFromBytes(bytes), () => {}).records[0]).toMatchObject({
      scopeName: "b",
      resource: { list: [4] },
    });
  });

  it("takes numbers of a list that come each by themselves", () => {
    const alone = new BinaryWriter();
    for (const count of [1n, 2n]) alone.tag(6, WireType.Bit64).fixed64(count);
    alone.tag(7, WireType.Bit64).double(5);
    const wrapped = [1, 9, 2, 2, 1].reduce(
      (inner, field) => new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(inner).finish(),
      alone.finish(),
    );
    const points = metricsFromBytes(wrapped).resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.data;
    expect(points?.case === "histogram" && points.value.dataPoints[0]).toMatchObject({
      bucketCounts: [1n, 2n],
      explicitBounds: [5],
    });
  });

  it("refuses a value that is written as another type", () => {
    const time = new BinaryWriter().tag(1, WireType.Varint).uint32(5).finish();
    const bytes = [2, 2, 1].reduce(
      (inner, field) => new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(inner).finish(),
      time,
    );
    expect(() => logsFromBytes(bytes)).toThrow("another type");
  });

  it.each([
    ["a tag of more than 32 bits", [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ["field 0", [0x00]],
    ["a kind of value that there is not", [0x0f]],
    ["a number that never ends", [0x10, ...new Array<number>(11).fill(0x80)]],
    ["a length that never ends", [0x12, ...new Array<number>(11).fill(0x80)]],
    ["a group that never ends", [0x13]],
    ["a group that ends as another one", [0x13, 0x1c]],
    ["the end of a group that did not begin", [0x14]],
    ["groups nested without end", new Array<number>(1000).fill(0x13)],
  ])("refuses %s", (_what, bytes) => {
    expect(() => logsFromBytes(Uint8Array.from(bytes))).toThrow(Error);
    expect(LOGS.theirs(Uint8Array.from(bytes))).toBeUndefined();
  });

  it("refuses texts that are not UTF-8, and takes texts that share a place in memory", () => {
    const read = (bytes: Uint8Array): string => createWireReader(Uint8Array.from([bytes.length, ...bytes])).text();
    expect(() => read(Uint8Array.from([0xff]))).toThrow(TypeError);
    expect(read(Buffer.from("é"))).toBe("é");
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 70 }), { maxLength: 50 }), (words) => {
        for (const word of words.filter((each) => Buffer.byteLength(each) < 128)) {
          expect(read(Buffer.from(word))).toBe(word);
        }
      }),
    );
  });
});
