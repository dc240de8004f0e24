import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, vi } from "vitest";
import { parseExposition } from "../../../report/test/support/parse-exports.ts";
import { gaugeRequest, JSON_TYPE, startReceiver } from "../support/receiver.ts";

const AT_MILLIS = 1_790_000_000_000;
const SCRAPE = { "X-Prometheus-Scrape-Timeout-Seconds": "10" };
const OPENMETRICS = { Accept: "application/openmetrics-text;version=1.0.0" };

function writeCall(storage: string, witness: "span" | "transcript" = "transcript", output = 7): void {
  using store = openStore({ path: databasePath(storage), now: () => AT_MILLIS });
  store.write({
    facts: [
      {
        kind: "model_call",
        witness,
        product: "claude-code",
        sessionId: "s",
        requestId: "r",
        endedAtMillis: AT_MILLIS,
        durationMillis: 1_500,
        model: "m",
        usage: { input: 100, cacheRead: 20, cacheWrite5m: 3, cacheWrite1h: 0, output, reasoning: 0 },
      },
    ],
  });
}

describe("GET /metrics", () => {
  it("shows the ledger's metrics beside the receiver's own, as text", async () => {
    const { post, storage } = await startReceiver();
    writeCall(storage);
    const { status, headers, body } = await post("/metrics", { method: "GET" });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      vary: "Accept, Accept-Encoding",
    });
    const { samples, hasEof } = parseExposition(body.toString());
    expect(hasEof).toBe(false);
    const named = (name: string) => samples.find((sample) => sample.name === name);
    expect(named("gen_ai_client_inference_usage_input_tokens_total")).toMatchObject({
      labels: { moai_agent_product: "claude-code", gen_ai_request_model: "m" },
      value: 123,
    });
    expect(named("moai_exposition_readable")?.value).toBe(1);
    expect(named("moai_receiver_commits_total")?.value).toBe(0);
  });

  it("shows the same in OpenMetrics, compressed, to those who ask for it", async () => {
    const { post, storage } = await startReceiver();
    writeCall(storage);
    const headers = { ...OPENMETRICS, "Accept-Encoding": "gzip" };
    const reply = await post("/metrics", { method: "GET", headers });
    expect(reply.headers).toMatchObject({
      "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8",
      "content-encoding": "gzip",
    });
    const { samples, types, units, hasEof } = parseExposition(gunzipSync(reply.body).toString());
    expect(hasEof).toBe(true);
    expect(types.get("gen_ai_client_inference_usage_input_tokens")).toBe("counter");
    expect(units.get("gen_ai_client_inference_duration_seconds")).toBe("seconds");
    const count = samples.find(({ name }) => name === "gen_ai_client_inference_duration_seconds_count");
    expect(count?.value).toBe(1);
    expect(samples.some(({ name }) => name === "gen_ai_client_inference_duration_seconds_created")).toBe(true);
  });

  it("begins the counters of each scraper at 0, and changes nothing for those who only look", async () => {
    const { post, storage } = await startReceiver();
    writeCall(storage);
    const output = async (headers = {}, path = "/metrics"): Promise<number | undefined> => {
      const { samples } = parseExposition((await post(path, { method: "GET", headers })).body.toString());
      return samples.find(({ name }) => name === "gen_ai_client_inference_usage_output_tokens_total")?.value;
    };
    expect([await output(), await output(SCRAPE), await output(SCRAPE), await output()]).toEqual([7, 0, 7, 7]);
    expect([await output({}, "/metrics?reader=b"), await output(SCRAPE, "/metrics?reader=b")]).toEqual([0, 7]);
    expect((await post("/metrics?reader=bb", { method: "GET" })).status).toBe(400);
  });

  it("shows 0 again to a scraper that went away before it had its answer", async () => {
    const { post, port, storage } = await startReceiver();
    writeCall(storage);
    const answeredScrapes = async (): Promise<number> => {
      const { samples } = parseExposition((await post("/metrics", { method: "GET" })).body.toString());
      const isScrape = ({ name, labels }: { name: string; labels: Record<string, string> }): boolean =>
        name === "moai_receiver_requests_total" && labels["path"] === "/metrics";
      return samples.find(isScrape)?.value ?? 0;
    };
    const before = await answeredScrapes();
    await new Promise((resolve) => {
      const header = Object.entries({ Host: "localhost", ...SCRAPE }).map(([name, value]) => `${name}: ${value}\r\n`);
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(`GET /metrics HTTP/1.1\r\n${header.join("")}\r\n`, () => socket.destroy());
      });
      socket.on("close", resolve);
    });
    // Its answer was made all the same.
    await vi.waitFor(async () => expect(await answeredScrapes()).toBeGreaterThan(before + 1));
    const output = async (): Promise<number | undefined> => {
      const { samples } = parseExposition((await post("/metrics", { method: "GET", headers: SCRAPE })).body.toString());
      return samples.find(({ name }) => name === "gen_ai_client_inference_usage_output_tokens_total")?.value;
    };
    expect([await output(), await output()]).toEqual([0, 7]);
  });

  it("counts corrections, and goes on with what it had shown", async () => {
    const { post, storage } = await startReceiver();
    const scrape = async (): Promise<string> =>
      (await post("/metrics", { method: "GET", headers: SCRAPE })).body.toString();
    writeCall(storage, "span", 100);
    await scrape();
    await scrape();
    writeCall(storage, "transcript", 7);
    for (let i = 0; i < 2; i++) {
      const text = await scrape();
      expect(text).toMatch(/^gen_ai_client_inference_usage_output_tokens_total\{.*\} 100$/m);
      expect(text).toContain("moai_exposition_corrections_total 2\n");
      expect(text).toContain("moai_exposition_series_held 2\n");
    }
  });

  it("shows no received metric, whatever its name", async () => {
    const { post } = await startReceiver();
    const points = [{ value: 1e6, nanos: AT_MILLIS * 1e6 }];
    for (const name of ["moai.task.active", "moai.cost", "other"]) {
      await post("/v1/metrics", { headers: JSON_TYPE, body: gaugeRequest(name, points) });
    }
    const text = (await post("/metrics", { method: "GET" })).body.toString();
    expect(text).toContain('moai_receiver_items_stored_total{signal="metrics"} 3\n');
    expect(text).not.toMatch(/moai_task_active|moai_cost|^other/m);
  });

  it("goes on with its own counters while the ledger cannot be read, and says so", async () => {
    const { post, storage } = await startReceiver();
    writeFileSync(databasePath(storage), "this is no database, but it is long enough to be looked at as one");
    const { status, body } = await post("/metrics", { method: "GET" });
    expect(status).toBe(200);
    expect(body.toString()).toContain("moai_exposition_readable 0\n");
    expect(body.toString()).toContain("moai_receiver_commits_total 0\n");
  });

  it("answers many at once, and those of the last moment", async () => {
    const { post, storage, stop } = await startReceiver();
    writeCall(storage);
    const replies = Promise.all(Array.from({ length: 20 }, () => post("/metrics", { method: "GET" })));
    await post("/healthz", { method: "GET" });
    const [all] = await Promise.all([replies, stop()]);
    expect(all.every(({ status }) => status === 200)).toBe(true);
  });
});
