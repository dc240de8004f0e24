/** The configuration through the commands: looking at it, changing it, and what every key does. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { databasePath } from "@moai-metrics/settings";
import { settingKeys } from "@moai-metrics/settings/config-keys";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const userFile = (home: string): string => join(home, ".config", "moai-metrics", "config.json");
const projectFile = (home: string): string => join(home, ".moai", "metrics", "config.json");

function write(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("config", () => {
  it("gets a setting and says where all of them come from", async () => {
    const home = temporaryHome();
    const path = write(projectFile(home), { metrics: { tokens: { warn_threshold: 9 } } });
    expect((await runHere(home, ["config", "get", "tokens.warn_threshold"])).stdout).toBe("9\n");
    expect((await runHere(home, ["config", "get", "metrics.storage"])).stdout).toBe(".moai/metrics/\n");
    expect((await runHere(home, ["config", "get", "retention.max_bytes"])).stdout).toBe("not set\n");
    expect(JSON.parse((await runHere(home, ["config", "get", "enabled", "--json"])).stdout)).toEqual({
      config: { enabled: { key: "enabled", value: true, origin: "default" } },
    });
    const { stdout } = await runHere(home, ["config", "list"]);
    expect(stdout).toMatch(new RegExp(`^tokens.warn_threshold +9 +\\(${path}\\)$`, "m"));
    expect(stdout.trimEnd().split("\n")).toHaveLength(settingKeys().length);
    const { config } = JSON.parse((await runHere(home, ["config", "list", "--json"])).stdout);
    expect(config["tokens.warn_counts"]).toEqual({ value: "new", origin: "default" });
  });

  it("names the setting that was meant", async () => {
    const { stderr, exitCode } = await runHere(temporaryHome(), ["config", "get", "tokens.warn_treshold"]);
    expect([stderr.trim(), exitCode]).toEqual([
      "error: tokens.warn_treshold is not a setting. Do you mean tokens.warn_threshold?",
      2,
    ]);
    expect((await runHere(temporaryHome(), ["config", "get", "zzzzzzzzzzzzzzzzz"])).stderr).toContain("config list");
  });

  it("sets a setting and keeps everything else in the file, its look and its mode", async () => {
    const home = temporaryHome();
    const path = write(
      projectFile(home),
      '{\n    "language": "ko",\n    "metrics": {\n        "enabled": true\n    }\n}\n',
    );
    chmodSync(path, 0o600);
    const { stdout } = await runHere(home, ["config", "set", "session.duration", "false"]);
    expect(stdout).toBe(`session.duration = false in ${path}\n`);
    expect(readFileSync(path, "utf8")).toBe(
      '{\n    "language": "ko",\n    "metrics": {\n        "enabled": true,\n        "session": {\n            "duration": false\n        }\n    }\n}\n',
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("makes the project's file, the user's, or the one that is named", async () => {
    const home = temporaryHome();
    await runHere(home, ["config", "set", "enabled", "false"]);
    expect(JSON.parse(readFileSync(projectFile(home), "utf8"))).toEqual({ metrics: { enabled: false } });
    await runHere(home, ["config", "set", "storage", "numbers", "--user"]);
    expect(JSON.parse(readFileSync(userFile(home), "utf8"))).toEqual({ metrics: { storage: "numbers" } });
    await runHere(home, ["config", "set", "budgets", '[{"name":"day","per":"day","max_usd":5}]', "--config", "c.json"]);
    expect((await runHere(home, ["config", "get", "budgets", "--config", "c.json"])).stdout).toContain('"max_usd":5');
  });

  it.each([
    [
      "a value that does not hold",
      ["tokens.warn_threshold", "-1"],
      undefined,
      /warn_threshold is -1: write at least 0/,
    ],
    ["a file that is not JSON", ["enabled", "true"], "nonsense", /is not JSON/],
    ["a file that is a list", ["enabled", "true"], "[]", /must hold/],
  ])("refuses %s and leaves the file as it was", async (_, argv, content, message) => {
    const home = temporaryHome();
    if (content !== undefined) write(join(home, "c.json"), content);
    const { stderr, exitCode } = await runHere(home, ["config", "set", ...argv, "--config", "c.json"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(existsSync(join(home, "c.json")) ? readFileSync(join(home, "c.json"), "utf8") : undefined).toBe(content);
  });

  it("says when a file cannot be read or written", async () => {
    const home = temporaryHome();
    mkdirSync(join(home, "folder"));
    expect((await runHere(home, ["config", "set", "enabled", "true", "--config", "folder"])).stderr).toContain(
      "cannot be read",
    );
    write(join(home, "file"), "{}");
    expect((await runHere(home, ["config", "set", "enabled", "true", "--config", "file/c.json"])).stderr).toMatch(
      /cannot be (read|written)/,
    );
  });

  it("validates the files that hold here, or one", async () => {
    const home = temporaryHome();
    write(projectFile(home), { metrics: {} });
    const good = await runHere(home, ["config", "validate"]);
    expect([good.stdout, good.exitCode]).toEqual([`${projectFile(home)}: valid\n${userFile(home)}: not there\n`, 0]);
    write(userFile(home), { metrics: { enabledd: true } });
    const bad = await runHere(home, ["config", "validate"]);
    expect(bad.exitCode).toBe(3);
    expect(bad.stdout).toContain(
      `${userFile(home)}: invalid\n  metrics.enabledd is not a setting. Do you mean enabled?`,
    );
    expect(bad.stderr).toContain("1 of 2 files cannot be used.");
    const one = await runHere(home, ["config", "validate", projectFile(home), "--json"]);
    expect(JSON.parse(one.stdout)).toEqual({ files: [{ path: projectFile(home), state: "valid", problems: [] }] });
    expect((await runHere(home, ["config", "validate", "nowhere.json"])).exitCode).toBe(3);
  });
});

describe("a configuration that cannot be used", () => {
  it("stops a command with a line for each problem", async () => {
    const home = homeWithTranscripts();
    const path = write(projectFile(home), { metrics: { enabled: "x", storage: 1 } });
    const { stdout, stderr, exitCode } = await runHere(home, ["daily"]);
    expect([stdout, exitCode]).toEqual(["", 1]);
    expect(stderr).toBe(
      `error: ${path}: metrics.enabled is "x": write true or false.\nerror: ${path}: metrics.storage is 1: write a text.\n`,
    );
  });
});

/** The recorded session was made in this folder; its own settings would lie there. */
const collected = async (home: string, argv: readonly string[]) =>
  JSON.parse((await runHere(home, [...argv, "--json"])).stdout);

