import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { startDaemon } from "../../src/serve.ts";
import { daemonOptions } from "../support/daemon-options.ts";
import { send, temporaryFolder } from "../support/receiver.ts";

type Forward = NonNullable<Parameters<typeof startDaemon>[0]["forward"]>;

async function start(forward?: Pick<Forward, "url"> & Partial<Forward>) {
  const storage = temporaryFolder();
  const daemon = await startDaemon({
    ...daemonOptions(storage),
    forward: forward && { headers: {}, temporality: "cumulative", intervalMillis: 25, ...forward },
  });
  onTestFinished(() => daemon.stop());
  const ownPort = Number(new URL(daemon.url).port);
  return {
    ...daemon,
    storage,
    metrics: async () => (await send(ownPort, "/metrics", { method: "GET" })).body.toString(),
  };
}

function writeCall(storage: string): void {
  using store = openStore({ path: databasePath(storage) });
  store.write({
    facts: [
      {
        kind: "model_call",
        witness: "transcript",
        product: "claude-code",
        sessionId: "s",
        requestId: "r",
        model: "m",
        endedAtMillis: Date.now(),
        usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 7, reasoning: 0 },
      },
    ],
  });
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 25));
}

describe("a daemon that forwards to another daemon", () => {
  it("is refused there and counted, so that no loop can form", async () => {
    const other = await start();
    const daemon = await start({ url: `${other.url}/v1/metrics` });
    writeCall(daemon.storage);
    await until(async () =>
      /moai_forward_pushes_total\{outcome="success"\} (?:[3-9]|\d\d)/.test(await daemon.metrics()),
    );
    const seen = await other.metrics();
    expect(seen).toMatch(
      /moai_receiver_items_refused_total\{reason="forwarded by a moai-metrics daemon",signal="metrics"\} [1-9]/,
    );
    expect(seen).toContain('moai_receiver_items_stored_total{signal="metrics"} 0\n');
    expect(seen).not.toContain("gen_ai_client_inference");
    using store = openStore({ path: databasePath(other.storage) });
    expect(store.points("gen_ai.client.inference.usage.output_tokens")).toEqual([]);
  });

  it("pushes what is left when it is stopped", async () => {
    let pushes = 0;
    const backend = createServer((request, response) => {
      request.resume().on("end", () => {
        pushes += 1;
        response.setHeader("Content-Type", "application/json").end("{}");
      });
    });
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void backend.close());
    const { port } = backend.address() as AddressInfo;
    const daemon = await start({ url: `http://127.0.0.1:${port}/v1/metrics`, intervalMillis: 600_000 });
    await until(async () => /moai_forward_pushes_total\{outcome="success"\} 1/.test(await daemon.metrics()));
    expect(pushes).toBe(0);
    writeCall(daemon.storage);
    await daemon.stop();
    expect(pushes).toBe(1);
  });
});
