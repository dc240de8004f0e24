import { readFileSync } from "node:fs";
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, AggregationType, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it } from "vitest";
import { decodeRequest } from "../../src/otlp/decode-request.ts";
import { createPointReader, type ReadPoints } from "../../src/otlp/points.ts";
import type { Encoding } from "../../src/otlp/signals.ts";

class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const LIMITS = { maxItems: 100_000 };
const counts = new Map<string, number>();
afterEach(() => counts.clear());

function read(body: Uint8Array, encoding: Encoding, reader = createPointReader()): ReadPoints {
  const request = decodeRequest("metrics", encoding, body, LIMITS);
  if (request.signal !== "metrics") throw new Error("not metrics");
  return reader(request.message, (reason, amount = 1) => counts.set(reason, (counts.get(reason) ?? 0) + amount));
}

const recording = (name: string): Buffer => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url));
const gauge = (point: Record<string, unknown>, metric: Record<string, unknown> = {}): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: "m", gauge: { dataPoints: [{ timeUnixNano: 5, ...point }] }, ...metric }] },
          ],
        },
      ],
    }),
  );
const attribute = (key: string, value: unknown) => ({ key, value });

/** Sums of number points by metric and an attribute. */
function sums(points: ReadPoints, metric: string, by: string): Record<string, number> {
  const result: Record<string, number> = {};
  for (const {
    identity,
    points: [point],
  } of points.batch.series) {
    if (identity.metric !== metric || point?.value.kind !== "number") continue;
    const key = String(identity.attributes[by]);
    result[key] = (result[key] ?? 0) + Number(point.value.value);
  }
  return result;
}