/** What a key does when it is switched to the value that is not its default. */
const EFFECTS: Readonly<
  Record<
    string,
    {
      readonly off: unknown;
      readonly see: (home: string) => Promise<unknown>;
      readonly before: unknown;
      readonly after: unknown;
    }
  >
> = {
  enabled: { off: false, see: async (home) => (await collected(home, ["daily"])).totals.calls, before: 7, after: 0 },
  "session.duration": {
    off: false,
    see: async (home) => "activeDurationMs" in (await collected(home, ["session"])).session[0],
    before: true,
    after: false,
  },
  "session.tools_used": {
    off: false,
    see: async (home) => (await collected(home, ["session"])).session[0].toolCalls,
    before: 5,
    after: 0,
  },
  "session.files_modified": {
    off: false,
    see: async (home) => (await collected(home, ["session"])).session[0].filesModified,
    before: 1,
    after: 0,
  },
  "session.tasks_completed": {
    off: false,
    see: async (home) => "tasksCompleted" in (await collected(home, ["session"])).session[0],
    before: true,
    after: false,
  },
  "token_tracking.enabled": {
    off: false,
    see: async (home) => (await collected(home, ["daily"])).totals.totalTokens,
    before: 17115,
    after: 0,
  },
  "token_tracking.track_per_task": {
    off: false,
    see: async (home) => (await collected(home, ["task"])).totals.totalTokens,
    before: 17115,
    after: 0,
  },
  "token_tracking.track_per_session": {
    off: false,
    see: async (home) => "totalTokens" in (await collected(home, ["session"])).session[0],
    before: true,
    after: false,
  },
  "tokens.track_usage": {
    off: false,
    see: async (home) => (await collected(home, ["daily"])).totals.callsWithoutUsage,
    before: 0,
    after: 7,
  },
  "tokens.track_per_task": {
    off: false,
    see: async (home) => (await collected(home, ["task"])).totals.calls,
    before: 7,
    after: 0,
  },
  "tasks.enabled": {
    off: false,
    see: async (home) => (await collected(home, ["task"])).task.length,
    before: 2,
    after: 0,
  },
  "tasks.track_duration": {
    off: false,
    see: async (home) => "durationMs" in (await collected(home, ["task"])).task[0],
    before: true,
    after: false,
  },
  "tasks.track_result": {
    off: false,
    see: async (home) => (await collected(home, ["task"])).task[0].result,
    before: "success",
    after: "unknown",
  },
  "tasks.track_files": {
    off: false,
    see: async (home) => (await collected(home, ["session"])).session[0].filesCreated,
    before: 1,
    after: 0,
  },
  "tasks.track_agent": {
    off: false,
    see: async (home) => (await collected(home, ["agent"])).agent.length,
    before: 2,
    after: 1,
  },
  "agents.enabled": {
    off: false,
    see: async (home) => (await collected(home, ["agent"])).agent[0].agent,
    before: "expert-backend",
    after: "unknown",
  },
  "agents.track_per_agent": {
    off: false,
    see: async (home) => (await collected(home, ["agent"])).agent.length,
    before: 2,
    after: 1,
  },
  "agents.aggregate_daily": {
    off: false,
    see: async (home) =>
      "by_agent" in
      JSON.parse((await runHere(home, ["report", "daily", "--date", "2026-11-22", "-f", "json"])).stdout).daily_report,
    before: true,
    after: false,
  },
  "agents.aggregate_by_type": {
    off: false,
    see: async (home) =>
      Object.keys(JSON.parse((await runHere(home, ["report", "agents", "-f", "json"])).stdout).agent_metrics),
    before: ["expert-backend", "main"],
    after: ["all"],
  },
  prices: {
    off: [{ model: "claude-sonnet-4-5", input: 0, output: 1000 }],
    see: async (home) => (await collected(home, ["daily"])).totals.totalCost,
    before: expect.closeTo(0.06636, 9),
    after: expect.closeTo(2.415, 9),
  },
};

