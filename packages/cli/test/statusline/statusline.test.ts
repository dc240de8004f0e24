import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, NOW, runBinary, temporaryHome } from "../support/run-binary.ts";

const BINARY = fileURLToPath(new URL("../../bin/moai-metrics.js", import.meta.url));
const CLOCK = new URL("../support/freeze-clock.mjs", import.meta.url).href;

const INPUT = {
  session_id: "eb48af2e-79c3-46e9-aef8-1722a7dd74f2",
  model: { id: "claude-opus-4-5", display_name: "Opus 4.5" },
  workspace: { project_dir: "/home/devusr/work2" },
  cost: { total_cost_usd: 0.08 },
  context_window: { used_percentage: 42 },
};

function statusLine(home: string, input: unknown, variables: Record<string, string> = {}, argv: string[] = []) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BINARY, "statusline", ...argv], {
    encoding: "utf8",
    cwd: home,
    input: typeof input === "string" ? input : JSON.stringify(input),
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      TZ: "UTC",
      NO_COLOR: "1",
      NODE_OPTIONS: `--import=${CLOCK}`,
      FROZEN_NOW: String(NOW),
      ...variables,
    },
  });
  return { stdout, stderr, exitCode: status };
}

function homeWithStore(metrics: unknown = {}): string {
  const home = homeWithTranscripts();
  runBinary(home, ["import"]);
  mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
  writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics }));
  return home;
}

describe("statusline", () => {
  it("says in one line what the session has used, what today has cost, what is left, and how full the context is", () => {
    const budgets = [
      { name: "Month", per: "month", max_usd: 5 },
      { name: "Daily spend", per: "day", max_usd: 1 },
    ];
    const home = homeWithStore({ budgets });
    // The agent says 8 cents where 6.6 are stored: the rest was spent since.
    expect(statusLine(home, INPUT)).toEqual({
      stdout: "Opus 4.5 | session 17.1K tokens $0.08 | today $0.08 | Daily spend $0.92 left | context 42%\n",
      stderr: "",
      exitCode: 0,
    });
    expect(statusLine(home, { ...INPUT, cost: undefined }).stdout).toContain("tokens $0.07 | today $0.07 | ");
  });

  it.each([
    [{ name: "Tokens", per: "session", max_tokens: 10_000 }, "Tokens 7,115 tokens over"],
    [{ name: "Tokens", per: "week", max_tokens: 20_000 }, "Tokens 2,885 tokens left"],
    [{ name: "P", per: "project", max_usd: 1 }, "P $0.92 left"],
    [{ name: "P", per: "day", project: "work2", product: "claude-code", max_usd: 1 }, "P $0.92 left"],
    [{ name: "Nothing", per: "day", max_usd: 0 }, "Nothing $0.08 over"],
  ])("has room for the tightest budget: %j", (budget, text) => {
    expect(statusLine(homeWithStore({ budgets: [budget] }), INPUT).stdout).toContain(` | ${text} | `);
  });

  it.each([
    [{ name: "X", per: "agent", max_usd: 0.01 }],
    [{ name: "X", per: "task", max_usd: 0.01 }],
    [{ name: "X", per: "day", model: "claude-sonnet-4-5", max_usd: 0.01 }],
    [{ name: "X", per: "day", product: "codex", max_usd: 0.01 }],
    [{ name: "X", per: "day", min_success_rate: 1 }],
    [{ name: "X", per: "session", project: "blog", max_usd: 0.01 }],
  ])("leaves a budget out that takes more than a glance: %j", (budget) => {
    expect(statusLine(homeWithStore({ budgets: [budget] }), INPUT).stdout).not.toContain("X");
  });

  it("marks a session beyond the token threshold, in colours unless they are switched off", () => {
    const home = homeWithStore({ tokens: { warn_threshold: 10_000 } });
    expect(statusLine(home, INPUT).stdout).toContain("session 17.1K tokens over 10.0K new $0.08");
    expect(statusLine(home, INPUT, { NO_COLOR: "" }).stdout).toContain("\u001b[33msession 17.1K tokens");
    expect(statusLine(home, INPUT, { NO_COLOR: "" }, ["--no-color"]).stdout).not.toContain("\u001b");
    expect(statusLine(home, INPUT, { NO_COLOR: "", TERM: "dumb" }).stdout).not.toContain("\u001b");
    expect(statusLine(home, INPUT, { FORCE_COLOR: "1" }).stdout).toContain("\u001b[33m");
    expect(statusLine(home, INPUT, { NO_COLOR: "", FORCE_COLOR: "0" }).stdout).not.toContain("\u001b");
    const total = homeWithStore({ tokens: { warn_threshold: 17_115, warn_counts: "total" } });
    expect(statusLine(total, INPUT).stdout).toContain("over 17.1K $0.08");
  });

  it("says what the agent says where there is no store, and something where there is nothing", () => {
    const home = temporaryHome();
    expect(statusLine(home, INPUT).stdout).toBe("Opus 4.5 | session $0.08 | context 42%\n");
    const nothing = { stdout: "moai-metrics: nothing recorded yet\n", stderr: "", exitCode: 0 };
    for (const broken of ["", "{", "null", "[]", "3", '{"session_id":3,"cost":{"total_cost_usd":"x"}}']) {
      expect(statusLine(home, broken)).toEqual(nothing);
    }
    writeFileSync(join(home, "metrics.db"), "not a database");
    const unread = "store not read: moai-metrics doctor";
    expect(statusLine(home, "{}", { MOAI_METRICS_STORAGE: home })).toEqual({ ...nothing, stdout: `${unread}\n` });
    expect(statusLine(home, INPUT, { MOAI_METRICS_STORAGE: home }).stdout).toBe(
      `Opus 4.5 | session $0.08 | ${unread} | context 42%\n`,
    );
  });

  it("is not steered by names, and reads another store when told", () => {
    const home = homeWithStore({ budgets: [{ name: "a\nb\u001b[2J", per: "day", max_usd: 1 }] });
    const { stdout } = statusLine(home, { ...INPUT, model: { id: "m\u001b[31m\r\n" } });
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stdout).not.toContain("\u001b");
    expect(statusLine(home, INPUT, {}, ["--storage", join(home, "empty")]).stdout).not.toContain("today");
  });
});