describe("reading points", () => {
  it("reads what Claude Code sends in protobuf: two calls of known tokens", () => {
    const points = read(recording("claude-code-metrics.pb"), "protobuf");
    expect(sums(points, "claude_code.token.usage", "type")).toEqual({
      input: 2400,
      output: 690,
      cacheRead: 1600,
      cacheCreation: 200,
    });
    expect(points.refused.size).toBe(0);
    expect(points.received).toBe(points.batch.series.length);
  });

  it("reads what Claude Code sends in JSON: seven calls of known tokens", () => {
    const points = read(recording("claude-code-metrics.json"), "json");
    expect(sums(points, "claude_code.token.usage", "type")["input"]).toBe(8400);
    expect(points.batch.series.every(({ identity }) => identity.temporality !== "cumulative")).toBe(true);
  });

  it("reads the cumulative metrics of Gemini CLI and the histograms of Codex", () => {
    const gemini = read(recording("gemini-cli-metrics.json"), "json");
    expect(gemini.batch.series.some(({ identity }) => identity.temporality === "cumulative")).toBe(true);
    const codex = read(recording("codex-metrics.pb"), "protobuf");
    expect(codex.batch.series.some(({ identity }) => identity.kind === "histogram")).toBe(true);
    expect([gemini.refused.size, codex.refused.size]).toEqual([0, 0]);
  });

  it("gives the same points for both encodings, of every instrument of the SDK", async () => {
    const reader = new Reader({
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
      aggregationSelector: () => ({ type: AggregationType.DEFAULT }),
    });
    const provider = new MeterProvider({
      readers: [reader],
      resource: resourceFromAttributes({ "service.name": "shop", ready: true, ports: [1, 2] }),
      views: [{ instrumentName: "sizes", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
    });
    const meter = provider.getMeter("lib", "1.2.3");
    meter
      .createCounter("orders", { unit: "{order}", description: "Orders" })
      .add(2, { shop: "a", vip: true, n: 3, x: 0.5 });
    meter.createUpDownCounter("open").add(-4);
    meter.createHistogram("seconds", { unit: "s", advice: { explicitBucketBoundaries: [0.1, 1] } }).record(0.5);
    for (const size of [1, 2, -8, 0]) meter.createHistogram("sizes").record(Math.max(size, 0));
    meter.createObservableGauge("load").addCallback((result) => result.observe(0.25));
    const { resourceMetrics } = await reader.collect();
    const binary = read(ProtobufMetricsSerializer.serializeRequest(resourceMetrics)!, "protobuf");
    const text = read(JsonMetricsSerializer.serializeRequest(resourceMetrics)!, "json");
    expect(text).toEqual(binary);
    const orders = binary.batch.series.find(({ identity }) => identity.metric === "orders");
    expect(orders?.identity).toEqual({
      metric: "orders",
      kind: "sum",
      unit: "{order}",
      description: "Orders",
      temporality: "cumulative",
      isMonotonic: true,
      valueType: "double",
      attributes: { shop: "a", vip: true, n: 3, x: 0.5 },
      resource: { "service.name": "shop", ready: true, ports: [1, 2] },
      scope: { name: "lib", version: "1.2.3" },
    });
    const byMetric = new Map(binary.batch.series.map(({ identity, points }) => [identity.metric, points[0]?.value]));
    expect(byMetric.get("seconds")).toMatchObject({
      kind: "histogram",
      count: 1,
      sum: 0.5,
      bounds: [0.1, 1],
      counts: [0, 1, 0],
    });
    expect(byMetric.get("sizes")).toMatchObject({ kind: "exponential_histogram", count: 4, sum: 3, zeroCount: 2 });
    expect(byMetric.get("open")).toEqual({ kind: "number", value: -4 });
    expect(byMetric.get("load")).toEqual({ kind: "number", value: 0.25 });
    await provider.shutdown();
  });

  it("gives the same object for the same series again and again", () => {
    const reader = createPointReader();
    const first = read(recording("claude-code-metrics.pb"), "protobuf", reader);
    const second = read(recording("claude-code-metrics.pb"), "protobuf", reader);
    expect(second.batch.series.map(({ identity }) => identity)).toEqual(
      first.batch.series.map(({ identity }) => identity),
    );
    for (const [index, { identity }] of second.batch.series.entries()) {
      expect(identity).toBe(first.batch.series[index]?.identity);
    }
  });

  it.each([
    ["a summary", { gauge: undefined, summary: { dataPoints: [{}, {}] } }, { "summary: send histograms": 2 }, 2],
    ["a metric without data", { gauge: undefined }, { "metric without data": 1 }, 1],
    ["a metric without a name", { name: "" }, { "metric without a name": 1 }, 1],
    [
      "no temporality",
      { gauge: undefined, sum: { dataPoints: [{ asInt: 1 }] } },
      { "neither delta nor cumulative": 1 },
      1,
    ],
    [
      "a count beyond what a double holds",
      {
        gauge: undefined,
        histogram: { aggregationTemporality: 1, dataPoints: [{ count: "18446744073709551615", bucketCounts: ["1"] }] },
      },
      { "count beyond 2^53": 1 },
      1,
    ],
    [
      "an exponential histogram beyond what a double holds",
      {
        gauge: undefined,
        exponentialHistogram: { aggregationTemporality: 2, dataPoints: [{ zeroCount: "18446744073709551615" }] },
      },
      { "count beyond 2^53": 1 },
      1,
    ],
  ])("refuses %s and counts its points", (_what, metric, refused, received) => {
    const points = read(gauge({ asInt: 1 }, metric), "json");
    expect(points.batch.series).toEqual([]);
    expect(Object.fromEntries(points.refused)).toEqual(refused);
    expect(points.received).toBe(received);
  });

  it("refuses points that say they have no value, or have none", () => {
    expect(Object.fromEntries(read(gauge({ asInt: 1, flags: 1 }), "json").refused)).toEqual({
      "point without a value": 1,
    });
    expect(Object.fromEntries(read(gauge({}), "json").refused)).toEqual({ "point without a value": 1 });
  });

  it("takes a histogram without buckets as one bucket", () => {
    const histogram = { aggregationTemporality: "1", dataPoints: [{ count: "3", sum: 6, min: 1, max: 3 }] };
    const { batch } = read(gauge({}, { gauge: undefined, histogram }), "json");
    expect(batch.series[0]?.points[0]?.value).toEqual({
      kind: "histogram",
      count: 3,
      sum: 6,
      min: 1,
      max: 3,
      bounds: [],
      counts: [3],
    });
  });

  it("keeps odd attribute names and nested values, drops content, and counts what it cuts", () => {
    const attributes = [
      attribute("__proto__", { stringValue: "p" }),
      attribute("", { stringValue: "empty" }),
      attribute("big", { intValue: "9007199254740993" }),
      attribute("map", {
        kvlistValue: {
          values: [
            attribute("a", { arrayValue: { values: [{ intValue: 1 }, {}] } }),
            attribute("prompt", { stringValue: "secret" }),
          ],
        },
      }),
      attribute("list", {
        arrayValue: { values: [{ stringValue: "x" }, {}, { arrayValue: { values: [{ boolValue: true }] } }] },
      }),
      attribute("bytes", { bytesValue: "AQI=" }),
      attribute("nothing", {}),
      attribute("gen_ai.input.messages", { stringValue: "secret" }),
      attribute("gen_ai.prompt.0.content", { stringValue: "secret" }),
      attribute("long", { stringValue: "x".repeat(5_000) }),
      attribute("n".repeat(300), { doubleValue: 1.5 }),
    ];
    const { batch } = read(gauge({ asInt: 1, attributes }), "json");
    const given = batch.series[0]!.identity.attributes;
    expect(Object.entries(given)).toEqual([
      ["__proto__", "p"],
      ["", "empty"],
      ["big", "9007199254740993"],
      ["map", '{"a":[1,null]}'],
      ["list", ["x", null, "[true]"]],
      ["bytes", '"AQI="'],
      ["long", "x".repeat(4_096)],
      ["n".repeat(256), 1.5],
    ]);
    expect(Object.fromEntries(counts)).toEqual({
      "content attribute": 2,
      "attribute value cut to 4096 characters": 1,
      "attribute name cut to 256 characters": 1,
    });
    expect(JSON.stringify(batch.series.map(({ identity }) => identity))).not.toContain("secret");
  });

  it("drops who a person is and what someone wrote, and keeps truth values and names", () => {
    const text = (key: string) => attribute(key, { stringValue: "secret" });
    const dropped = [
      "user.email",
      "user.id",
      "enduser.id",
      "organization.id",
      "account.uuid",
      "email",
      "client.address",
    ];
    const written = [
      "error.message",
      "http.request.header.authorization",
      "db.query.parameter.0",
      "error",
      "file_path",
    ];
    const kept = [attribute("error", { boolValue: true }), attribute("session.id", { stringValue: "s" })];
    const { batch } = read(gauge({ asInt: 1, attributes: [...[...dropped, ...written].map(text), ...kept] }), "json");
    expect(batch.series[0]!.identity.attributes).toEqual({ error: true, "session.id": "s" });
    expect(Object.fromEntries(counts)).toEqual({
      "content attribute": written.length,
      "attribute about a person or an account": dropped.length,
    });
  });

  it("counts points of series that only dropped attributes tell apart", () => {
    const reader = createPointReader();
    const of = (email: string) =>
      gauge({
        asInt: 1,
        attributes: [attribute("user.email", { stringValue: email }), attribute("a", { intValue: 1 })],
      });
    const told = "point whose series only dropped attributes tell from another";
    const first = read(of("a@shop.example"), "json", reader);
    read(of("a@shop.example"), "json", reader);
    expect(counts.get(told)).toBeUndefined();
    const second = read(of("b@shop.example"), "json", reader);
    expect(counts.get(told)).toBe(1);
    expect(second.batch.series[0]!.identity).toBe(first.batch.series[0]!.identity);
  });

  it("leaves out attributes beyond the first 128 and counts them", () => {
    const attributes = Array.from({ length: 130 }, (_, i) => attribute(`k${i}`, { boolValue: true }));
    const { batch } = read(gauge({ asInt: 1, attributes }), "json");
    expect(Object.keys(batch.series[0]!.identity.attributes)).toHaveLength(128);
    expect(counts.get("attribute beyond the first 128")).toBe(2);
  });
});
