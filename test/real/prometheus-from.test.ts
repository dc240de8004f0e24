/** A real Prometheus scrapes a real daemon, and the command answers from it what it answers from the ledger. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { startDaemon } from "@moai-metrics/receiver/serve";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { afterAll, describe, expect, it } from "vitest";
import { runHere } from "../../packages/cli/test/support/run-here.ts";
import { temporaryFolderOfFile } from "../support/varied-store.ts";
import { findRealPart } from "./parts.ts";

const prometheus = findRealPart("prometheus");
const folder = temporaryFolderOfFile();
let child: ChildProcess | undefined;
afterAll(() => void child?.kill("SIGKILL"));

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 100));
}

describe.skipIf(prometheus === undefined)("agent --from a Prometheus that scrapes the daemon", () => {
  it("is agent from the ledger, tokens, tasks and cost exactly", async () => {
    const storage = join(folder, ".local", "share", "moai-metrics");
    mkdirSync(storage, { recursive: true });
    const place = { storage, environment: { HOME: folder }, homeFolder: folder, timeZone: "UTC" };
    const daemon = await startDaemon({ ...place, host: "127.0.0.1", port: 0, hosts: [], requiresToken: false });
    const port = await freePort();
    const config = join(folder, "prometheus.yml");
    const target = new URL(daemon.url).host;
    writeFileSync(
      config,
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: m, static_configs: [{ targets: ["${target}"] }] }]\n`,
    );
    const flags = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "tsdb")}`];
    child = spawn(prometheus ?? "", [...flags, `--web.listen-address=127.0.0.1:${port}`], { stdio: "ignore" });
    const server = `http://127.0.0.1:${port}`;
    const atMillis = Date.now();
    const store = openStore({ path: databasePath(storage) });
    const common = { witness: "transcript", product: "claude-code", sessionId: "s", taskId: "t" } as const;
    store.write({
      facts: [
        {
          ...{ ...common, kind: "task", agent: "expert", taskKind: "subagent", startedAtMillis: atMillis - 2_000 },
          lastSeenAtMillis: atMillis,
          outcome: { result: "success", origin: "reported", atMillis },
        },
        {
          ...{ ...common, kind: "model_call", requestId: "r", model: "claude-sonnet-4-5", endedAtMillis: atMillis },
          durationMillis: 1_234,
          usage: { input: 1_001, cacheRead: 2_000, cacheWrite5m: 33, cacheWrite1h: 0, output: 77, reasoning: 5 },
        },
      ],
    });
    store.close();
    await until(async () => {
      const query = encodeURIComponent("gen_ai_client_inference_usage_output_tokens_total > 0");
      const answer = await fetch(`${server}/api/v1/query?query=${query}`);
      return ((await answer.json()) as { data: { result: unknown[] } }).data.result.length > 0;
    });
    const agents = async (...more: string[]) =>
      JSON.parse(
        (await runHere(folder, ["agent", "--since", "7d", "--json", ...more], { now: () => Date.now() })).stdout,
      ).agent;
    const [row] = await agents("--from", server);
    const [known] = await agents();
    expect(row).toEqual(known);
    expect(row).toMatchObject({ agent: "expert", outputTokens: 77, tasksCompleted: 1 });
    await daemon.stop();
  });
});
