/** What the standard OpenTelemetry variables say about metrics. */
import type { Environment } from "@moai-metrics/settings";

/** Read from the environment, defaults filled in. */
export interface MetricsEnvironment {
  /** `OTEL_SDK_DISABLED` or `MOAI_METRICS_DISABLED`. */
  readonly isDisabled: boolean;
  /** `OTEL_SERVICE_NAME`. */
  readonly serviceName: string | undefined;
  /** `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /**
   * `OTEL_METRICS_EXPORTER` names `otlp`, or an OTLP endpoint is set and no exporter is named. Not where the endpoint is
   * `MOAI_METRICS_RUN_RECEIVER`, the receiver of `moai-metrics run`: it writes into the same store.
   */
  readonly usesOtlp: boolean;
  /** `OTEL_EXPORTER_OTLP_METRICS_PROTOCOL`, else `OTEL_EXPORTER_OTLP_PROTOCOL`. */
  readonly otlpProtocol: string | undefined;
  /** `OTEL_METRICS_EXPORTER` names `prometheus`. */
  readonly usesPrometheus: boolean;
  readonly prometheusHost: string | undefined;
  readonly prometheusPort: number | undefined;
  /** `OTEL_METRIC_EXPORT_INTERVAL`. */
  readonly exportIntervalMillis: number | undefined;
  /** Names in `OTEL_METRICS_EXPORTER` that mean nothing here. */
  readonly unknownExporters: readonly string[];
}

/** A timer of Node.js for longer than this fires at once. */
export const MAX_TIMER_MILLIS = 2 ** 31 - 1;

const KNOWN_EXPORTERS: ReadonlySet<string> = new Set(["otlp", "prometheus", "none"]);

/** Reads the variables. A value that makes no sense counts as not set, as the OpenTelemetry specification wants it. */
export function metricsEnvironment(environment: Environment): MetricsEnvironment {
  const exporters = listOf(environment["OTEL_METRICS_EXPORTER"]);
  const endpoint =
    textOf(environment["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]) ?? textOf(environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
  const isOtlpWanted = exporters.includes("otlp") || (exporters.length === 0 && endpoint !== undefined);
  const isOfRun = endpoint !== undefined && endpoint === textOf(environment["MOAI_METRICS_RUN_RECEIVER"]);
  return {
    isDisabled: isTrue(environment["OTEL_SDK_DISABLED"]) || isTrue(environment["MOAI_METRICS_DISABLED"]),
    serviceName: textOf(environment["OTEL_SERVICE_NAME"]),
    resourceAttributes: pairsOf(environment["OTEL_RESOURCE_ATTRIBUTES"]),
    usesOtlp: isOtlpWanted && !isOfRun,
    otlpProtocol: textOf(
      environment["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] ?? environment["OTEL_EXPORTER_OTLP_PROTOCOL"],
    ),
    usesPrometheus: exporters.includes("prometheus"),
    prometheusHost: textOf(environment["OTEL_EXPORTER_PROMETHEUS_HOST"]),
    prometheusPort: positiveInteger(environment["OTEL_EXPORTER_PROMETHEUS_PORT"]),
    exportIntervalMillis: intervalMillis(environment["OTEL_METRIC_EXPORT_INTERVAL"]),
    unknownExporters: exporters.filter((name) => !KNOWN_EXPORTERS.has(name)),
  };
}

function textOf(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}

function isTrue(value: string | undefined): boolean {
  const text = value?.trim().toLowerCase();
  return text === "true" || text === "1";
}

function listOf(value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}

function positiveInteger(value: string | undefined): number | undefined {
  const number = Number(value?.trim() || Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

function intervalMillis(value: string | undefined): number | undefined {
  const millis = positiveInteger(value);
  return millis !== undefined && millis <= MAX_TIMER_MILLIS ? millis : undefined;
}

function pairsOf(value: string | undefined): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of (value ?? "").split(",")) {
    const separator = pair.indexOf("=");
    const key = pair.slice(0, separator).trim();
    if (separator < 1 || key === "") continue;
    pairs[key] = decoded(pair.slice(separator + 1).trim());
  }
  return pairs;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
