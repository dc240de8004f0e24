import type { Fact } from "@moai-metrics/model";
import { context, metrics, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { AggregationTemporality, type DataPoint, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { configure, setFactSink } from "../src/index.ts";

/** Reads metrics when asked. */
class PullReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A process with an SDK, a sink, and eyes on everything that comes out. */
export interface Watch {
  readonly facts: Fact[];
  readonly spans: InMemorySpanExporter;
  factsOf<K extends Fact["kind"]>(kind: K): Extract<Fact, { kind: K }>[];
  /** Points of one metric, by its name. */
  points(metric: string): Promise<DataPoint<unknown>[]>;
  metricNames(): Promise<string[]>;
  stop(): void;
}

/** Registers a real SDK and a sink. */
export function startWatch(): Watch {
  const reader = new PullReader();
  const spans = new InMemorySpanExporter();
  const facts: Fact[] = [];
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  configure({ isEnabled: true, product: "test-app", emission: "g3" });
  const takeAway = setFactSink((fact) => facts.push(fact));
  const collect = async () => (await reader.collect()).resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return {
    facts,
    spans,
    factsOf: (kind) => facts.filter((fact) => fact.kind === kind) as never,
    points: async (metric) =>
      (await collect())
        .filter((data) => data.descriptor.name === metric)
        .flatMap((data): DataPoint<unknown>[] => data.dataPoints),
    metricNames: async () => (await collect()).map((data) => data.descriptor.name),
    stop: () => {
      takeAway();
      metrics.disable();
      trace.disable();
      context.disable();
    },
  };
}

/** Reads a stream to its end. */
export async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
