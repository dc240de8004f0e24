/** Readers whose packages an application installs only when it wants them. */
import { createRequire } from "node:module";
import { diag } from "@opentelemetry/api";
import { type IMetricReader, PeriodicExportingMetricReader, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import { messageOf } from "../message-of.ts";
import type { MetricsEnvironment } from "./environment.ts";

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

/**
 * Creates the readers that options or environment variables ask for.
 *
 * @param warn hears what was asked for by a variable and cannot be had, and what fails later.
 * @throws Error that names the package to install, for a reader that an option asks for.
 */
export function createOptionalReaders(
  options: {
    readonly prometheus?: true | PrometheusOptions | undefined;
    readonly otlp?: true | OtlpOptions | undefined;
  },
  said: MetricsEnvironment,
  exportIntervalMillis: number,
  warn: (message: string) => void,
): IMetricReader[] {
  const { prometheus, otlp } = options;
  const readers: IMetricReader[] = [];
  const add = (create: () => IMetricReader, isAskedByOption: boolean): void => {
    try {
      readers.push(create());
    } catch (error) {
      if (isAskedByOption) throw error;
      diag.warn(`moai-metrics: an OTEL_… variable asks for an exporter that is left out now. ${messageOf(error)}`);
    }
  };
  if (prometheus !== undefined || said.usesPrometheus) {
    const chosen = typeof prometheus === "object" ? prometheus : {};
    const place = { host: chosen.host ?? said.prometheusHost, port: chosen.port ?? said.prometheusPort };
    add(() => createPrometheusReader(place, warn), prometheus !== undefined);
  }
  if (otlp !== undefined || said.usesOtlp) {
    sayProtocol(said.otlpProtocol);
    add(() => createOtlpReader(typeof otlp === "object" ? otlp : {}, exportIntervalMillis), otlp !== undefined);
  }
  return readers;
}

/** The exporter speaks JSON over HTTP; OTLP receivers take it on the port for HTTP, not on the one for gRPC. */
function sayProtocol(protocol: string | undefined): void {
  if (protocol === undefined || protocol === "http/json") return;
  diag.warn(
    `moai-metrics: OTEL_EXPORTER_OTLP_PROTOCOL is "${protocol}"; http/json is used instead. Let the endpoint be the receiver's address for OTLP over HTTP.`,
  );
}

function createPrometheusReader({ host, port }: PrometheusOptions, warn: (message: string) => void): IMetricReader {
  const { PrometheusExporter } = loadPeer<typeof import("@opentelemetry/exporter-prometheus")>(
    "@opentelemetry/exporter-prometheus",
  );
  return new PrometheusExporter(
    { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) },
    (error) => {
      if (error) warn(`moai-metrics: The Prometheus endpoint did not start: ${messageOf(error)}`);
    },
  );
}

function createOtlpReader({ url, headers }: OtlpOptions, exportIntervalMillis: number): IMetricReader {
  const { OTLPMetricExporter } = loadPeer<typeof import("@opentelemetry/exporter-metrics-otlp-http")>(
    "@opentelemetry/exporter-metrics-otlp-http",
  );
  const exporter: PushMetricExporter = new OTLPMetricExporter({
    timeoutMillis: OTLP_TIMEOUT_MILLIS,
    ...(url === undefined ? {} : { url }),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  });
  return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis });
}

/** @throws Error that names the package to install. */
function loadPeer<T>(name: string): T {
  try {
    return load(name) as T;
  } catch (error) {
    throw new Error(`${name} cannot be loaded. Install it beside this package: npm install ${name}`, { cause: error });
  }
}
