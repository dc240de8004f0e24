/** How many data points a second the exporter writes into a file, COMMIT included, in batches of 2,000 series. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteMetricExporter } from "@moai-metrics/sqlite-exporter";
import { ExportResultCode } from "@opentelemetry/core";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { report } from "./lib/figures.ts";

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

const rates: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  for (let i = 0; i < SERIES; i++)
    counter.add(i + 1, { agent: `agent-${i % 50}`, model: `model-${Math.floor(i / 50)}` });
  const { resourceMetrics } = await reader.collect();
  const beganAt = performance.now();
  // One after the other, as a reader exports.
  await new Promise<void>((resolve, reject) => {
    exporter.export(resourceMetrics, ({ code, error }) =>
      code === ExportResultCode.SUCCESS ? resolve() : reject(error ?? new Error("failed")),
    );
  });
  rates.push((SERIES / (performance.now() - beganAt)) * 1_000);
}
report({
  name: `points in batches of ${SERIES.toLocaleString("en-US")} series`,
  unit: "points/s",
  values: rates,
});
console.log(`  ${JSON.stringify(exporter.counters())}`);
await exporter.shutdown();
rmSync(storage, { recursive: true });
