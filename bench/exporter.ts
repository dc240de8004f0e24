/** How many data points a second the exporter writes into a file, COMMIT included, in batches of 2,000 series. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteMetricExporter } from "@moai-metrics/sqlite-exporter";
import { ExportResultCode } from "@opentelemetry/core";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";

const SERIES = 2000;
const ROUNDS = 60;

class OneReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const storage = mkdtempSync(join(tmpdir(), "bench-exporter-"));
const exporter = new SqliteMetricExporter({ storage });
const reader = new OneReader({
  aggregationTemporalitySelector: (type) => exporter.selectAggregationTemporality(type),
  cardinalitySelector: () => SERIES + 1,
});
const provider = new MeterProvider({ readers: [reader] });
const counter = provider.getMeter("bench").createCounter("bench.tokens", { unit: "{token}" });

let points = 0;
let collectMillis = 0;
const startedAt = performance.now();
const exported: Promise<void>[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const beganAt = performance.now();
  for (let i = 0; i < SERIES; i++)
    counter.add(i + 1, { agent: `agent-${i % 50}`, model: `model-${Math.floor(i / 50)}` });
  const { resourceMetrics } = await reader.collect();
  collectMillis += performance.now() - beganAt;
  points += SERIES;
  exported.push(
    new Promise((resolve, reject) => {
      exporter.export(resourceMetrics, ({ code, error }) =>
        code === ExportResultCode.SUCCESS ? resolve() : reject(error ?? new Error("failed")),
      );
    }),
  );
}
await Promise.all(exported);
const seconds = (performance.now() - startedAt - collectMillis) / 1000;
console.log(`${points} points in ${seconds.toFixed(2)} s: ${Math.round(points / seconds)} points/s`);
console.log(JSON.stringify(exporter.counters()));
await exporter.shutdown();
rmSync(storage, { recursive: true });
