import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ConfigError, DEFAULT_CONFIG, loadConfig, projectStorage } from "../../src/index.ts";

vi.mock("node:module", async (original) => {
  const { compiledOnce } = await import("../../../../test/support/compiled-once.ts");
  return compiledOnce(original, "/check-config.ts", () => import("../../src/config/check-config.ts"));
});

let root: string;
let environment: Record<string, string>;
let project: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "config-"));
  environment = { HOME: join(root, "home"), XDG_CONFIG_HOME: join(root, "xdg") };
  project = join(root, "shop");
  mkdirSync(project, { recursive: true });
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

function write(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const projectFile = (): string => join(project, ".moai", "metrics", "config.json");
const userFile = (): string => join(root, "xdg", "moai-metrics", "config.json");
const load = (folder = project, file?: string) => loadConfig({ environment, folder, file });

/** The whole block of the PRD's chapter "Configuration Schema". */
const PRD_SCHEMA = {
  metrics: {
    enabled: true,
    storage: ".moai/metrics/",
    session: { duration: true, tools_used: true, files_modified: true, tasks_completed: true },
    tokens: { track_usage: true, track_per_task: true, warn_threshold: 150000 },
    tasks: { track_duration: true, track_result: true, track_files: true },
    agents: { track_per_agent: true, aggregate_daily: true },
    quality: { test_coverage: false, lint_scores: false },
    reporting: { daily_summary: true, weekly_report: true, export_format: "json" },
  },
};

describe("loadConfig", () => {
  it("has the PRD's defaults without any file", () => {
    expect(load()).toEqual({ config: DEFAULT_CONFIG, layers: [], project: undefined });
  });

  it("takes the PRD's configuration unchanged, which says the defaults", () => {
    write(projectFile(), PRD_SCHEMA);
    expect(load().config).toEqual(DEFAULT_CONFIG);
  });

  it.each([
    [{ token_tracking: { enabled: true, track_per_task: true, track_per_session: true } }],
    [{ tasks: { enabled: true, track_duration: true, track_result: true, track_agent: true } }],
    [{ agents: { enabled: true, aggregate_by_type: true } }],
  ])("takes the block of a task of the PRD: %j", (metrics) => {
    write(projectFile(), { metrics });
    expect(load().config).toEqual(DEFAULT_CONFIG);
  });

  it("lets the project outvote the user, key by key", () => {
    write(userFile(), {
      metrics: { tokens: { warn_threshold: 1, warn_counts: "total" }, session: { duration: false } },
    });
    write(projectFile(), { metrics: { tokens: { warn_threshold: 2 } } });
    const { config, layers } = load();
    expect(config.tokens).toMatchObject({ warnThreshold: 2, warnCounts: "total" });
    expect(config.session.showsDuration).toBe(false);
    expect(layers.map(({ origin, path }) => [origin, path])).toEqual([
      ["project", projectFile()],
      ["user", userFile()],
    ]);
  });

  it("joins prices and budgets of both, and of budgets with one name keeps the project's", () => {
    const price = { model: "m", input: 1, output: 2 };
    write(userFile(), {
      metrics: {
        prices: [price],
        budgets: [
          { name: "a", per: "day", max_usd: 1 },
          { name: "b", per: "day", max_usd: 2 },
        ],
      },
    });
    write(projectFile(), {
      metrics: { prices: [{ ...price, input: 3 }], budgets: [{ name: "b", per: "week", max_usd: 9 }] },
    });
    const { config } = load();
    expect(config.prices.map(({ inputUsd }) => inputUsd)).toEqual([3, 1]);
    expect(config.budgets.map(({ name, per, maxUsd }) => [name, per, maxUsd])).toEqual([
      ["b", "week", 9],
      ["a", "day", 1],
    ]);
  });

  it("looks back a day for sessions and tasks, a month for agents and projects, unless told otherwise", () => {
    const budget = (per: string, more = {}) => ({ name: per, per, max_usd: 1, ...more });
    write(userFile(), {
      metrics: {
        budgets: [
          ...["session", "task", "agent", "project", "day", "week", "month"].map((per) => budget(per)),
          budget("agent", { name: "weekly", window: "week" }),
        ],
      },
    });
    expect(load().config.budgets.map(({ window }) => window)).toEqual([
      "day",
      "day",
      "month",
      "month",
      "day",
      "week",
      "month",
      "week",
    ]);
  });

  it("takes the path of a budget's project from the project that says it", () => {
    const budget = { per: "day", max_usd: 1 };
    write(projectFile(), {
      metrics: {
        budgets: [
          { ...budget, name: "a", project: "." },
          { ...budget, name: "b", project: "./web" },
          { ...budget, name: "c", project: "web" },
          { ...budget, name: "d" },
        ],
      },
    });
    expect(load().config.budgets.map((each) => each.project)).toEqual([
      project,
      join(project, "web"),
      "web",
      undefined,
    ]);
  });

  it("takes it from the working folder in a file of the command line, and refuses it in the user's own", () => {
    const content = { metrics: { budgets: [{ name: "a", per: "day", max_usd: 1, project: "." }] } };
    const file = write(join(root, "ci.json"), content);
    expect(load(project, file).config.budgets[0]?.project).toBe(project);
    write(userFile(), content);
    expect(() => load()).toThrow(
      `${userFile()}: metrics.budgets[0].project is ".", which only a project's own file can say: write the whole path`,
    );
  });

  it("asks only the user where metrics are pushed", () => {
    write(projectFile(), { metrics: { forward: { url: "https://project.example/v1/metrics" } } });
    expect(load().config.forward.url).toBeUndefined();
    const url = "https://user.example/v1/metrics";
    write(userFile(), { metrics: { forward: { url, headers: { "api-key": "x" }, interval_seconds: 15 } } });
    expect(load().config.forward).toEqual({
      url,
      headers: { "api-key": "x" },
      temporality: "cumulative",
      intervalMillis: 15_000,
    });
  });

  it("asks only the user by what people are told apart", () => {
    write(projectFile(), { metrics: { labels: ["user.email"] } });
    expect(load().config.labels).toEqual([]);
    write(userFile(), { metrics: { labels: ["team", "user"] } });
    expect(load().config.labels).toEqual(["team", "user"]);
  });

  it("asks only the user how long things are kept: the store is one for all projects", () => {
    write(projectFile(), { metrics: { retention: { ledger_days: 1 }, compression: { min_age_days: 1 } } });
    expect(load().config.retention.ledgerDays).toBe(400);
    expect(load().config.compression.minAgeDays).toBe(7);
    write(userFile(), { metrics: { retention: { ledger_days: 500 }, compression: { min_age_days: 3 } } });
    expect(load().config.retention.ledgerDays).toBe(500);
    expect(load().config.compression.minAgeDays).toBe(3);
  });

  it("asks only the user where alerts go, not a project that was cloned", () => {
    write(projectFile(), { metrics: { alerts: { webhook: "https://project.example/x" } } });
    expect(load().config.alerts.webhook).toBeUndefined();
    write(userFile(), { metrics: { alerts: { webhook: "https://user.example/x" } } });
    expect(load().config.alerts.webhook).toBe("https://user.example/x");
  });

  it("finds the block in a bigger file whose other keys are not ours", () => {
    write(join(project, ".moai", "config", "config.json"), { language: { code: "ko" }, metrics: { enabled: false } });
    expect(load().config.isEnabled).toBe(false);
  });

  it("prefers .moai/metrics/config.json to .moai/config/config.json", () => {
    write(join(project, ".moai", "config", "config.json"), { metrics: { enabled: false } });
    write(projectFile(), { metrics: {} });
    expect(load().config.isEnabled).toBe(true);
  });

  it("finds the project from a folder inside it, but not beyond a repository", () => {
    write(projectFile(), { metrics: { enabled: false } });
    const inner = join(project, "packages", "a");
    mkdirSync(inner, { recursive: true });
    expect(load(inner).project?.folder).toBe(project);
    mkdirSync(join(project, "packages", ".git"));
    expect(load(inner).project).toBeUndefined();
  });

  it("gives a worktree the configuration of its primary checkout", () => {
    write(projectFile(), { metrics: { storage: "numbers" } });
    mkdirSync(join(project, ".git", "worktrees", "feature"), { recursive: true });
    const worktree = join(root, "shop-feature");
    write(join(worktree, ".git"), `gitdir: ${join(project, ".git", "worktrees", "feature")}\n`);
    const { project: found, config } = load(worktree);
    if (found === undefined) throw new Error("no project was found");
    expect(projectStorage(found, config)).toBe(join(project, "numbers"));
  });

  it("finds nothing behind a link to a repository that is gone", () => {
    const worktree = join(root, "lost");
    write(join(worktree, ".git"), `gitdir: ${join(root, "gone", ".git", "worktrees", "lost")}\n`);
    expect(load(worktree).project).toBeUndefined();
  });

  it("takes a named file instead of the project's", () => {
    write(projectFile(), { metrics: { enabled: false } });
    write(join(root, "other.json"), { metrics: { tokens: { warn_threshold: 7 } } });
    const { config, layers, project: found } = load(project, "../other.json");
    expect([config.isEnabled, config.tokens.warnThreshold, found]).toEqual([true, 7, undefined]);
    expect(layers.map(({ origin }) => origin)).toEqual(["flag"]);
  });

  it.each([
    [
      "an unknown key, with the one that was meant",
      { metrics: { tokens: { warn_treshold: 1 } } },
      "metrics.tokens.warn_treshold is not a setting. Do you mean warn_threshold?",
    ],
    [
      "an unknown key that is like no other",
      { metrics: { compression: { zzzzzzzzzz: 1 } } },
      "metrics.compression.zzzzzzzzzz is not a setting. There are min_age_days.",
    ],
    [
      "an unknown key in a list",
      { metrics: { budgets: [{ name: "a", per: "day", max_usdd: 3, max_usd: 3 }] } },
      "metrics.budgets[0].max_usdd is not a setting. Do you mean max_usd?",
    ],
    ["a value of the wrong type", { metrics: { enabled: "yes" } }, 'metrics.enabled is "yes": write true or false.'],
    [
      "a fraction",
      { metrics: { tokens: { warn_threshold: 1.5 } } },
      "metrics.tokens.warn_threshold is 1.5: write a whole number.",
    ],
    [
      "a value that is not one of the known",
      { metrics: { reporting: { export_format: "xml" } } },
      'metrics.reporting.export_format is "xml": write "json" or "csv" or "prometheus" or "openmetrics" or "grafana".',
    ],
    [
      "a number that is too small",
      { metrics: { retention: { daily_days: 0 } } },
      "metrics.retention.daily_days is 0: write at least 1.",
    ],
    [
      "a number that is too big",
      { metrics: { buffer: { flush_interval_seconds: 4000 } } },
      "metrics.buffer.flush_interval_seconds is 4000: write at most 3600.",
    ],
    [
      "nothing where something must be",
      { metrics: { prices: [{ model: "m", input: 1 }] } },
      "metrics.prices[0].output is missing: write a number.",
    ],
    [
      "a day that is none",
      { metrics: { prices: [{ model: "m", from: "2026-13-01", input: 1, output: 1 }] } },
      'metrics.prices[0].from is "2026-13-01": write a day as 2026-11-23.',
    ],
    [
      "a budget without a limit",
      { metrics: { budgets: [{ name: "a", per: "day" }] } },
      "has no limit: give max_tokens, max_usd, min_success_rate or max_p95_seconds.",
    ],
    [
      "a budget of a model with a limit of tasks",
      { metrics: { budgets: [{ name: "a", per: "day", model: "m", min_success_rate: 1 }] } },
      "tasks have no model",
    ],
    [
      "a window of a budget that is its own",
      { metrics: { budgets: [{ name: "a", per: "day", window: "week", max_usd: 1 }] } },
      "has a window, but a day, week or month is its own: leave window out.",
    ],
    [
      "an address that is none",
      { metrics: { alerts: { webhook: "ftp://example.com" } } },
      'metrics.alerts.webhook is "ftp://example.com": write an address such as https://example.com/hook.',
    ],
    [
      "periods in the wrong order",
      { metrics: { retention: { hourly_days: 3 } } },
      "metrics.retention.hourly_days is 3, less than detailed_days (7): coarser data is kept longer, raise it.",
    ],
    [
      "daily points that go before hourly ones",
      { metrics: { retention: { daily_days: 20 } } },
      "metrics.retention.daily_days is 20, less than hourly_days (30)",
    ],
    ["a label that series have", { metrics: { labels: ["moai_project"] } }, "is a label that series have anyway"],
    ["a label that Prometheus gives", { metrics: { labels: ["job"] } }, "is a label that series have anyway"],
    ["an id as a label", { metrics: { labels: ["session.id"] } }, "is an id, and ids are in the ledger"],
    ["a label that is no name", { metrics: { labels: ["my team"] } }, "is no name of an attribute: write letters"],
    ["a label twice", { metrics: { labels: ["user.id", "user_id"] } }, "names a label twice"],
    ["an empty text", { metrics: { storage: "" } }, 'metrics.storage is "": write at least 1 character.'],
    ["a block that is none", { metrics: { session: 3 } }, "metrics.session is 3: write a block in braces."],
  ])("refuses %s", (_, content, message) => {
    const path = write(projectFile(), content);
    expect(() => load()).toThrow(ConfigError);
    expect(() => load()).toThrow(`${path}: `);
    expect(() => load()).toThrow(message);
  });

  it("says every problem of a file at once", () => {
    write(projectFile(), { metrics: { enabled: 1, tokens: { warn_threshold: -1 } } });
    expect(() => load()).toThrow(/enabled is 1.*\n.*warn_threshold is -1/);
  });

  it.each([
    ["text", "nonsense", /is not JSON/],
    ["a list", "[]", /must hold \{ "metrics"/],
  ])("refuses a file with %s", (_, content, message) => {
    write(projectFile(), content);
    expect(() => load()).toThrow(message);
  });

  it("refuses a named file that is not there, and not a user's file that is not there", () => {
    expect(() => load(project, "nowhere.json")).toThrow(/nowhere\.json: cannot be read \(ENOENT\)/);
    expect(load().layers).toEqual([]);
  });

  it("reads a file that begins with a byte order mark", () => {
    write(projectFile(), `\uFEFF{"metrics":{"enabled":false}}`);
    expect(load().config.isEnabled).toBe(false);
  });

  it("cannot be changed by who holds it", () => {
    expect(Object.isFrozen(load().config.tokens)).toBe(true);
  });
});
