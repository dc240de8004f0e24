export type { SqliteExporterOptions } from "./exporter-options.ts";
export {
  type MetricExportCounters,
  SqliteMetricExporter,
  type SqliteMetricExporterOptions,
} from "./metric-exporter.ts";
export { StoreMetricProducer, type StoreMetricProducerOptions } from "./producer/store-metric-producer.ts";
export { type SpanExportCounters, SqliteSpanExporter } from "./span-exporter.ts";
export type { FactCounters } from "./start/fact-queue.ts";
export type { OtlpOptions, PrometheusOptions } from "./start/optional-readers.ts";
export {
  type MetricsHandle,
  type MetricsStats,
  type StartMetricsOptions,
  startMetrics,
} from "./start/start-metrics.ts";
export type { WriterCounters } from "./writer/jobs.ts";
export type { PointBufferOptions } from "./writer/point-buffer.ts";
