/** The store's metrics for readers of the OpenTelemetry SDK. */
import { databasePath } from "@moai-metrics/settings";
import { createUsableStore, retryBusy } from "@moai-metrics/store";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import { type SqliteExporterOptions, storageOf } from "../exporter-options.ts";
import { MOAI_SCOPE } from "./scope.ts";
import { toMetricData } from "./to-metric-data.ts";

/** Options of a producer. */
export interface StoreMetricProducerOptions extends SqliteExporterOptions {
  /**
   * Whose counters these are: each name has its own, which begin at 0, never fall and go on in the next process. Two
   * that collect at the same time need two names. Letters, digits, `_` and `-`. Default `producer`.
   */
  readonly reader?: string | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

const COLLECT_TIMEOUT_MILLIS = 3_000;

/**
 * A `MetricProducer` over a store: the catalogue's metrics of everything that is written into it, by whatever process.
 * Cumulative, from the first fact on; no counter falls, begins with a value, or vanishes. Give it to a reader as
 * `metricProducers: [producer]`, with an exporter that wants cumulative data.
 *
 * @example
 * ```ts
 * import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
 *
 * const producer = new StoreMetricProducer({ storage: "/var/lib/shop/metrics", reader: "console" });
 * const reader = new PeriodicExportingMetricReader({
 *   exporter: new ConsoleMetricExporter(),
 *   metricProducers: [producer],
 * });
 * const provider = new MeterProvider({ readers: [reader] });
 * await provider.shutdown();
 * producer.close();
 * ```
 */
export class StoreMetricProducer implements MetricProducer {
  readonly #file: ReturnType<typeof createUsableStore>;
  readonly #reader: string;
  readonly #now: () => number;

  /** Opens nothing yet. @throws TypeError when no storage folder is given. */
  constructor(options: StoreMetricProducerOptions) {
    const path = databasePath(storageOf(options));
    this.#file = createUsableStore({ path, settings: options.store }, () => performance.now());
    this.#reader = options.reader ?? "producer";
    this.#now = options.now ?? Date.now;
  }

  /** Never rejects: what went wrong is among the errors, and then there are no metrics. */
  async collect({ timeoutMillis = COLLECT_TIMEOUT_MILLIS } = {}): Promise<CollectionResult> {
    const resource = resourceFromAttributes({});
    try {
      const question = { reader: this.#reader, delivery: "received" } as const;
      const answer = await retryBusy(() => this.#file.use((store) => store.exposed.expose(question)), {
        patienceMillis: timeoutMillis,
      });
      const metrics = toMetricData(answer, { temporality: "cumulative", nowMillis: this.#now(), sinceMillis: 0 });
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: MOAI_SCOPE, metrics }] }, errors: [] };
    } catch (error) {
      return { resourceMetrics: { resource, scopeMetrics: [] }, errors: [error] };
    }
  }

  /** Closes the file; the next collection opens it again. */
  close(): void {
    this.#file.close();
  }
}
