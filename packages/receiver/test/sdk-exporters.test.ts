/** The OpenTelemetry SDK's own exporters against a receiver. */
import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as JsonMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as JsonTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";
import { startReceiver } from "./support/receiver.ts";

const resource = resourceFromAttributes({ "service.name": "shop", "service.instance.id": "one" });
const urlOf = (port: number, path: string): string => `http://127.0.0.1:${port}${path}`;

describe.each([
  ["protobuf", ProtobufMetricExporter],
  ["JSON", JsonMetricExporter],
])("the SDK's metric exporter in %s", (_encoding, Exporter) => {
  it.each([
    ["delta", AggregationTemporality.DELTA, CompressionAlgorithm.GZIP],
    ["cumulative", AggregationTemporality.CUMULATIVE, CompressionAlgorithm.NONE],
  ])("lands as series, %s", async (temporality, temporalityPreference, compression) => {
    const { port, read } = await startReceiver();
    const exporter = new Exporter({ url: urlOf(port, "/v1/metrics"), temporalityPreference, compression });
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    const provider = new MeterProvider({ resource, readers: [reader] });
    const meter = provider.getMeter("test", "1");
    const counter = meter.createCounter("orders", { unit: "{order}" });
    const histogram = meter.createHistogram("seconds", { unit: "s" });
    for (const amount of [2, 3]) {
      counter.add(amount, { shop: "a" });
      histogram.record(amount / 10);
      await provider.forceFlush();
    }
    await provider.shutdown();
    const [orders] = read((store) => store.points("orders"));
    expect(orders?.identity).toMatchObject({
      temporality,
      unit: "{order}",
      attributes: { shop: "a" },
      resource: { "service.name": "shop" },
      scope: { name: "test", version: "1" },
    });
    const values = orders?.points.map(({ value }) => value.kind === "number" && value.value) ?? [];
    // At the end the SDK exports once more.
    expect(values.slice(0, 2)).toEqual(temporality === "delta" ? [2, 3] : [2, 5]);
    const [seconds] = read((store) => store.points("seconds"));
    expect(seconds?.points[0]?.value).toMatchObject({ kind: "histogram", count: 1, sum: 0.2 });
  });
});

/** What each generation of the conventions calls the same things. */
const GENERATIONS = {
  g1: {
    provider: ["gen_ai.system", "anthropic"],
    input: "gen_ai.usage.prompt_tokens",
    output: "gen_ai.usage.completion_tokens",
    write: undefined,
  },
  g2: {
    provider: ["gen_ai.provider.name", "anthropic"],
    input: "gen_ai.usage.input_tokens",
    output: "gen_ai.usage.output_tokens",
    write: "gen_ai.usage.cache_creation.input_tokens",
  },
  g3: {
    provider: ["gen_ai.provider.name", "anthropic"],
    input: "gen_ai.usage.input_tokens",
    output: "gen_ai.usage.output_tokens",
    write: "gen_ai.usage.cache_write.input_tokens",
  },
} as const;

describe.each([
  ["protobuf", ProtobufTraceExporter],
  ["JSON", JsonTraceExporter],
])("the SDK's span exporter in %s", (_encoding, Exporter) => {
  it.each(["g1", "g2", "g3"] as const)(
    "becomes facts of the ledger with the names of %s, roll-ups not counted",
    async (generation) => {
      const { port, read } = await startReceiver();
      const exporter: SpanExporter = new Exporter({ url: urlOf(port, "/v1/traces") });
      const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
      const tracer = provider.getTracer("some-instrumentation");
      const {
        provider: [system, anthropic],
        input,
        output,
        write,
      } = GENERATIONS[generation];

      const agent = tracer.startSpan("invoke_agent reviewer", {
        attributes: {
          "gen_ai.operation.name": "invoke_agent",
          "gen_ai.agent.name": "reviewer",
          [input]: 2400,
          [output]: 690,
        },
      });
      const inAgent = trace.setSpan(ROOT_CONTEXT, agent);
      for (const id of ["r1", "r2"]) {
        const call = tracer.startSpan(
          "chat claude-sonnet-4-5",
          {
            attributes: {
              "gen_ai.operation.name": "chat",
              [system]: anthropic,
              "gen_ai.request.model": "claude-sonnet-4-5",
              "gen_ai.response.id": id,
              "gen_ai.input.messages": "secret",
            },
          },
          inAgent,
        );
        call.setAttributes({
          [input]: 1200,
          [output]: 345,
          ...(write && { [write]: 100, "gen_ai.usage.cache_read.input_tokens": 800 }),
        });
        call.end();
      }
      const tool = tracer.startSpan(
        "execute_tool search",
        { attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search" } },
        inAgent,
      );
      tool.setStatus({ code: SpanStatusCode.ERROR });
      tool.end();
      agent.end();
      await provider.forceFlush();
      await provider.shutdown();

      const calls = read((store) => store.query.getModelCalls({}).rows);
      expect(calls).toHaveLength(2);
      for (const call of calls) {
        const cached = write === undefined ? { input: 1200 } : { input: 300, cacheRead: 800, cacheWrite5m: 100 };
        expect(call).toMatchObject({
          agent: "reviewer",
          model: "claude-sonnet-4-5",
          tokens: { ...cached, output: 345 },
        });
      }
      const [task] = read((store) => store.ledger.tasks({}));
      expect(task).toMatchObject({ agent: "reviewer" });
    },
  );
});

describe("the SDK's log exporter", () => {
  it("tells the usage of calls whose spans do not come, once", async () => {
    const { port, read } = await startReceiver();
    const exporter = new OTLPLogExporter({ url: urlOf(port, "/v1/logs") });
    const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter })] });
    const logger = provider.getLogger("some-instrumentation");
    const event = {
      eventName: "gen_ai.client.inference.operation.details",
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-5.2",
        "gen_ai.response.id": "resp_1",
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 345,
      },
    };
    logger.emit(event);
    logger.emit(event);
    logger.emit({ body: "something else" });
    await provider.forceFlush();
    await provider.shutdown();
    const calls = read((store) => store.query.getModelCalls({}).rows);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ model: "gpt-5.2", tokens: { input: 1200, output: 345 } });
  });
});
