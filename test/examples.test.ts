/** The examples do what the README says of them. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "@moai-metrics/store";
import { expect, it, onTestFinished } from "vitest";

const example = (name: string): string => fileURLToPath(new URL(`../examples/${name}.ts`, import.meta.url));

function temporaryStorage(): string {
  const folder = mkdtempSync(join(tmpdir(), "moai-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

it("five lines make an agent visible", () => {
  const storage = temporaryStorage();
  const { status, stderr } = spawnSync(process.execPath, [example("instrument-an-agent")], {
    encoding: "utf8",
    env: { ...process.env, MOAI_METRICS_STORAGE: storage },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const store = openStore({ path: join(storage, "metrics.db"), readOnly: true });
  onTestFinished(() => store.close());
  expect(store.ledger.tasks({})).toMatchObject([
    { agent: "planner", result: "success", calls: 1, toolCalls: 1, tokens: { input: 1200, output: 340 } },
  ]);
});

it("a running agent is scraped by Prometheus and stored as well", async () => {
  const storage = temporaryStorage();
  const port = await freePort();
  const child = spawn(process.execPath, [example("long-running-agent")], {
    env: {
      ...process.env,
      MOAI_METRICS_STORAGE: storage,
      OTEL_METRICS_EXPORTER: "prometheus",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    },
    stdio: "ignore",
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const scrape = async (): Promise<string> => {
    const response = await fetch(`http://localhost:${port}/metrics`).catch(() => undefined);
    return (await response?.text()) ?? "";
  };
  await expect
    .poll(scrape, { timeout: 20_000 })
    .toMatch(/^moai_task_count_total\{gen_ai_agent_name="watcher".*\} [1-9]/m);
  child.kill("SIGINT");
  await once(child, "exit");
  const store = openStore({ path: join(storage, "metrics.db"), readOnly: true });
  onTestFinished(() => store.close());
  expect(store.ledger.usage({ by: ["agent"] })).toMatchObject([{ agent: "watcher" }]);
});
