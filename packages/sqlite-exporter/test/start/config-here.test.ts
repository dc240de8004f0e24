/** What an application stores follows the configuration of the project that it runs in. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveConfig } from "@moai-metrics/settings";
import { openStore, storeSettingsOf } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { bufferOf } from "../../src/start/config-here.ts";

const SCRIPT = fileURLToPath(new URL("../scripts/configured-run.ts", import.meta.url));

/** Runs the program in a project with this configuration. */
function runIn(config: string | undefined) {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "configured-")));
  onTestFinished(() => rmSync(project, { recursive: true }));
  if (config !== undefined) {
    mkdirSync(join(project, ".moai", "metrics"), { recursive: true });
    writeFileSync(join(project, ".moai", "metrics", "config.json"), config);
  }
  const storage = join(project, "store");
  const { stdout, stderr, status } = spawnSync(process.execPath, [SCRIPT, storage], {
    encoding: "utf8",
    cwd: project,
    env: { HOME: project, PATH: process.env["PATH"] },
  });
  expect([stderr, status]).toEqual(["", 0]);
  const path = join(storage, "metrics.db");
  if (!existsSync(path)) return { refused: JSON.parse(stdout).facts.refused };
  const store = openStore({ path, readOnly: true });
  const [tool, task, call] = [
    store.query.getToolCalls({}).rows.length,
    store.ledger.tasks({}).map(({ agent, result }) => [agent, result]),
    store.query
      .getModelCalls({})
      .rows.map(({ taskId, tokens }) => [taskId !== undefined && taskId !== "", tokens?.input]),
  ];
  store.close();
  return { tool, task, call, refused: JSON.parse(stdout).facts.refused };
}

describe("the configuration of the project", () => {
  it("lets everything be stored where it says nothing, and where it cannot be read", () => {
    const whole = { tool: 1, task: [["worker", "success"]], call: [[true, 7]], refused: {} };
    expect(runIn(undefined)).toEqual(whole);
    expect(runIn("{ not JSON")).toEqual(whole);
  });

  it("keeps out what it switches off, whichever witness tells it, and counts it", () => {
    const { tool, refused } = runIn(JSON.stringify({ metrics: { session: { tools_used: false } } }));
    expect(tool).toBe(0);
    expect(refused).toEqual({ "switched off: session.tools_used": expect.any(Number) });
    expect(runIn(JSON.stringify({ metrics: { tasks: { enabled: false } } }))).toMatchObject({
      task: [],
      call: [[false, 7]],
    });
    expect(runIn(JSON.stringify({ metrics: { agents: { enabled: false } } }))).toMatchObject({
      task: [["", "success"]],
    });
    expect(runIn(JSON.stringify({ metrics: { token_tracking: { enabled: false } } }))).toMatchObject({
      call: [[true, undefined]],
    });
  });

  it("switches everything off: not even a file is made", () => {
    expect(runIn(JSON.stringify({ metrics: { enabled: false } }))).toEqual({ refused: {} });
  });

  it("says how points wait and what is kept", () => {
    const config = resolveConfig({
      buffer: { max_size: 7, flush_interval_seconds: 2.5 },
      retention: { ledger_days: 3, max_bytes: 5_000_000 },
      compression: { min_age_days: 2 },
    });
    expect(bufferOf(config)).toEqual({ maxPoints: 7, flushIntervalMillis: 2_500 });
    expect(storeSettingsOf(config)).toEqual({
      retention: { detailedDays: 7, hourlyDays: 30, dailyDays: 90, ledgerDays: 3 },
      compression: { minAgeDays: 2 },
      maxBytes: 5_000_000,
    });
  });
});
