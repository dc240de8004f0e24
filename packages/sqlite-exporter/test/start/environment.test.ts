import { describe, expect, it } from "vitest";
import { metricsEnvironment } from "../../src/start/environment.ts";

describe("environment", () => {
  it("asks for nothing when nothing is set", () => {
    expect(metricsEnvironment({})).toEqual({
      isDisabled: false,
      serviceName: undefined,
      resourceAttributes: {},
      usesOtlp: false,
      otlpProtocol: undefined,
      usesPrometheus: false,
      prometheusHost: undefined,
      prometheusPort: undefined,
      exportIntervalMillis: undefined,
      unknownExporters: [],
    });
  });

  it.each([
    [{ OTEL_SDK_DISABLED: "true" }, { isDisabled: true }],
    [{ MOAI_METRICS_DISABLED: "1" }, { isDisabled: true }],
    [{ OTEL_SDK_DISABLED: "no" }, { isDisabled: false }],
    [{ OTEL_METRICS_EXPORTER: "otlp,prometheus" }, { usesOtlp: true, usesPrometheus: true }],
    [{ OTEL_METRICS_EXPORTER: "none", OTEL_EXPORTER_OTLP_ENDPOINT: "http://x" }, { usesOtlp: false }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://x" }, { usesOtlp: true }],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://x" }, { usesOtlp: true }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: " " }, { usesOtlp: false }],
    [{ OTEL_METRICS_EXPORTER: "Console, otlp" }, { usesOtlp: true, unknownExporters: ["console"] }],
    [{ OTEL_METRIC_EXPORT_INTERVAL: "5000" }, { exportIntervalMillis: 5000 }],
    [{ OTEL_METRIC_EXPORT_INTERVAL: "soon" }, { exportIntervalMillis: undefined }],
    [{ OTEL_METRIC_EXPORT_INTERVAL: "2147483648" }, { exportIntervalMillis: undefined }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: " grpc " }, { otlpProtocol: "grpc" }],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/json" },
      { otlpProtocol: "http/json" },
    ],
    [{ OTEL_METRIC_EXPORT_INTERVAL: "-5" }, { exportIntervalMillis: undefined }],
    [
      { OTEL_EXPORTER_PROMETHEUS_HOST: "::1", OTEL_EXPORTER_PROMETHEUS_PORT: "9999" },
      { prometheusHost: "::1", prometheusPort: 9999 },
    ],
    [{ OTEL_SERVICE_NAME: " shop " }, { serviceName: "shop" }],
    [
      { OTEL_RESOURCE_ATTRIBUTES: "team=a%20b, broken, =x,zone=%E0%A4%A,k=v=w" },
      { resourceAttributes: { team: "a b", zone: "%E0%A4%A", k: "v=w" } },
    ],
  ])("%j means %j", (variables, expected) => {
    expect(metricsEnvironment(variables)).toMatchObject(expected);
  });

  it("sends nothing to the receiver of a run, which writes into the same store", () => {
    const receiver = { MOAI_METRICS_RUN_RECEIVER: "http://127.0.0.1:5000" };
    const usesOtlp = (variables: Record<string, string>): boolean =>
      metricsEnvironment({ ...receiver, ...variables }).usesOtlp;
    const toReceiver = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:5000" };
    expect(usesOtlp(toReceiver)).toBe(false);
    expect(usesOtlp({ ...toReceiver, OTEL_METRICS_EXPORTER: "otlp" })).toBe(false);
    expect(usesOtlp({ ...toReceiver, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://collector" })).toBe(true);
    expect(usesOtlp({ OTEL_METRICS_EXPORTER: "otlp" })).toBe(true);
  });
});
