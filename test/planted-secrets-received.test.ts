/** Two hundred secrets go into rollouts, chats, quality reports and everything that OTLP carries; none comes out anywhere. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantChats } from "./privacy/chats.ts";
import { CLI, createHarness } from "./privacy/harness.ts";
import { plantedRequests } from "./privacy/otlp.ts";
import { plantQualityReports } from "./privacy/quality-reports.ts";
import { plantRollouts } from "./privacy/rollouts.ts";
import { SECRETS } from "./privacy/secrets.ts";

const harness = createHarness();
const { home, storage, moaiMetrics, search, foundIn } = harness;
const told: string[] = [];
let webhook: Server;
let daemon: Daemon | undefined;

interface Daemon {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ended: Promise<number | null>;
  output(): string;
}

beforeAll(async () => {
  webhook = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      told.push(text);
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => webhook.once("listening", resolve));
  const { port } = webhook.address() as AddressInfo;
  const budgets = [
    { name: "canary-budget", per: "session", max_tokens: 1 },
    { name: "canary-day", per: "day", max_tokens: 1 },
  ];
  const metrics = {
    reporting: { daily_summary: true, weekly_report: true },
    quality: { test_coverage: true, lint_scores: true },
    budgets,
    alerts: { webhook: `http://127.0.0.1:${port}/` },
  };
  writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics }));
  plantRollouts(home);
  plantChats(home);
});

afterAll(() => {
  daemon?.child.kill("SIGKILL");
  webhook.close();
  harness.remove();
});

/** Starts the daemon and waits until it listens. */
function serve(): Promise<Daemon> {
  const child = spawn(process.execPath, [CLI, "serve", "--port", "0", "--verbose"], {
    cwd: join(home, "work"),
    env: { ...harness.environment },
  });
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return new Promise((resolve, reject) => {
    child.stderr.on("data", (text: Buffer) => (output += text));
    child.stdout.on("data", (text: Buffer) => {
      output += text;
      const port = /Listening on http:\/\/127\.0\.0\.1:(\d+) /.exec(output)?.[1];
      if (port !== undefined) resolve({ child, port: Number(port), ended, output: () => output });
    });
    void ended.then(() => reject(new Error(output)));
  });
}

/** What Claude Code posts to its hooks of the type `http`. */
function plantedHooks(): { readonly path: string; readonly body: object }[] {
  const events = ["PostToolUse", "UserPromptSubmit", "StopFailure", "Stop", "TaskCompleted", "Notification"];
  return SECRETS.map(({ text }, n) => ({
    path: "/v1/hooks/claude-code",
    body: {
      session_id: "5e551012-0000-4000-8000-000000000000",
      hook_event_name: events[n % events.length],
      prompt_id: `posted-${n}`,
      tool_use_id: `toolu_posted_${n}`,
      tool_name: "Bash",
      tool_input: { command: text },
      tool_response: { stdout: text },
      task_id: String(n),
      ...{ task_subject: text, task_description: text, prompt: text, message: text, error: text, error_details: text },
      last_assistant_message: text,
    },
  }));
}

