/** Real servers scrape a real daemon, and commands answer from them what they answer from the ledger. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Daemon, startDaemon } from "@moai-metrics/receiver/serve";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "../../packages/cli/test/support/run-here.ts";
import { temporaryFolderOfFile } from "../support/varied-store.ts";
import { findRealPart } from "./parts.ts";

/** How each server is started, by what reads a daemon at an address. */
const SERVERS = {
  prometheus: (config: string, folder: string, port: number): readonly string[] => [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ],
  "victoria-metrics": (config: string, folder: string, port: number): readonly string[] => [
    `-promscrape.config=${config}`,
    `-storageDataPath=${folder}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    // What was read a moment ago is answered, too.
    "-search.latencyOffset=0s",
  ],
} as const;

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

function writeWork(storage: string): void {
  using store = openStore({ path: databasePath(storage) });
  const atMillis = Date.now();
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
}

describe.each(Object.entries(SERVERS))("--from a %s that scrapes the daemon", (name, argumentsFor) => {
  const program = findRealPart(name as keyof typeof SERVERS);
  const folder = temporaryFolderOfFile();
  const home = join(folder, name);
  let child: ChildProcess | undefined;
  let daemon: Daemon | undefined;
  let server = "";

  beforeAll(async () => {
    if (program === undefined) return;
    const storage = join(home, ".local", "share", "moai-metrics");
    mkdirSync(storage, { recursive: true });
    const place = { storage, environment: { HOME: home }, homeFolder: home, timeZone: "UTC" };
    daemon = await startDaemon({ ...place, host: "127.0.0.1", port: 0, hosts: [], requiresToken: false });
    const port = await freePort();
    const config = join(home, "scrape.yml");
    const target = new URL(daemon.url).host;
    writeFileSync(
      config,
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: m, static_configs: [{ targets: ["${target}"] }] }]\n`,
    );
    child = spawn(program, argumentsFor(config, join(home, "data"), port), { stdio: "ignore" });
    server = `http://127.0.0.1:${port}`;
    writeWork(storage);
    await until(async () => {
      const query = encodeURIComponent("gen_ai_client_inference_usage_output_tokens_total > 0");
      const answer = await fetch(`${server}/api/v1/query?query=${query}`);
      return ((await answer.json()) as { data: { result: unknown[] } }).data.result.length > 0;
    });
  });
  afterAll(async () => {
    child?.kill("SIGKILL");
    await daemon?.stop();
  });

  interface Answers {
    readonly daily?: readonly { readonly sessions?: number }[];
    readonly agent?: readonly { readonly sessions?: number }[];
    readonly daily_report?: { readonly summary: object };
  }
  const ask = async (...args: string[]) =>
    JSON.parse((await runHere(home, args, { now: () => Date.now() })).stdout) as Answers;
  /** From the server, and from the ledger. */
  const both = async (...args: string[]) =>
    ({ shown: await ask(...args, "--from", server), known: await ask(...args) }) as const;

  it.skipIf(program === undefined).each(["daily", "agent"] as const)(
    "%s is that from the ledger, tokens, tasks and cost exactly",
    async (command) => {
      const { shown, known } = await both(command, "--since", "1d", "--json");
      const rowsOf = (answer: Answers) => answer[command]?.map(({ sessions: _, ...row }) => row);
      expect(rowsOf(shown)).toEqual(rowsOf(known));
      expect(rowsOf(shown)).toMatchObject([{ outputTokens: 77, tasksCompleted: 1 }]);
    },
  );

  it.skipIf(program === undefined)("report daily and report agents are, too, and sessions are not known", async () => {
    const today = new Date().toISOString().slice(0, 10);
    const { shown, known } = await both("report", "daily", "--date", today, "--format", "json");
    const summary = { ...known.daily_report?.summary, sessions: null, total_duration_hours: null };
    expect(shown.daily_report).toEqual({ ...known.daily_report, summary });
    expect(summary).toMatchObject({ tasks_completed: 1, tokens_used: 3_111 });
    const agents = await both("report", "agents", "--since", "1d", "--format", "json");
    expect(agents.shown).toEqual(agents.known);
  });
});
