/** The one call that makes an application's agents visible. */
import { randomUUID } from "node:crypto";
import { accessSync, constants, mkdirSync } from "node:fs";
import {
  configure,
  droppedMeasurements,
  type FactSink,
  setFactSink,
  setPriceCall,
  setProcessSessionId,
  type TokenWarning,
} from "@moai-metrics/instrumentation";
import {
  emissionIn,
  gatherMetrics,
  hasMeterProvider,
  hasTracerProvider,
  installExitHooks,
  useBareSpans,
} from "@moai-metrics/instrumentation/set-up";
import { EMISSIONS, type Emission, promptTokens } from "@moai-metrics/model";
import {
  costNanoUsd,
  createPriceBook,
  type Environment,
  type MetricsConfig,
  resolveStorageFolder,
  shownMeasures,
} from "@moai-metrics/settings";
import {
  resolveStoreSettings,
  type StoreSettingsOptions,
  storeSettingsOf,
} from "@moai-metrics/store/beside-the-thread";
import { diag } from "@opentelemetry/api";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader, type ViewOptions } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { messageOf } from "../message-of.ts";
import { type MetricExportCounters, SqliteMetricExporter } from "../metric-exporter.ts";
import { createSessionTags, promotedTags } from "../session-tags.ts";
import { type SpanExportCounters, SqliteSpanExporter } from "../span-exporter.ts";
import { createRareWarning } from "../warn.ts";
import { NOTHING_WRITTEN, type WriterCounters } from "../writer/jobs.ts";
import { type PointBufferOptions, type PointBufferSettings, pointBufferSettings } from "../writer/point-buffer.ts";
import { acquireStoreWriter } from "../writer/store-writer.ts";
import { bufferOf, configHere } from "./config-here.ts";
import { MAX_TIMER_MILLIS, type MetricsEnvironment, metricsEnvironment } from "./environment.ts";
import { createFactQueue, type FactCounters } from "./fact-queue.ts";
import { registerMeterProvider, registerTracerProvider } from "./global-providers.ts";
import { INSTRUMENTATION_SCOPE, RESOURCE_NAMES } from "./names.ts";
import { createOptionalReaders, type OtlpOptions, type PrometheusOptions } from "./optional-readers.ts";
import { createScopeStamps } from "./scope-stamps.ts";
import { catalogueViews } from "./views.ts";
import { checkWarnOptions, warnSettings } from "./warn-settings.ts";

/** What an application may say when it starts its metrics. Everything may be left out. */
export interface StartMetricsOptions {
  /** Name of the application: `service.name`, and the product of its facts. Default `OTEL_SERVICE_NAME`. */
  readonly serviceName?: string | undefined;
  /** Folder of the store. Default: `MOAI_METRICS_STORAGE`, else the user's own store. */
  readonly storage?: string | undefined;
  /**
   * Generation of the GenAI convention names on metrics and spans. Default `MOAI_METRICS_SEMCONV`, else what
   * `OTEL_SEMCONV_STABILITY_OPT_IN` says of `gen_ai_latest_experimental`, else `g3`.
   */
  readonly emission?: Emission | undefined;
  /** How often metrics are written. Default `OTEL_METRIC_EXPORT_INTERVAL`, else 60,000. */
  readonly exportIntervalMillis?: number | undefined;
  /**
   * How data points wait for company before they are written. Default: as the project's configuration says, else until
   * there are 100, or for 5 seconds; but never longer than half of `exportIntervalMillis`.
   */
  readonly buffer?: PointBufferOptions | undefined;
  /** What the store keeps, for how long, and how much room it may take. Default: as the project's configuration says. */
  readonly store?: StoreSettingsOptions | undefined;
  /** Whether spans are recorded as well. Facts flow with and without them. Default true. */
  readonly areSpansRecorded?: boolean | undefined;
  /** Serves metrics to Prometheus; needs `@opentelemetry/exporter-prometheus`. */
  readonly prometheus?: true | PrometheusOptions | undefined;
  /** Sends metrics over OTLP/HTTP; needs `@opentelemetry/exporter-metrics-otlp-http`. */
  readonly otlp?: true | OtlpOptions | undefined;
  /** Views of the application's own instruments. */
  readonly views?: readonly ViewOptions[] | undefined;
  /** Called once for each session and task that reaches the threshold of tokens. It must only remember. */
  readonly onWarn?: ((warning: TokenWarning) => void) | undefined;
  /**
   * Tokens of a session, or of a task's own calls, from which there is a warning; 0: never. Default
   * `tokens.warn_threshold` of the configuration, else 150,000.
   */
  readonly warnThreshold?: number | undefined;
  /** What counts: `new` tokens, or the `total` with cache reads. Default `tokens.warn_counts` of the configuration. */
  readonly warnCounts?: "new" | "total" | undefined;
  /** Environment variables. Default those of the process. */
  readonly environment?: Environment | undefined;
}