describe("every key", () => {
  it.each(Object.entries(EFFECTS))("%s has an effect", async (key, { off, see, before, after }) => {
    expect(await see(homeWithTranscripts())).toEqual(before);
    const home = homeWithTranscripts();
    const [first = "", second] = key.split(".");
    write(userFile(home), { metrics: { [first]: second === undefined ? off : { [second]: off } } });
    write(projectFile(home), { metrics: {} });
    expect(await see(home)).toEqual(after);
  });

  it("reaches the store: what is kept, and for how long", async () => {
    const home = homeWithTranscripts();
    write(userFile(home), { metrics: { retention: { detailed_days: 40, hourly_days: 30 } } });
    const { stderr, exitCode } = await runHere(home, ["daily"]);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("metrics.retention.hourly_days is 30, less than detailed_days (40)"),
    ]);
  });

  it("of a project holds for that project's facts, wherever the command is typed", async () => {
    const home = homeWithTranscripts();
    const elsewhere = temporaryHome();
    write(join(elsewhere, ".moai", "metrics", "config.json"), { metrics: { enabled: false } });
    const { stdout } = await runHere(home, ["daily", "--json"], { workingFolder: elsewhere });
    expect(JSON.parse(stdout).totals.calls).toBe(7);
  });

  it("says how much was not stored, and by which key", async () => {
    const home = homeWithTranscripts();
    write(userFile(home), { metrics: { session: { tools_used: false } } });
    const { stdout } = await runHere(home, ["import", "--json"]);
    const [source] = JSON.parse(stdout).import;
    expect(source.refused["switched off: session.tools_used"]).toBeGreaterThan(0);
    const store = openStore({ path: databasePath(join(home, ".local", "share", "moai-metrics")), readOnly: true });
    expect(store.query.getToolCalls({}).rows).toEqual([]);
    store.close();
  });
});
