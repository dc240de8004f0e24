/** Exports OpenTelemetry metrics into the store. */
import type { ExportResult } from "@opentelemetry/core";
import { ExportResultCode } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { type SqliteExporterOptions, storageOf } from "./exporter-options.ts";
import { messageOf } from "./message-of.ts";
import { pointsOf } from "./points.ts";
import { createRareWarning } from "./warn.ts";
import { type PointBufferOptions, type PointOutcome, pointBufferSettings } from "./writer/point-buffer.ts";
import { acquireStoreWriter, type StoreWriter } from "./writer/store-writer.ts";

/** Options of {@link SqliteMetricExporter}. */
export interface SqliteMetricExporterOptions extends SqliteExporterOptions {
  /**
   * `delta` (default): changes since the last export, except for up-down counters, as OpenTelemetry's OTLP exporters
   * understand it. `cumulative`: totals since the start of the process.
   */
  readonly temporalityPreference?: "delta" | "cumulative" | undefined;
  /**
   * How points wait for company. The exporters of a process that write into one file share a buffer: the first of them
   * decides. Let `flushIntervalMillis` be shorter than the reader's `exportTimeoutMillis`.
   */
  readonly buffer?: PointBufferOptions | undefined;
}

/** What an exporter has done since it was made. */
export interface MetricExportCounters {
  /** Points that are committed. */
  readonly exportedPoints: number;
  /** Points that wait in the spool until a command or the receiver takes them in. */
  readonly spooledPoints: number;
  /** Points in memory: in the buffer, on their way, or to be tried again. */
  readonly waitingPoints: number;
  /** Points that are gone, by reason. */
  readonly droppedPoints: Readonly<Record<string, number>>;
  /** Points that the store refused, by reason. */
  readonly refusedPoints: Readonly<Record<string, number>>;
  readonly failedExports: number;
}

/**
 * A `PushMetricExporter` that writes into the store, from a thread of its own, through a write buffer. The callback
 * says success only when the points are committed, or on disk in the spool because the file could not be written; so
 * it comes when the buffer was flushed. Where neither is possible the export fails, but its points stay in memory and
 * are tried again, as long as there are not too many. Everything is counted, warned about through `diag`, and never
 * throws into the application.
 *
 * @example
 * ```ts
 * import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
 *
 * const exporter = new SqliteMetricExporter({ storage: "/var/lib/shop/metrics" });
 * const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
 * provider.getMeter("shop").createCounter("orders").add(1);
 * await provider.shutdown();
 * ```
 */
export class SqliteMetricExporter implements PushMetricExporter {
  readonly #writer: StoreWriter;
  readonly #temporalityPreference: "delta" | "cumulative";
  readonly #warn = createRareWarning();
  readonly #refused = new Map<string, number>();
  readonly #dropped = new Map<string, number>();
  #exportedPoints = 0;
  #spooledPoints = 0;
  #waitingPoints = 0;
  #failedExports = 0;
  #running = new Set<Promise<void>>();
  #isShutDown = false;

  /** @throws TypeError for options that make no sense. */
  constructor(options: SqliteMetricExporterOptions) {
    const { temporalityPreference = "delta" } = options;
    if (temporalityPreference !== "delta" && temporalityPreference !== "cumulative") {
      throw new TypeError(
        `temporalityPreference is ${JSON.stringify(temporalityPreference)}; give "delta" or "cumulative".`,
      );
    }
    this.#temporalityPreference = temporalityPreference;
    this.#writer = acquireStoreWriter(storageOf(options), {
      buffer: pointBufferSettings(options.buffer),
      settings: options.store,
    });
  }

  export(metrics: ResourceMetrics, resultCallback: (result: ExportResult) => void): void {
    const exported = this.#export(metrics).then(resultCallback);
    const running = exported.catch(() => {}).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  selectAggregationTemporality(instrumentType: InstrumentType): AggregationTemporality {
    const isUpDown =
      instrumentType === InstrumentType.UP_DOWN_COUNTER || instrumentType === InstrumentType.OBSERVABLE_UP_DOWN_COUNTER;
    return this.#temporalityPreference === "cumulative" || isUpDown
      ? AggregationTemporality.CUMULATIVE
      : AggregationTemporality.DELTA;
  }

  /** Flushes the buffer; resolves when every export that was begun has been answered. */
  async forceFlush(): Promise<void> {
    this.#writer.points.flush();
    await Promise.all(this.#running);
  }

  /** Waits for running exports and gives the file back. */
  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    await this.forceFlush();
    this.#writer.release();
  }

  /** What this exporter has done so far. */
  counters(): MetricExportCounters {
    return {
      exportedPoints: this.#exportedPoints,
      spooledPoints: this.#spooledPoints,
      waitingPoints: this.#waitingPoints,
      droppedPoints: Object.fromEntries(this.#dropped),
      refusedPoints: Object.fromEntries(this.#refused),
      failedExports: this.#failedExports,
    };
  }

  #export(metrics: ResourceMetrics): Promise<ExportResult> {
    if (this.#isShutDown) return Promise.resolve(this.#fail("The exporter has been shut down."));
    try {
      const { batch, count } = pointsOf(metrics);
      if (count === 0) return Promise.resolve({ code: ExportResultCode.SUCCESS });
      this.#waitingPoints += count;
      return new Promise((resolve) => {
        this.#writer.points.add(batch, count, (outcome) => resolve(this.#note(count, outcome)));
      });
    } catch (error) {
      return Promise.resolve(this.#fail(messageOf(error)));
    }
  }

  /** May be heard again for points that were kept; only the first answer goes to the caller. */
  #note(count: number, outcome: PointOutcome): ExportResult {
    if (outcome.state === "kept") {
      return this.#fail(`${count} data points could be written nowhere and will be tried again. ${outcome.reason}`);
    }
    this.#waitingPoints -= count;
    if (outcome.state === "dropped") {
      addTo(this.#dropped, outcome.reason, count);
      return this.#fail(`${count} data points were lost: ${outcome.reason}`);
    }
    if (outcome.state === "spooled") {
      this.#spooledPoints += count;
      this.#warn(`moai-metrics: ${count} data points wait in the spool. ${outcome.reason}`);
      return { code: ExportResultCode.SUCCESS };
    }
    this.#exportedPoints += count;
    for (const [why, times] of Object.entries(outcome.refused)) {
      this.#exportedPoints -= times;
      addTo(this.#refused, why, times);
    }
    return { code: ExportResultCode.SUCCESS };
  }

  #fail(reason: string): ExportResult {
    this.#failedExports += 1;
    this.#warn(`moai-metrics: metrics were not stored. ${reason}`);
    return { code: ExportResultCode.FAILED, error: new Error(reason) };
  }
}

function addTo(counts: Map<string, number>, reason: string, times: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + times);
}
