/** Where measurements go, by what is installed and what the application has set up. */
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { context, metrics, trace } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { configure, recordUsage, setFactSink, withTask } from "../../src/index.ts";
import { hasMeterProvider, hasTracerProvider } from "../../src/providers.ts";
import { getReady } from "../../src/register/get-ready.ts";
import { loadIfInstalled, loadPackage } from "../../src/register/load-package.ts";
import { createStart } from "../../src/register/start.ts";
import { registry, startBeforeFirstUse } from "../../src/registry.ts";

const require = createRequire(import.meta.url);
const missing = (name: string) =>
  Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });

/** Loads everything but what is named. */
const without =
  (...names: string[]) =>
  (name: string): unknown => {
    if (names.includes(name)) throw missing(name);
    return require(name);
  };
const noStore = without("@moai-metrics/sqlite-exporter/start");

beforeEach(() => void configure({ isEnabled: true, product: "started" }));
afterEach(() => {
  registry.start = undefined;
  registry.sink = undefined;
  metrics.disable();
  trace.disable();
  context.disable();
  vi.restoreAllMocks();
  Reflect.deleteProperty(globalThis, Symbol.for("moai-metrics.instrumentation.register"));
});

/** Listens like a collector; gives the bodies that came, by path. */
async function collector() {
  const bodies = new Map<string, string>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    bodies.set(request.url ?? "", `${bodies.get(request.url ?? "") ?? ""}${body}`);
    response.setHeader("content-type", "application/json").end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "service.name=from-attributes,team=blue");
  onTestFinished(() => void vi.unstubAllEnvs());
  return bodies;
}

function warnings(): string[] {
  const said: string[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((message) => void said.push(String(message)));
  return said;
}

/** Runs what waits for the end of the process. */
function endProcess(before: readonly unknown[]): void {
  for (const listener of process.listeners("beforeExit")) if (!before.includes(listener)) listener(0);
  for (const event of ["beforeExit", "exit"]) {
    for (const listener of process.listeners(event as "exit")) {
      if (!before.includes(listener)) onTestFinished(() => void process.removeListener(event, listener));
    }
  }
}

describe("the first measurement", () => {
  it("starts what waits to be started, once", () => {
    const start = vi.fn();
    startBeforeFirstUse(start);
    expect(start).not.toHaveBeenCalled();
    withTask("a", () => recordUsage({ model: "m" }));
    expect(start).toHaveBeenCalledTimes(1);
  });

  it("sends over OTLP where there is no local store, with the resource of the standard variables", async () => {
    const bodies = await collector();
    const before = [...process.listeners("beforeExit"), ...process.listeners("exit")];
    startBeforeFirstUse(createStart(process.env, noStore).start);
    withTask("sender", () => recordUsage({ model: "m", inputTokens: 3, outputTokens: 4 }));
    endProcess(before);
    await expect
      .poll(() => [...bodies.keys()].sort(), { timeout: 5000 })
      .toEqual(["/v1/logs", "/v1/metrics", "/v1/traces"]);
    expect(bodies.get("/v1/metrics")).toContain("gen_ai.client.inference.usage.input_tokens");
    expect(bodies.get("/v1/metrics")).toContain("from-attributes");
    expect(bodies.get("/v1/traces")).toContain("blue");
  });

  it("sends only what OTEL_METRICS_EXPORTER and OTEL_TRACES_EXPORTER want", () => {
    const said = warnings();
    createStart(
      { OTEL_METRICS_EXPORTER: "none", OTEL_TRACES_EXPORTER: "console" },
      without("@moai-metrics/sqlite-exporter/start", "@opentelemetry/sdk-trace"),
    ).start();
    expect([hasMeterProvider(), hasTracerProvider(), said]).toEqual([false, false, []]);
  });

  it("leaves the application's providers where they are", () => {
    const meters = new MeterProvider();
    const tracers = new TracerProvider();
    metrics.setGlobalMeterProvider(meters);
    trace.setGlobalTracerProvider(tracers);
    createStart({}, without("@moai-metrics/sqlite-exporter/start", "@opentelemetry/sdk-metrics")).start();
    expect(metrics.getMeterProvider()).toBe(meters);
  });

  it("says once what to install, where there is neither a store nor an SDK", () => {
    const said = warnings();
    createStart(
      {},
      without("@moai-metrics/sqlite-exporter/start", "@opentelemetry/sdk-trace", "@opentelemetry/resources"),
    ).start();
    expect(said).toEqual([expect.stringContaining("npm install @opentelemetry/resources @opentelemetry/sdk-trace")]);
  });

  it("says why a store that is installed cannot be used", () => {
    const said = warnings();
    const start = createStart({}, () => {
      throw Object.assign(new Error("Cannot find module 'better-sqlite3'"), { code: "MODULE_NOT_FOUND" });
    });
    start.prepare();
    expect(said).toEqual([]);
    start.start();
    expect(said).toEqual([expect.stringContaining("records nothing. Cannot find module 'better-sqlite3'")]);
  });

  it("starts nothing where the application has", () => {
    const takeAway = setFactSink(() => {});
    const load = vi.fn();
    createStart({}, load).start();
    takeAway();
    expect(load).not.toHaveBeenCalled();
  });
});

describe("getting ready", () => {
  it("happens once, and not at all where OTEL_SDK_DISABLED says so", () => {
    getReady({ OTEL_SDK_DISABLED: "true" });
    expect(registry.start).toBeUndefined();
    getReady({});
    const first = registry.start;
    expect(first).toBeTypeOf("function");
    getReady({});
    expect(registry.start).toBe(first);
  });
});

describe("loading a package", () => {
  it("finds what is installed, and says what is not", () => {
    expect(loadPackage("@opentelemetry/api")).toHaveProperty("metrics");
    expect(loadIfInstalled(loadPackage, "@moai-metrics/not-there")).toBeUndefined();
    const load = () => {
      throw Object.assign(new Error("Cannot find module 'y'"), { code: "ERR_MODULE_NOT_FOUND" });
    };
    expect(loadIfInstalled(load, "y")).toBeUndefined();
    expect(() => loadIfInstalled(load, "x")).toThrow("'y'");
  });
});
