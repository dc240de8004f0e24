import { existsSync, mkdtempSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configure, recordUsage, withSession, withTask } from "@moai-metrics/instrumentation";
import { openStore } from "@moai-metrics/store";
import { context, DiagLogLevel, diag, metrics, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MetricsHandle, startMetrics } from "../../src/index.ts";

const newStorage = () => mkdtempSync(join(tmpdir(), "providers-"));
const open = (storage: string) => openStore({ path: join(storage, "metrics.db") });

let said: string[] = [];
let handle: MetricsHandle | undefined;
beforeEach(() => {
  said = [];
  const collect = (message: unknown) => void said.push(String(message));
  diag.setLogger(
    { warn: collect, error: collect, info: collect, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );
});
afterEach(async () => {
  await handle?.shutdown();
  handle = undefined;
  metrics.disable();
  trace.disable();
  context.disable();
  diag.disable();
});

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("startMetrics", () => {
  it("called twice gives the same handle, with a warning; after shutdown a new one", async () => {
    const storage = newStorage();
    handle = startMetrics({ storage, environment: {} });
    expect(startMetrics({ storage: newStorage(), environment: {} })).toBe(handle);
    expect(said.some((message) => message.includes("second call"))).toBe(true);
    await Promise.all([handle.shutdown(), handle.shutdown()]);
    const next = startMetrics({ storage, environment: {} });
    expect(next).not.toBe(handle);
    handle = next;
  });

  it("called while a shutdown is under way starts anew, and loses nothing", async () => {
    const first = newStorage();
    const second = newStorage();
    const old = startMetrics({ storage: first, environment: {} });
    withTask("a", () => recordUsage({ model: "m", inputTokens: 1 }));
    const ended = old.shutdown();
    handle = startMetrics({ storage: second, environment: {} });
    expect(handle).not.toBe(old);
    withTask("b", () => recordUsage({ model: "m", inputTokens: 2 }));
    await ended;
    withTask("c", () => recordUsage({ model: "m", inputTokens: 4 }));
    await handle.forceFlush();
    expect(open(first).ledger.sessions({})).toMatchObject([{ calls: 1, tokens: { input: 1 } }]);
    expect(open(second).ledger.sessions({})).toMatchObject([{ calls: 2, tokens: { input: 6 } }]);
    expect(open(second).points("moai.task.count").length).toBeGreaterThan(0);
  });

  it.each([
    [{ serviceName: " " }, 'serviceName is " "'],
    [{ exportIntervalMillis: 0 }, "exportIntervalMillis is 0"],
    [{ exportIntervalMillis: -5 }, "exportIntervalMillis is -5"],
    [{ exportIntervalMillis: Number.NaN }, "exportIntervalMillis is NaN"],
    [{ exportIntervalMillis: 2 ** 31 }, "exportIntervalMillis is 2147483648"],
    [{ emission: "g9" as "g3" }, 'emission is "g9"'],
    [{ buffer: { maxPoints: 0 } }, "buffer.maxPoints is 0"],
    [{ store: { retention: { ledgerDays: 0 } } }, "retention.ledgerDays"],
  ])("with %j says what to give, and sets nothing up", async (options, message) => {
    const storage = join(newStorage(), "never");
    expect(() => startMetrics({ ...options, storage, environment: {} })).toThrow(message);
    expect(existsSync(storage)).toBe(false);
    handle = startMetrics({ storage, environment: {} });
    expect(said.some((text) => text.includes("second call"))).toBe(false);
  });

  it("keeps every id off the metrics", async () => {
    const storage = newStorage();
    handle = startMetrics({ serviceName: "app", storage, environment: { OTEL_RESOURCE_ATTRIBUTES: "team=blue" } });
    withSession({ id: "session-id-0815" }, () =>
      withTask("a", () => recordUsage({ model: "m", inputTokens: 1, responseId: "msg-0815" })),
    );
    metrics
      .getMeter("@moai-metrics/instrumentation")
      .createCounter("moai.errors")
      .add(1, { "session.id": "session-id-0815", "error.type": "x" });
    await handle.forceFlush();
    const store = open(storage);
    const [errors] = store.points("moai.errors");
    expect(errors?.identity.attributes).toEqual({ "error.type": "x" });
    expect(errors?.identity.resource).toMatchObject({ "service.name": "app", team: "blue" });
    const labels = JSON.stringify(
      store.points("gen_ai.client.inference.usage.input_tokens").map((series) => series.identity),
    );
    expect(labels).toContain("gen_ai.token.modality");
    expect(labels).not.toContain("0815");
    expect(handle.stats()).toMatchObject({
      facts: { lost: 0, spooled: 0, refused: {} },
      metrics: { failedExports: 0 },
      spans: { failedExports: 0 },
    });
  });

  it("leaves the application's own providers alone, and facts flow all the same", async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const own = new MeterProvider({ readers: [reader] });
    metrics.setGlobalMeterProvider(own);
    const spans = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
    );
    const storage = newStorage();
    handle = startMetrics({ storage, environment: { OTEL_SERVICE_NAME: "app" } });
    withTask("a", () => recordUsage({ model: "m", inputTokens: 5 }));
    await handle.forceFlush();
    expect(metrics.getMeterProvider()).toBe(own);
    expect(said.filter((message) => message.includes("of its own"))).toHaveLength(2);
    expect(spans.getFinishedSpans()).toHaveLength(2);
    await own.forceFlush();
    expect(exporter.getMetrics().length).toBeGreaterThan(0);
    expect(open(storage).ledger.sessions({})).toMatchObject([{ product: "app", calls: 1, tokens: { input: 5 } }]);
    expect(handle.stats()).toMatchObject({ metrics: undefined, spans: undefined });
    await handle.shutdown();
    expect(metrics.getMeterProvider()).toBe(own);
  });

  it.each([{ OTEL_SDK_DISABLED: "true" }, { MOAI_METRICS_DISABLED: "1" }])(
    "with %j does nothing at all",
    async (environment) => {
      const storage = join(newStorage(), "never");
      handle = startMetrics({ storage, environment });
      expect(withTask("a", () => 5)).toBe(5);
      await handle.forceFlush();
      await handle.shutdown();
      expect(handle.stats().facts.received).toBe(0);
      configure({ isEnabled: true });
      expect(() => openStore({ path: join(storage, "metrics.db"), readOnly: true })).toThrow();
    },
  );

  it("serves Prometheus and sends OTLP when the variables say so", async () => {
    const bodies: string[] = [];
    const collector = createServer((request: IncomingMessage, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        bodies.push(`${request.url} ${body}`);
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    const { port: collectorPort } = collector.address() as AddressInfo;
    const port = await freePort();
    handle = startMetrics({
      storage: newStorage(),
      otlp: { url: `http://127.0.0.1:${collectorPort}/v1/metrics`, headers: { "x-test": "1" } },
      environment: {
        OTEL_METRICS_EXPORTER: "otlp,prometheus,console",
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        OTEL_EXPORTER_PROMETHEUS_HOST: "127.0.0.1",
      },
    });
    withTask("a", () => recordUsage({ model: "m", inputTokens: 5 }));
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain("moai_task_count_total");
    expect(text).toContain('gen_ai_agent_name="a"');
    await handle.forceFlush();
    expect(bodies.some((body) => body.startsWith("/v1/metrics") && body.includes("moai.task.count"))).toBe(true);
    expect(said.some((message) => message.includes('"console"'))).toBe(true);
    await handle.shutdown();
    collector.closeAllConnections();
    await new Promise((resolve) => collector.close(resolve));
  });

  it("says when the Prometheus port is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    handle = startMetrics({ storage: newStorage(), prometheus: { host: "127.0.0.1", port }, environment: {} });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(said.some((message) => message.includes("The Prometheus endpoint did not start"))).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("options of the optional exporters", () => {
  it("may be as short as true", async () => {
    const port = await freePort();
    handle = startMetrics({
      storage: newStorage(),
      prometheus: true,
      otlp: true,
      areSpansRecorded: false,
      emission: "g2",
      exportIntervalMillis: 3_600_000,
      views: [{ instrumentName: "own.metric", name: "renamed" }],
      environment: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
    });
    recordUsage({ model: "m", inputTokens: 1 });
    metrics.getMeter("own").createCounter("own.metric").add(1);
    const text = await (await fetch(`http://localhost:${port}/metrics`)).text();
    expect(text).toContain("gen_ai_client_token_usage_bucket");
    expect(text).toContain("renamed_total");
    expect(handle.stats().spans).toBeUndefined();
  });
});
