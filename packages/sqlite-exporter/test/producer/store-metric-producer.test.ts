import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { describe, expect, it, onTestFinished } from "vitest";
import { StoreMetricProducer } from "../../src/index.ts";

const OUTPUT = "gen_ai.client.inference.usage.output_tokens";

function storageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "producer-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function write(storage: string, requestId: string, atMillis: number): void {
  using store = openStore({ path: databasePath(storage) });
  store.write({
    facts: [
      {
        kind: "task",
        witness: "process",
        product: "app",
        sessionId: "s",
        taskId: "open",
        agent: "planner",
        startedAtMillis: atMillis,
        lastSeenAtMillis: atMillis,
      },
      {
        kind: "model_call",
        witness: "process",
        product: "app",
        sessionId: "s",
        requestId,
        model: "m",
        endedAtMillis: atMillis,
        durationMillis: 200,
        usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 7, reasoning: 0 },
      },
    ],
  });
}

describe("a StoreMetricProducer", () => {
  it("gives a reader of the SDK the store's counters, and goes on in the next process", async () => {
    const storage = storageFolder();
    const atMillis = Date.now();
    write(storage, "a", atMillis);
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const values: (readonly [number | undefined, number | undefined])[] = [];
    for (let run = 0; run < 2; run++) {
      const producer = new StoreMetricProducer({ storage });
      const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [producer] });
      const provider = new MeterProvider({ readers: [reader] });
      for (let i = 0; i < 2; i++) {
        exporter.reset();
        await provider.forceFlush();
        const found = exporter
          .getMetrics()
          .flatMap(({ scopeMetrics }) => scopeMetrics)
          .flatMap(({ metrics }) => metrics)
          .find(({ descriptor }) => descriptor.name === OUTPUT);
        const point = found?.dataPoints[0];
        values.push([point?.value as number | undefined, point?.startTime[0]]);
      }
      producer.close();
      write(storage, `b${run}`, atMillis);
    }
    const start = Math.floor(atMillis / 1_000);
    expect(values).toEqual([0, 7, 14, 14].map((value) => [value, start]));
  });

  it("tells each kind of metric as the SDK does", async () => {
    const storage = storageFolder();
    write(storage, "a", Date.now());
    const producer = new StoreMetricProducer({ storage, reader: "kinds" });
    await producer.collect();
    const { resourceMetrics, errors } = await producer.collect();
    producer.close();
    expect(errors).toEqual([]);
    const metrics = resourceMetrics.scopeMetrics[0]?.metrics ?? [];
    const named = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name);
    expect(named(OUTPUT)).toMatchObject({ isMonotonic: true, dataPoints: [{ value: 7 }] });
    expect(named("moai.task.active")).toMatchObject({ isMonotonic: false, dataPoints: [{ value: 1 }] });
    const duration = named("gen_ai.client.inference.duration")?.dataPoints[0]?.value as {
      count: number;
      buckets: { boundaries: number[]; counts: number[] };
    };
    expect(duration.count).toBe(1);
    expect(duration.buckets.counts).toHaveLength(duration.buckets.boundaries.length + 1);
    const place = duration.buckets.counts.indexOf(1);
    expect(duration.buckets.boundaries[place]).toBeGreaterThanOrEqual(0.2);
    expect(duration.buckets.boundaries[place - 1]).toBeLessThan(0.2);
  });

  it("tells what went wrong as an error, and needs a storage folder", async () => {
    const storage = storageFolder();
    writeFileSync(databasePath(storage), "this is no database, but it is long enough to be looked at as one");
    const { resourceMetrics, errors } = await new StoreMetricProducer({ storage }).collect();
    expect(resourceMetrics.scopeMetrics).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(() => new StoreMetricProducer({ storage: "" })).toThrow(/storage is ""/);
  });
});
