/** Sends metrics, spans and facts over OTLP/HTTP, as the standard variables say. */
import { context, metrics, trace } from "@opentelemetry/api";
import { installExitHooks } from "../exit-hooks.ts";
import { LIBRARY_NAME, LIBRARY_VERSION } from "../library.ts";
import { hasMeterProvider, hasTracerProvider } from "../providers.ts";
import { setFactSink } from "../registry.ts";
import { createFactLog } from "./fact-logs.ts";
import { type LoadPackage, loadIfInstalled } from "./load-package.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What of the SDK is used; installing it is up to the application. */
interface Sdk {
  readonly "@opentelemetry/context-async-hooks": typeof import("@opentelemetry/context-async-hooks");
  readonly "@opentelemetry/exporter-logs-otlp-http": typeof import("@opentelemetry/exporter-logs-otlp-http");
  readonly "@opentelemetry/exporter-metrics-otlp-http": typeof import("@opentelemetry/exporter-metrics-otlp-http");
  readonly "@opentelemetry/exporter-trace-otlp-http": typeof import("@opentelemetry/exporter-trace-otlp-http");
  readonly "@opentelemetry/resources": typeof import("@opentelemetry/resources");
  readonly "@opentelemetry/sdk-logs": typeof import("@opentelemetry/sdk-logs");
  readonly "@opentelemetry/sdk-metrics": typeof import("@opentelemetry/sdk-metrics");
  readonly "@opentelemetry/sdk-trace": typeof import("@opentelemetry/sdk-trace");
}

const PACKAGES: readonly (keyof Sdk)[] = [
  "@opentelemetry/context-async-hooks",
  "@opentelemetry/exporter-logs-otlp-http",
  "@opentelemetry/exporter-metrics-otlp-http",
  "@opentelemetry/exporter-trace-otlp-http",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-logs",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/sdk-trace",
];

/** An exporter that cannot reach its collector must not hold the process at its end. */
const OTLP_TIMEOUT_MILLIS = 3000;
/** Some 10 MB. */
const MAX_WAITING_FACTS = 20_000;
const DEFAULT_INTERVAL_MILLIS = 60_000;
/** A timer of Node.js for longer than this fires at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

interface Flushable {
  forceFlush(options?: { timeoutMillis?: number }): Promise<void>;
}

/**
 * Registers a meter and a tracer provider, each where the application has none and `OTEL_METRICS_EXPORTER` and
 * `OTEL_TRACES_EXPORTER` do not name something else than `otlp`. Where any of that is ours, sends facts as log events, too,
 * unless `OTEL_LOGS_EXPORTER` names something else. Sends what is left at the end of the process.
 *
 * @throws Error that names the packages to install, where some are missing.
 */
export function startOtlp(environment: Environment, load: LoadPackage): void {
  const needsMetrics = usesOtlp(environment["OTEL_METRICS_EXPORTER"]) && !hasMeterProvider();
  const needsSpans = usesOtlp(environment["OTEL_TRACES_EXPORTER"]) && !hasTracerProvider();
  if (!needsMetrics && !needsSpans) return;
  const sdk = loadSdk(load);
  const providers: Flushable[] = [];
  if (needsMetrics) providers.push(registerMetrics(sdk, intervalOf(environment["OTEL_METRIC_EXPORT_INTERVAL"])));
  if (needsSpans) providers.push(registerSpans(sdk));
  if (usesOtlp(environment["OTEL_LOGS_EXPORTER"])) providers.push(sendFacts(sdk));
  installExitHooks({
    flush: async (timeoutMillis) => {
      await Promise.allSettled(providers.map((provider) => provider.forceFlush({ timeoutMillis })));
    },
    // Sending takes a promise: what an abrupt end leaves is gone.
    saveNow: () => {},
  });
}

function registerMetrics(sdk: Sdk, exportIntervalMillis: number): Flushable {
  const { OTLPMetricExporter } = sdk["@opentelemetry/exporter-metrics-otlp-http"];
  const { MeterProvider, PeriodicExportingMetricReader } = sdk["@opentelemetry/sdk-metrics"];
  const exporter = new OTLPMetricExporter({ timeoutMillis: OTLP_TIMEOUT_MILLIS });
  const readers = [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis })];
  const provider = new MeterProvider({ resource: resourceOf(sdk), readers });
  metrics.setGlobalMeterProvider(provider);
  return provider;
}

function registerSpans(sdk: Sdk): Flushable {
  const { OTLPTraceExporter } = sdk["@opentelemetry/exporter-trace-otlp-http"];
  const { BatchSpanProcessor, TracerProvider } = sdk["@opentelemetry/sdk-trace"];
  const exporter = new OTLPTraceExporter({ timeoutMillis: OTLP_TIMEOUT_MILLIS });
  const provider = new TracerProvider({
    resource: resourceOf(sdk),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const { AsyncLocalStorageContextManager } = sdk["@opentelemetry/context-async-hooks"];
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return provider;
}

/** A provider of its own: what the application logs goes its own ways. */
function sendFacts(sdk: Sdk): Flushable {
  const { OTLPLogExporter } = sdk["@opentelemetry/exporter-logs-otlp-http"];
  const { BatchLogRecordProcessor, LoggerProvider } = sdk["@opentelemetry/sdk-logs"];
  const exporter = new OTLPLogExporter({ timeoutMillis: OTLP_TIMEOUT_MILLIS });
  const processor = new BatchLogRecordProcessor({ exporter, maxQueueSize: MAX_WAITING_FACTS });
  const provider = new LoggerProvider({ resource: resourceOf(sdk), processors: [processor] });
  setFactSink(createFactLog(provider.getLogger(LIBRARY_NAME, LIBRARY_VERSION)));
  return provider;
}

/** `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` over the SDK's own, and an id of this process. */
function resourceOf(sdk: Sdk) {
  const { defaultResource, detectResources, envDetector, serviceInstanceIdDetector } = sdk["@opentelemetry/resources"];
  const detected = detectResources({ detectors: [serviceInstanceIdDetector, envDetector] });
  return defaultResource().merge(detected);
}

function loadSdk(load: LoadPackage): Sdk {
  const loaded = PACKAGES.map((name) => [name, loadIfInstalled(load, name)] as const);
  const missing = loaded.filter(([, found]) => found === undefined).map(([name]) => name);
  if (missing.length === 0) return Object.fromEntries(loaded) as unknown as Sdk;
  throw new Error(
    `There is no local store and no OpenTelemetry SDK. For the local store: npm install @moai-metrics/sqlite-exporter. To send over OTLP: npm install ${missing.join(" ")}`,
  );
}

function usesOtlp(exporters: string | undefined): boolean {
  const names = (exporters ?? "").split(",").map((name) => name.trim().toLowerCase());
  return names.includes("otlp") || names.every((name) => name === "");
}

function intervalOf(text: string | undefined): number {
  const millis = Number(text?.trim() || Number.NaN);
  return Number.isInteger(millis) && millis > 0 && millis <= MAX_TIMER_MILLIS ? millis : DEFAULT_INTERVAL_MILLIS;
}
