/** Readers whose packages an application installs only when it wants them. */
import { createRequire } from "node:module";
import { type IMetricReader, PeriodicExportingMetricReader, type PushMetricExporter } from "@opentelemetry/sdk-metrics";

import { messageOf } from "../message-of.ts";

/** Options of the Prometheus endpoint. */
export interface PrometheusOptions {
  /** Default `localhost`. */
  readonly host?: string | undefined;
  /** Default 9464. */
  readonly port?: number | undefined;
}

/** Options of the OTLP export. What is left out comes from the standard `OTEL_EXPORTER_OTLP_…` variables. */
export interface OtlpOptions {
  /** Full address, such as `http://localhost:4318/v1/metrics`. */
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An exporter that cannot reach its collector must not hold the process at its end. */
const OTLP_TIMEOUT_MILLIS = 3000;

const load = createRequire(import.meta.url);

/** @throws Error that names the package to install. */
export function createPrometheusReader(
  options: PrometheusOptions,
  onFailure: (message: string) => void,
): IMetricReader {
  const { PrometheusExporter } = loadPeer<typeof import("@opentelemetry/exporter-prometheus")>(
    "@opentelemetry/exporter-prometheus",
  );
  const { host, port } = options;
  return new PrometheusExporter(
    { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) },
    (error) => {
      if (error) onFailure(`The Prometheus endpoint did not start: ${messageOf(error)}`);
    },
  );
}

/** @throws Error that names the package to install. */
export function createOtlpReader(options: OtlpOptions, exportIntervalMillis: number): IMetricReader {
  const { OTLPMetricExporter } = loadPeer<typeof import("@opentelemetry/exporter-metrics-otlp-http")>(
    "@opentelemetry/exporter-metrics-otlp-http",
  );
  const { url, headers } = options;
  const exporter: PushMetricExporter = new OTLPMetricExporter({
    timeoutMillis: OTLP_TIMEOUT_MILLIS,
    ...(url === undefined ? {} : { url }),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  });
  return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis });
}

function loadPeer<T>(name: string): T {
  try {
    return load(name) as T;
  } catch (error) {
    throw new Error(`${name} cannot be loaded. Install it beside this package: npm install ${name}`, { cause: error });
  }
}