describe("of 200 secrets of 40 kinds", { timeout: 120_000 }, () => {
  it("none leaves the rollouts of Codex or the chats of Gemini CLI", () => {
    const { import: sources } = JSON.parse(moaiMetrics("import", "--verbose", "--json"));
    const read = sources.filter(({ filesRead }: { filesRead: number }) => filesRead > 0);
    expect(read.map(({ filesRead, failures }: Record<string, unknown>) => ({ filesRead, failures }))).toEqual([
      { filesRead: 200, failures: [] },
      { filesRead: 360, failures: [] },
    ]);
    const { model } = JSON.parse(moaiMetrics("model", "--json"));
    expect(model.map((row: { model: string }) => row.model).sort()).toEqual(["gemini-2.5-flash", "gpt-5-codex"]);
    expect(foundIn()).toEqual([]);
  });

  it("none leaves the reports of linters and of coverage, whole or broken", () => {
    const { whole, broken } = plantQualityReports(join(home, "work"));
    moaiMetrics("import", "quality", ...whole);
    expect(harness.failed()).toEqual([]);
    harness.run([CLI, "import", "quality", ...broken]);
    expect(harness.failed()).toHaveLength(1);
    expect(JSON.parse(moaiMetrics("quality", "--json")).quality.length).toBeGreaterThan(0);
    expect(foundIn()).toEqual([]);
  });

  it("none leaves what is sent to the daemon, its answers and its metrics", async () => {
    daemon = await serve();
    const { port } = daemon;
    const address = `http://127.0.0.1:${port}`;
    const headers = { "Content-Type": "application/json" };
    for (const { path, body } of [...plantedRequests(Date.now()), ...plantedHooks()]) {
      const response = await fetch(`${address}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      const answer = await response.text();
      expect([path, response.status, answer.slice(0, 200)]).toEqual([path, 200, expect.any(String)]);
      search(`answer to ${path}`, answer);
    }
    for (const { text } of SECRETS.filter((_, n) => n % 5 === 0)) {
      const bodies = [text, `{"resourceLogs": ${text}`, JSON.stringify({ resourceLogs: text, [text]: text })];
      for (const body of bodies) {
        const response = await fetch(`${address}/v1/logs`, { method: "POST", headers, body });
        search("answer to what is malformed", await response.text());
      }
      const response = await fetch(`${address}/v1/${encodeURIComponent(text)}?key=${encodeURIComponent(text)}`);
      search("answer to an unknown path", await response.text());
    }
    const told = ["/metrics", "/status", "/v1/tasks"].map(async (path) => (await fetch(`${address}${path}`)).text());
    const answers = (await Promise.all(told)).join("\n");
    search("the daemon's metrics, state and tasks", answers);
    expect(answers).toContain("event without figures: (odd name)");
    expect(answers).toContain("attribute about a person or an account");
    expect(foundIn()).toEqual([]);
  });

  it("none is in any export, on any screen or in any answer", () => {
    const exports = ["json", "csv", "prometheus", "openmetrics", "grafana"];
    harness.runTogether([
      ...exports.map((format) => ["export", "--format", format, "--out", join(home, "exported", format)]),
      ["export", "--out", join(home, "exported", "all.json.gz")],
      ["--verbose"],
      ...["session", "task", "tool", "quality", "budget", "reconcile", "dashboard"].map((command) => [
        command,
        "--json",
      ]),
      ...["getTasks", "getToolCalls"].map((method) => ["query", method]),
      ["report", "quality", "--format", "html"],
    ]);
    for (const entry of readdirSync(join(home, "exported"), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = readFileSync(join(entry.parentPath, entry.name));
      search(`export ${entry.name}`, entry.name.endsWith(".gz") ? gunzipSync(content) : content);
    }
    expect(foundIn()).toEqual([]);
    expect(harness.failed()).toHaveLength(1);
  });

  it("none is in the daemon's alerts or its output", async () => {
    const outputs: string[] = [];
    const stop = async ({ child, ended, output }: Daemon): Promise<void> => {
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
      outputs.push(output());
    };
    if (daemon !== undefined) await stop(daemon);
    // A daemon looks at budgets when it starts, and then only now and again.
    daemon = await serve();
    await expect.poll(() => told.length, { timeout: 60_000 }).toBeGreaterThan(0);
    await stop(daemon);
    for (const output of outputs) search("output of the daemon", output);
    for (const text of told) search("webhook", text);
    expect(told.join("")).toContain("canary-");
    expect(foundIn()).toEqual([]);
  });

  it("none lies in any file of the storage, while names do", () => {
    expect(readdirSync(storage)).toEqual(expect.arrayContaining(["metrics.db", "alerts", "reports"]));
    expect(harness.searchFiles(storage, "received")).toBeGreaterThan(100_000);
    harness.searchRows("received");
    expect(harness.searchPoints("received")).toBeGreaterThanOrEqual(3);
    expect(foundIn()).toEqual([]);
    const everything = readFileSync(join(storage, "metrics.db"));
    for (const name of [
      "/home/dev/canary-codex",
      "/home/dev/canary-gemini",
      "canary-agent",
      "canary-point",
      "canary-spans",
    ]) {
      expect(everything.includes(name), name).toBe(true);
    }
  });
});
