/**
 * What recording costs: one task with one usage record, one metrics reader, facts handed over; beside it a bare
 * counter of the same SDK in the same run. Prints medians in nanoseconds and their ratio.
 */
import { recordUsage, setFactSink, withTask } from "@moai-metrics/instrumentation";
import type { Fact } from "@moai-metrics/model";
import { metrics } from "@opentelemetry/api";
import { AggregationTemporality, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { report } from "./lib/figures.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = 31;
const CALLS = 2000;

class OneReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  }
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const reader = new OneReader();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
let facts: Fact[] = [];
setFactSink((fact) => {
  facts.push(fact);
});
const counter = metrics.getMeter("bench").createCounter("bare");
const attributes = { model: "m", provider: "p", operation: "chat", agent: "a" };

const subjects: Record<string, () => void> = {
  "counter.add, 4 attributes": () => counter.add(1, attributes),
  "withTask + recordUsage": () => {
    withTask("bench", () => {
      recordUsage({ model: "m", provider: "p", inputTokens: 1200, outputTokens: 300, cacheReadTokens: 900 });
    });
  },
};
const samples = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, work] of Object.entries(subjects)) {
    const startedAt = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) work();
    samples.get(name)?.push(Number(process.hrtime.bigint() - startedAt) / CALLS);
  }
  facts = [];
  await reader.collect();
}
const [bare = [], task = []] = [...samples.values()];
const [bareName = "", taskName = ""] = samples.keys();
report({ name: bareName, unit: "ns", values: bare });
report({
  name: taskName,
  unit: "ns",
  values: task,
  ratio: { value: median(task) / median(bare), to: "a bare counter" },
});
