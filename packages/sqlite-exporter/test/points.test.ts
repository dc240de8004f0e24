import { ValueType } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, AggregationType, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { describe, expect, it } from "vitest";
import { pointsOf } from "../src/points.ts";

class PullReader extends MetricReader {
  constructor(temporality: AggregationTemporality) {
    super({ aggregationTemporalitySelector: () => temporality });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

async function collect(record: (provider: MeterProvider) => void, temporality = AggregationTemporality.DELTA) {
  const reader = new PullReader(temporality);
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ "service.name": "s" }),
    readers: [reader],
    views: [{ instrumentName: "exp", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  record(provider);
  return pointsOf((await reader.collect()).resourceMetrics);
}

describe("points", () => {
  it("of every kind of instrument keep kind, unit, temporality, type and scope", async () => {
    const { batch, count } = await collect((provider) => {
      const meter = provider.getMeter("scope", "1.2");
      meter.createCounter("ints", { unit: "{token}", valueType: ValueType.INT }).add(5, { a: "x" });
      meter.createCounter("doubles", { description: "words" }).add(0.5);
      meter.createUpDownCounter("updown").add(-3);
      meter.createGauge("gauge").record(7);
      meter.createHistogram("histogram", { advice: { explicitBucketBoundaries: [1, 10] } }).record(5);
      meter.createHistogram("exp").record(2);
    });
    expect(count).toBe(6);
    const byName = new Map(batch.series.map((series) => [series.identity.metric, series]));
    expect(byName.get("ints")).toMatchObject({
      identity: {
        kind: "sum",
        unit: "{token}",
        temporality: "delta",
        isMonotonic: true,
        valueType: "int",
        attributes: { a: "x" },
        resource: { "service.name": "s" },
        scope: { name: "scope", version: "1.2" },
      },
      points: [{ value: { kind: "number", value: 5 } }],
    });
    expect(byName.get("doubles")?.identity).toMatchObject({ valueType: "double", description: "words" });
    expect(byName.get("updown")).toMatchObject({
      identity: { isMonotonic: false },
      points: [{ value: { value: -3 } }],
    });
    expect(byName.get("gauge")?.identity).toMatchObject({ kind: "gauge", temporality: "none", isMonotonic: false });
    expect(byName.get("histogram")?.points[0]?.value).toEqual({
      kind: "histogram",
      count: 1,
      sum: 5,
      min: 5,
      max: 5,
      bounds: [1, 10],
      counts: [0, 1, 0],
    });
    expect(byName.get("exp")).toMatchObject({
      identity: { kind: "exponential_histogram" },
      points: [{ value: { kind: "exponential_histogram", count: 1, sum: 2, zeroCount: 0, positive: { counts: [1] } } }],
    });
  });

  it("carry times in nanoseconds, and the start of a cumulative series", async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const { batch } = await collect(
      (provider) => provider.getMeter("m").createCounter("c").add(1),
      AggregationTemporality.CUMULATIVE,
    );
    const [series] = batch.series;
    expect(series?.identity.temporality).toBe("cumulative");
    expect(series?.points[0]?.startTimeUnixNano).toBeGreaterThanOrEqual(before);
    expect(series?.points[0]?.timeUnixNano).toBeGreaterThanOrEqual(series?.points[0]?.startTimeUnixNano ?? 0n);
  });

  it("keep attributes of kinds that OpenTelemetry does not know as text, and leave out what is absent", async () => {
    const { batch } = await collect((provider) =>
      provider
        .getMeter("m")
        .createCounter("c")
        .add(1, {
          text: "t",
          list: ["a", 1, { deep: true }],
          object: { b: 1 },
          nothing: undefined,
          none: null,
          symbol: Symbol("s"),
        }),
    );
    expect(batch.series[0]?.identity.attributes).toEqual({
      text: "t",
      list: ["a", 1, null],
      object: '{"b":1}',
      symbol: "Symbol(s)",
    });
  });
});
