import { registerHooks } from "node:module";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { metricsEnvironment } from "../../src/start/environment.ts";
import { createOptionalReaders } from "../../src/start/optional-readers.ts";

// The packages are installed here; an application may not have them.
let isInstalled = false;
const hooks = registerHooks({
  resolve: (specifier, context, nextResolve) => {
    if (!isInstalled && specifier.startsWith("@opentelemetry/exporter-")) throw new Error("not installed");
    return nextResolve(specifier, context);
  },
});
afterAll(() => hooks.deregister());

let said: string[] = [];
beforeEach(() => {
  said = [];
  const collect = (message: unknown) => void said.push(String(message));
  diag.setLogger(
    { warn: collect, error: collect, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});

const create = (variables: Record<string, string>, options = {}) =>
  createOptionalReaders(options, metricsEnvironment(variables), 60_000, (message) => said.push(message));

describe("an optional exporter whose package is not installed", () => {
  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" }, "@opentelemetry/exporter-metrics-otlp-http"],
    [{ OTEL_METRICS_EXPORTER: "otlp" }, "@opentelemetry/exporter-metrics-otlp-http"],
    [{ OTEL_METRICS_EXPORTER: "prometheus" }, "@opentelemetry/exporter-prometheus"],
  ])("and that %j asks for is left out, with one warning that names package and remedy", (variables, name) => {
    expect(create(variables)).toEqual([]);
    expect(said).toEqual([expect.stringContaining(`npm install ${name}`)]);
  });

  it.each([
    [{ otlp: true }, "npm install @opentelemetry/exporter-metrics-otlp-http"],
    [{ prometheus: true }, "npm install @opentelemetry/exporter-prometheus"],
  ])("and that the option %j asks for is an error", (options, remedy) => {
    expect(() => create({}, options)).toThrow(remedy);
  });
});

describe("OTEL_EXPORTER_OTLP_PROTOCOL", () => {
  it.each(["grpc", "http/protobuf"])("%s is answered with what is used instead, once", async (protocol) => {
    isInstalled = true;
    const readers = create({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    });
    expect(readers).toHaveLength(1);
    expect(said).toEqual([expect.stringContaining(`"${protocol}"; http/json is used instead`)]);
  });

  it("http/json needs no words", () => {
    isInstalled = true;
    create({ OTEL_METRICS_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" });
    expect(said).toEqual([]);
  });
});