/** What has been recorded, written and lost. */
export interface MetricsStats {
  readonly facts: FactCounters;
  readonly metrics: MetricExportCounters | undefined;
  readonly spans: SpanExportCounters | undefined;
  readonly writer: WriterCounters;
  /** Measurements that were not recorded, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Running metrics. */
export interface MetricsHandle {
  /** The storage folder. */
  readonly storage: string;
  /**
   * Writes everything recorded so far. When it resolves, what {@link stats} calls committed is on disk. Never rejects:
   * ask {@link stats} what could not be written.
   */
  forceFlush(): Promise<void>;
  /** Writes everything and stops recording. Safe to call twice. */
  shutdown(): Promise<void>;
  stats(): MetricsStats;
}

const DEFAULT_EXPORT_INTERVAL_MILLIS = 60_000;
const SPAN_DELAY_MILLIS = 1000;
const SHUTDOWN_MILLIS = 5000;

let running: MetricsHandle | undefined;

/**
 * Sets up everything: meter and tracer provider, the store, the sink for facts, and what the standard `OTEL_…`
 * variables ask for. Nothing needs to be called at the end: what was recorded is written when the process ends.
 *
 * Providers that the application has registered before are left alone: facts flow all the same, metrics go where the
 * application sends them. A second call returns the handle of the first. A storage folder that cannot be written is
 * said in one warning of the process; the application goes on. What is stored follows the configuration of the project
 * in whose folder the process runs.
 *
 * Facts are safe however the process ends, short of SIGKILL in the 20 ms (a second while the file cannot be used)
 * before they reach the disk. Others see them at once behind a pause, else a second later. Metrics are collected
 * every `exportIntervalMillis`, at a normal end and on signals; collecting them takes a promise, so what was measured
 * since the last time is lost, and counted nowhere, when the process ends by `process.exit()` or by an uncaught error. Where that matters, await
 * {@link MetricsHandle.forceFlush} before.
 *
 * Data points wait in a write buffer; those of a process that ends wait in the spool.
 *
 * @example
 * ```ts
 * const metrics = startMetrics({ serviceName: "shop-assistant", onWarn: ({ tokens }) => console.warn(tokens) });
 * await metrics.forceFlush();
 * console.log(metrics.stats().facts.committed);
 * ```
 * @throws TypeError or RangeError for options that make no sense, Error for an optional package that an option asks for
 *   and that is missing. Nothing is set up then. A package that only an environment variable asks for is warned about.
 */
export function startMetrics(options: StartMetricsOptions = {}): MetricsHandle {
  if (running !== undefined) {
    diag.warn("moai-metrics: startMetrics() was called before; the second call changes nothing.");
    return running;
  }
  const environment = options.environment ?? process.env;
  const said = metricsEnvironment(environment);
  const storage = resolveStorageFolder({ storage: options.storage, environment });
  if (said.isDisabled) return createDisabledHandle(storage);
  checkOptions(options);
  checkWarnOptions(options);
  const config = configHere(environment);
  if (!config.isEnabled) return createDisabledHandle(storage);
  running = createHandle(options, said, storage, config);
  return running;
}

function checkOptions({ serviceName, emission, exportIntervalMillis, buffer, store }: StartMetricsOptions): void {
  pointBufferSettings(buffer);
  resolveStoreSettings(store);
  if (serviceName !== undefined && (typeof serviceName !== "string" || serviceName.trim() === "")) {
    throw new TypeError(
      `serviceName is ${JSON.stringify(serviceName)}; give the name of your application, or leave it out and set OTEL_SERVICE_NAME.`,
    );
  }
  if (emission !== undefined && !EMISSIONS.includes(emission)) {
    throw new TypeError(
      `emission is ${JSON.stringify(emission)}; give one of ${EMISSIONS.join(", ")}, or leave it out.`,
    );
  }
  if (exportIntervalMillis === undefined) return;
  if (!Number.isInteger(exportIntervalMillis) || exportIntervalMillis < 1 || exportIntervalMillis > MAX_TIMER_MILLIS) {
    throw new TypeError(
      `exportIntervalMillis is ${String(exportIntervalMillis)}; give whole milliseconds from 1 to ${MAX_TIMER_MILLIS}, or leave it out for ${DEFAULT_EXPORT_INTERVAL_MILLIS}.`,
    );
  }
}

function createHandle(
  options: StartMetricsOptions,
  said: MetricsEnvironment,
  storage: string,
  config: MetricsConfig,
): MetricsHandle {
  const warn = createRareWarning();
  const exportIntervalMillis =
    options.exportIntervalMillis ?? said.exportIntervalMillis ?? DEFAULT_EXPORT_INTERVAL_MILLIS;
  const optionalReaders = hasMeterProvider() ? [] : createOptionalReaders(options, said, exportIntervalMillis, warn);
  const serviceName = options.serviceName ?? said.serviceName ?? said.resourceAttributes[RESOURCE_NAMES.serviceName];
  const emission = options.emission ?? emissionIn(options.environment ?? process.env);
  const settings = configure({
    isEnabled: true,
    ...warnSettings(options, config),
    ...(serviceName === undefined ? {} : { product: serviceName }),
    ...(emission === undefined ? {} : { emission }),
    qualityMeasures: shownMeasures(config),
  });
  for (const name of said.unknownExporters) {
    diag.warn(`moai-metrics: OTEL_METRICS_EXPORTER names "${name}", which is not known here.`);
  }

  warnOfUnwritableStorage(storage);
  const buffer = bufferBelow(exportIntervalMillis, options.buffer ?? bufferOf(config));
  const writer = acquireStoreWriter(storage, { buffer, settings: options.store ?? storeSettingsOf(config), config });
  const facts = createFactQueue(writer, warn);
  const sessionTags = promotedTags(said.resourceAttributes, config.labels);
  const tagsOf = createSessionTags(sessionTags, "process");
  const sink: FactSink = (fact, replaced) => {
    for (const tagging of tagsOf([fact])) facts.sink(tagging);
    facts.sink(fact, replaced);
  };
  // Spans without a session belong to the run of the service, and so does what is recorded outside of any session.
  const instanceId = said.resourceAttributes[RESOURCE_NAMES.serviceInstanceId]?.trim() || randomUUID();
  const resource = defaultResource().merge(
    resourceFromAttributes({
      ...said.resourceAttributes,
      [RESOURCE_NAMES.serviceInstanceId]: instanceId,
      [RESOURCE_NAMES.serviceName]: settings.product,
    }),
  );

  setProcessSessionId(instanceId);
  const cleanups = [setFactSink(sink), setPriceCall(createPriceCall())];
  let meterProvider: MeterProvider | undefined;
  let metricExporter: SqliteMetricExporter | undefined;
  if (hasMeterProvider()) {
    diag.info("moai-metrics: the application has a meter provider of its own; metrics go there, facts into the store.");
  } else {
    metricExporter = new SqliteMetricExporter({ storage, buffer });
    const fileReader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis });
    const views = [...catalogueViews(INSTRUMENTATION_SCOPE), ...(options.views ?? [])];
    meterProvider = new MeterProvider({ resource, views, readers: [fileReader, ...optionalReaders] });
    const takeAway = registerMeterProvider(meterProvider);
    // A view of the application may look at the context of each measurement.
    const endGathering = options.views === undefined ? gatherMetrics(meterProvider) : () => {};
    cleanups.unshift(endGathering, takeAway);
  }
  let tracerProvider: TracerProvider | undefined;
  let spanExporter: SqliteSpanExporter | undefined;
  if (hasTracerProvider()) {
    diag.info("moai-metrics: the application has a tracer provider of its own; spans go there, facts into the store.");
  } else if (options.areSpansRecorded !== false) {
    spanExporter = new SqliteSpanExporter({ storage, isProcessTelling: true, sessionTags });
    const processor = new BatchSpanProcessor({ exporter: spanExporter, scheduledDelayMillis: SPAN_DELAY_MILLIS });
    tracerProvider = new TracerProvider({ resource, spanProcessors: [createScopeStamps(), processor] });
    cleanups.push(registerTracerProvider(tracerProvider), useBareSpans());
  }

  const flush = async (timeoutMillis: number): Promise<void> => {
    const letWaitAgain = writer.points.hurry();
    const flushed = Promise.allSettled([
      facts.flush(),
      meterProvider?.forceFlush({ timeoutMillis }),
      tracerProvider?.forceFlush({ timeoutMillis }),
    ]);
    await withinTime(flushed, timeoutMillis);
    letWaitAgain();
  };
  const removeExitHooks = installExitHooks({ flush, saveNow: facts.spoolNow });

  let shutdown: Promise<void> | undefined;
  const shutDownOnce = async (): Promise<void> => {
    // From here on startMetrics() starts anew, and finds the place of the providers free.
    running = undefined;
    for (const cleanup of cleanups) cleanup();
    await flush(SHUTDOWN_MILLIS);
    removeExitHooks();
    const letWaitAgain = writer.points.hurry();
    await Promise.allSettled([meterProvider?.shutdown({ timeoutMillis: SHUTDOWN_MILLIS }), tracerProvider?.shutdown()]);
    letWaitAgain();
    facts.spoolNow();
    writer.release();
  };
  return Object.freeze({
    storage,
    forceFlush: () => flush(SHUTDOWN_MILLIS),
    shutdown: () => {
      shutdown ??= shutDownOnce();
      return shutdown;
    },
    stats: () => ({
      facts: facts.counters(),
      metrics: metricExporter?.counters(),
      spans: spanExporter?.counters(),
      writer: writer.counters(),
      dropped: droppedMeasurements(),
    }),
  });
}

