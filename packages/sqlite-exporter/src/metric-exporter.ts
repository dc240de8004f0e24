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
import { acquireStoreWriter, type StoreWriter } from "./writer/store-writer.ts";

/** Options of {@link SqliteMetricExporter}. */
export interface SqliteMetricExporterOptions extends SqliteExporterOptions {
  /**
   * `delta` (default): changes since the last export, except for up-down counters, as OpenTelemetry's OTLP exporters
   * understand it. `cumulative`: totals since the start of the process.
   */
  readonly temporalityPreference?: "delta" | "cumulative" | undefined;
}

/** What an exporter has done since it was made. */
export interface MetricExportCounters {
  readonly exportedPoints: number;
  readonly failedExports: number;
  readonly failedPoints: number;
  /** Points that the store refused, by reason. */
  readonly refusedPoints: Readonly<Record<string, number>>;
}

/**
 * A `PushMetricExporter` that writes into the store, from a thread of its own. The callback says success only after
 * COMMIT. A busy file is waited for; whatever else fails ends in a failed export, is counted and warned about through
 * `diag`, and never throws into the application.
 */
export class SqliteMetricExporter implements PushMetricExporter {
  readonly #writer: StoreWriter;
  readonly #temporalityPreference: "delta" | "cumulative";
  readonly #warn = createRareWarning();
  readonly #refused = new Map<string, number>();
  #exportedPoints = 0;
  #failedExports = 0;
  #failedPoints = 0;
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
    this.#writer = acquireStoreWriter(storageOf(options));
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

  /** Resolves when every export that was begun has ended. */
  async forceFlush(): Promise<void> {
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
      failedExports: this.#failedExports,
      failedPoints: this.#failedPoints,
      refusedPoints: Object.fromEntries(this.#refused),
    };
  }

  async #export(metrics: ResourceMetrics): Promise<ExportResult> {
    if (this.#isShutDown) return this.#fail("The exporter has been shut down.", 0);
    let count = 0;
    try {
      const points = pointsOf(metrics);
      count = points.count;
      const outcome = await this.#writer.writePoints(points.batch);
      if (outcome.state !== "committed") return this.#fail(outcome.reason, count);
      let refusedCount = 0;
      for (const [why, times] of Object.entries(outcome.refused)) {
        refusedCount += times;
        this.#refused.set(why, (this.#refused.get(why) ?? 0) + times);
      }
      this.#exportedPoints += count - refusedCount;
      return { code: ExportResultCode.SUCCESS };
    } catch (error) {
      return this.#fail(messageOf(error), count);
    }
  }

  #fail(reason: string, count: number): ExportResult {
    this.#failedExports += 1;
    this.#failedPoints += count;
    this.#warn(`moai-metrics: ${count} data points were not stored. ${reason}`);
    return { code: ExportResultCode.FAILED, error: new Error(reason) };
  }
}
