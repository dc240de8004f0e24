import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createUsableStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { createShownMetrics } from "../../src/exposition/shown-metrics.ts";
import { startForwarder } from "../../src/exposition/start-forwarder.ts";
import { temporaryFolder } from "../support/receiver.ts";

describe("a forwarder of the daemon", () => {
  it.each(["cumulative", "delta"] as const)(
    "pushes %s counters under the same instance after a restart",
    async (temporality) => {
      const instances: unknown[] = [];
      const backend = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const { attributes } = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()).resourceMetrics[0].resource;
          instances.push(
            attributes.find(({ key }: { key: string }) => key === "service.instance.id").value.stringValue,
          );
          response.setHeader("Content-Type", "application/json").end("{}");
        });
      }).listen(0, "127.0.0.1");
      onTestFinished(() => void backend.close());
      await new Promise((listens) => backend.once("listening", listens));
      const storage = temporaryFolder();
      const file = createUsableStore({ path: join(storage, "metrics.db") }, () => performance.now());
      onTestFinished(() => file.close());
      const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/v1/metrics`;
      for (const run of [1, 2]) {
        file.use((store) =>
          store.write({
            facts: [
              {
                ...{ kind: "model_call", witness: "log", product: "claude-code", sessionId: "s", requestId: `r${run}` },
                ...{ model: "m", endedAtMillis: Date.now() },
                usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 7, reasoning: 0 },
              },
            ],
          }),
        );

        const forwarder = startForwarder({
          shown: createShownMetrics(file),
          storage,
          target: { url, headers: {}, temporality, intervalMillis: 60_000 },
        });
        await expect.poll(() => forwarder.counters().pushes, { timeout: 10_000 }).toEqual({ success: 1 });
        await forwarder.stop();
      }
      expect(instances.length).toBeGreaterThanOrEqual(2);
      expect(new Set(instances).size).toBe(1);
      expect(instances[0]).toMatch(/^[0-9a-f]{16}$/);
    },
  );
});