/** A reader gives an export no more time than its interval: one that waits in the buffer must be written before. */
function bufferBelow(exportIntervalMillis: number, options: PointBufferOptions | undefined): PointBufferSettings {
  const settings = pointBufferSettings(options);
  const flushIntervalMillis = Math.min(settings.flushIntervalMillis, Math.floor(exportIntervalMillis / 2));
  return Object.freeze({ ...settings, flushIntervalMillis });
}

/** The list of prices is big: it is loaded when the first call has a price to ask for. */
function createPriceCall(): Parameters<typeof setPriceCall>[0] {
  const book = createPriceBook();
  return ({ model, usage, atMillis }) => {
    const prices = book.find({ model, atMillis, promptTokens: promptTokens(usage) });
    return prices === undefined ? undefined : costNanoUsd(prices, usage) / 1e9;
  };
}

function warnOfUnwritableStorage(storage: string): void {
  try {
    mkdirSync(storage, { recursive: true, mode: 0o700 });
    accessSync(storage, constants.W_OK);
  } catch (error) {
    process.emitWarning(
      `moai-metrics cannot write to ${storage}: ${messageOf(error)}. Nothing is recorded. Choose another folder with the option storage or with MOAI_METRICS_STORAGE.`,
      { code: "MOAI_METRICS_STORAGE" },
    );
  }
}

function createDisabledHandle(storage: string): MetricsHandle {
  const facts: FactCounters = { received: 0, committed: 0, spooled: 0, waiting: 0, lost: 0, refused: {} };
  configure({ isEnabled: false });
  return Object.freeze({
    storage,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    stats: () => ({ facts, metrics: undefined, spans: undefined, writer: NOTHING_WRITTEN, dropped: {} }),
  });
}

/** Waits for `work`, but not for ever. The timer keeps the process alive, which the writing thread alone does not. */
function withinTime(work: Promise<unknown>, timeoutMillis: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMillis);
    void work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
