/** The examples of docs/team.md for other backends: the Collector takes each, and sends what the example promises. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import {
  AggregationTemporality,
  MetricsDataSchema,
} from "../../packages/receiver/src/otlp/generated/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { findRealPart } from "../real/parts.ts";
import { sendForeignMetrics } from "./support/foreign-metrics.ts";
import { freePorts } from "./support/free-port.ts";
import { createPart } from "./support/part.ts";

const collector = findRealPart("otelcol-moai");
const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

interface Example {
  readonly exporters: Readonly<Record<string, { readonly endpoint: string; readonly headers: Record<string, string> }>>;
  readonly service: { readonly pipelines: Readonly<Record<string, object>> };
}

const examples = [...read("docs/team.md").matchAll(/```yaml\n(exporters:\n[\s\S]*?)```/g)].map(([, text = ""]) => {
  const example = parse(text) as Example;
  return [Object.keys(example.exporters).join(), example] as const;
});

const PROMISED: Readonly<
  Record<string, { readonly headers: IncomingHttpHeaders; readonly kind: AggregationTemporality }>
> = {
  "otlp_http/mimir": { headers: { "x-scope-orgid": "agents" }, kind: AggregationTemporality.CUMULATIVE },
  "otlp_http/dynatrace": { headers: { authorization: "Api-Token secret" }, kind: AggregationTemporality.DELTA },
  "otlp_http/honeycomb": {
    headers: { "x-honeycomb-team": "secret", "x-honeycomb-dataset": "agents" },
    kind: AggregationTemporality.DELTA,
  },
};

it("docs/team.md has an example for each backend", () => {
  expect(examples.map(([name]) => name).sort()).toEqual(Object.keys(PROMISED).sort());
});

describe.skipIf(collector === undefined)("the Collector", () => {
  it.each(examples)("sends to %s what the example promises", async (name, example) => {
    const folder = mkdtempSync(join(tmpdir(), "backend-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const received: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
    const backend = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(200, { "Content-Type": "application/x-protobuf" }).end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => backend.once("listening", resolve));
    onTestFinished(() => {
      backend.close();
    });
    const backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;

    const [http = 0, health = 0] = await freePorts(2);
    const own = parse(read("otel-collector.yaml")) as Record<string, Record<string, object>>;
    const { endpoint, headers } = example.exporters[name] ?? { endpoint: "", headers: {} };
    const config = {
      ...own,
      extensions: { health_check: { endpoint: `127.0.0.1:${health}` } },
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${http}` } } } },
      exporters: { [name]: { endpoint: `${backendUrl}${new URL(endpoint).pathname.replace(/\/$/, "")}`, headers } },
      service: {
        extensions: ["health_check"],
        pipelines: example.service.pipelines,
        telemetry: { metrics: { level: "none" } },
      },
    };
    const file = join(folder, "config.yaml");
    writeFileSync(file, stringify(config));
    const part = createPart({
      command: collector ?? "",
      args: ["--config", file],
      environment: { BACKEND_TOKEN: "secret" },
      readyUrl: `http://127.0.0.1:${health}/`,
    });
    await part.start();
    await sendForeignMetrics(`http://127.0.0.1:${http}`);
    // What waits is handed on before it ends.
    await part.stop();

    const { headers: wanted, kind } = PROMISED[name] ?? { headers: {}, kind: AggregationTemporality.UNSPECIFIED };
    expect(received.length).toBeGreaterThan(0);
    const totals = new Map<string, number>();
    for (const { path, headers: sent, body } of received) {
      expect(path).toBe(`${new URL(endpoint).pathname.replace(/\/$/, "")}/v1/metrics`);
      expect(sent).toMatchObject(wanted);
      const bytes = sent["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      for (const { data, name: metric } of metricsIn(bytes)) {
        expect(data.case).toBe("sum");
        if (data.case !== "sum") continue;
        expect(data.value.aggregationTemporality).toBe(kind);
        for (const { value } of data.value.dataPoints) {
          const number = Number(value.value ?? 0);
          const before = totals.get(metric) ?? 0;
          totals.set(metric, kind === AggregationTemporality.DELTA ? before + number : Math.max(before, number));
        }
      }
      expect(bytes.toString("latin1")).not.toContain("secret words");
    }
    expect(totals.get("claude_code.token.usage")).toBe(116);
    expect(totals.get("gemini_cli.token.usage")).toBe(39);
  });
});

/** A request has the form of `MetricsData`. */
function metricsIn(bytes: Uint8Array) {
  const { resourceMetrics } = fromBinary(MetricsDataSchema, bytes);
  return resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}
