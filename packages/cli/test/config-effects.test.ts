/**
 * Every key of the configuration, switched to what is not its default: a recorded transcript goes in, the command runs
 * as a process, and what is stored or shown differs.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { databasePath } from "@moai-metrics/settings";
import { settingKeys } from "@moai-metrics/settings/config-keys";
import { openStore, type SeriesIdentity } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import {
  homeWithTranscripts,
  moveTranscripts,
  NOW,
  type Result,
  runBinary,
  runScript,
  temporaryHome,
} from "./support/run-binary.ts";

const DAY = 86_400_000;
const ON_DAY = ["--date", "2026-11-22"];
const NEXT_DAY = { FROZEN_NOW: String(NOW + DAY) };
const storageOf = (home: string): string => join(home, ".local", "share", "moai-metrics");

function configure(file: string, metrics: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ metrics }));
}

/** `tokens.warn_threshold` and a value as the block that says so. */
function blockOf(key: string, value: unknown): Record<string, unknown> {
  const [first = "", second] = key.split(".");
  return { [first]: second === undefined ? value : { [second]: value } };
}

const json = ({ stdout, exitCode, stderr }: Result) => {
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
};
const rows = (home: string, command: string) => json(runBinary(home, [command, "--json"]));
const report = (home: string, ...argv: string[]) => json(runBinary(home, ["report", ...argv, "-f", "json"]));
const written = (home: string): string[] => {
  // One that has no time writes one report and leaves the other.
  for (const _ of ["daily", "weekly"]) runBinary(home, ["daily"], NEXT_DAY);
  const folder = join(storageOf(home), "reports");
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
};

/** A key, the value that it is switched to, and what is seen of it: by default, and then. */
interface Effect {
  readonly to: unknown;
  readonly see: (home: string) => unknown;
  readonly before: unknown;
  readonly after: unknown;
}

const noAgents: Pick<Effect, "to" | "see" | "before" | "after"> = {
  to: false,
  see: (home) => rows(home, "agent").agent.map(({ agent }: { agent: string }) => agent),
  before: ["expert-backend", "main"],
  after: ["unknown"],
};

const STORED: Readonly<Record<string, Effect>> = {
  enabled: { to: false, see: (home) => rows(home, "daily").totals.calls, before: 7, after: 0 },
  "session.tools_used": {
    to: false,
    see: (home) => [rows(home, "session").session[0].toolCalls, rows(home, "tool").tool.length],
    before: [5, 4],
    after: [0, 0],
  },
  "session.files_modified": {
    to: false,
    see: (home) => rows(home, "session").session[0].filesModified,
    before: 1,
    after: 0,
  },
  "token_tracking.enabled": {
    to: false,
    see: (home) => {
      const { totalTokens, totalCost, callsWithoutUsage } = rows(home, "daily").totals;
      return [totalTokens, totalCost, callsWithoutUsage];
    },
    before: [17115, expect.closeTo(0.06636, 9), 0],
    after: [0, null, 7],
  },
  "token_tracking.track_per_task": {
    to: false,
    see: (home) => [rows(home, "task").totals.totalTokens, rows(home, "daily").totals.totalTokens],
    before: [17115, 17115],
    after: [0, 17115],
  },
  "tokens.track_usage": {
    to: false,
    see: (home) => rows(home, "daily").totals.callsWithoutUsage,
    before: 0,
    after: 7,
  },
  "tokens.track_per_task": { to: false, see: (home) => rows(home, "task").totals.calls, before: 7, after: 0 },
  "tasks.enabled": { to: false, see: (home) => rows(home, "task").task.length, before: 2, after: 0 },
  "tasks.track_result": {
    to: false,
    see: (home) => rows(home, "task").task.map(({ result }: { result: string }) => result),
    before: ["success", "success"],
    after: ["unknown", "unknown"],
  },
  "tasks.track_files": { to: false, see: (home) => rows(home, "session").session[0].filesCreated, before: 1, after: 0 },
  "tasks.track_agent": noAgents,
  "agents.enabled": noAgents,
  "agents.track_per_agent": noAgents,
  prices: {
    to: [{ model: "claude-sonnet-4-5", input: 0, output: 1000 }],
    see: (home) => rows(home, "daily").totals.totalCost,
    before: expect.closeTo(0.06636, 9),
    after: expect.closeTo(2.415, 9),
  },
};

/** The session's card, as lines that begin with these words. */
const cardLines = (home: string, words: RegExp): string[] =>
  runBinary(home, ["session", "eb48"])
    .stdout.split("\n")
    .filter((line) => words.test(line))
    .map((line) => line.slice(0, 8).trim());

const SHOWN: Readonly<Record<string, Effect>> = {
  "session.duration": {
    to: false,
    see: (home) => [
      "activeDurationMs" in rows(home, "session").session[0],
      cardLines(home, /^Duration/),
      report(home, "daily", ...ON_DAY).daily_report.summary.total_duration_hours,
    ],
    before: [true, ["Duration"], 0],
    after: [false, [], undefined],
  },
  "session.tasks_completed": {
    to: false,
    see: (home) => ["tasksCompleted" in rows(home, "session").session[0], cardLines(home, /^Tasks/)],
    before: [true, ["Tasks"]],
    after: [false, []],
  },
  "token_tracking.track_per_session": {
    to: false,
    see: (home) => [
      "totalTokens" in rows(home, "session").session[0],
      cardLines(home, /^(Tokens|Cost) {2}/),
      runBinary(home, ["report", "tokens", "--session", "eb48", "-f", "json"]).exitCode,
    ],
    before: [true, ["Tokens", "Cost"], 0],
    after: [false, [], 1],
  },
  "tasks.track_duration": {
    to: false,
    see: (home) => {
      const { task } = rows(home, "task");
      const { by_agent } = report(home, "daily", ...ON_DAY).daily_report;
      return [
        "durationMs" in task[0],
        report(home, "task", task[0].taskId).task_metrics.duration_ms,
        by_agent.main.avg_duration_s,
        "avg_duration_ms" in report(home, "agents").agent_metrics.main,
        "averageDurationMs" in json(runBinary(home, ["--json"])).overview.today,
        /Average duration/.test(runBinary(home, []).stdout),
        /longest|Average/.test(runBinary(home, ["report", "daily", ...ON_DAY]).stdout),
      ];
    },
    before: [true, 349, 0.5, true, true, true, true],
    after: [false, undefined, undefined, false, false, false, false],
  },
  "agents.aggregate_daily": {
    to: false,
    see: (home) => "by_agent" in report(home, "daily", ...ON_DAY).daily_report,
    before: true,
    after: false,
  },
  "agents.aggregate_by_type": {
    to: false,
    see: (home) => Object.keys(report(home, "agents").agent_metrics),
    before: ["expert-backend", "main"],
    after: ["all"],
  },
};

const WRITTEN: Readonly<Record<string, Effect>> = {
  "reporting.daily_summary": { to: false, see: written, before: ["daily", "weekly"], after: ["weekly"] },
  "reporting.weekly_report": { to: false, see: written, before: ["daily", "weekly"], after: ["daily"] },
};

const IDENTITY: SeriesIdentity = {
  metric: "m",
  kind: "gauge",
  unit: "1",
  description: "",
  temporality: "none",
  isMonotonic: false,
  valueType: "double",
  attributes: {},
  resource: {},
  scope: { name: "s", version: "" },
};

/** Writes points of days that are so long ago, and lets the command clean up on two days, as it takes to delete. */
function cleanUpAfter(home: string, daysAgo: readonly number[], pointsADay: number) {
  const store = openStore({ path: databasePath(storageOf(home)) });
  const points = daysAgo.flatMap((days) =>
    Array.from({ length: pointsADay }, (_, i) => ({
      startTimeUnixNano: 0n,
      timeUnixNano: BigInt(NOW - days * DAY + i) * 1_000_000n,
      value: { kind: "number" as const, value: Math.sqrt(i) },
    })),
  );
  store.writePoints({ series: [{ identity: IDENTITY, points }] });
  store.close();
  const stats = () => json(runBinary(home, ["db", "stats", "--json"])).stats;
  for (const nowMillis of [NOW, NOW + DAY]) {
    // A command cleans up for a moment only; on a slow machine the next ones go on.
    for (let run = 0; run < 20 && stats().lastMaintenanceMillis !== nowMillis; run++) {
      runBinary(home, ["daily"], { FROZEN_NOW: String(nowMillis) });
    }
  }
  return stats();
}

/** How old, in days, the oldest points of each tier are, and the oldest day of the ledger. */
function keptPoints(home: string): object {
  const { oldestDays, watermarkDay } = cleanUpAfter(home, [0, 2, 4, 6, 9, 12, 25, 35, 60, 95], 1);
  const age = (day: string | undefined) =>
    day === undefined ? undefined : (Date.parse("2026-11-22") - Date.parse(day)) / DAY;
  return {
    plain: age(oldestDays.plainPoints),
    hourly: age(oldestDays.hourlyPoints),
    daily: age(oldestDays.dailyPoints),
    ledger: age(watermarkDay),
  };
}

const keeps = (to: unknown, after: object, before: object): Effect => ({
  to,
  see: keptPoints,
  before: expect.objectContaining(before),
  after: expect.objectContaining(after),
});

const KEPT: Readonly<Record<string, Effect>> = {
  "retention.detailed_days": keeps(3, { plain: 2 }, { plain: 6 }),
  "retention.hourly_days": keeps(10, { hourly: 9 }, { hourly: 25 }),
  "retention.daily_days": keeps(40, { daily: 35 }, { daily: 60 }),
  "compression.min_age_days": keeps(2, { plain: 0 }, { plain: 6 }),
  "retention.ledger_days": keeps(5, { ledger: 5 }, { ledger: 400 }),
};

const WAIT = fileURLToPath(new URL("../../sqlite-exporter/test/scripts/point-waits.ts", import.meta.url));
const pointWaits = (home: string): string => runScript(home, WAIT, [join(home, "store")]).stdout;

const CASES = { ...STORED, ...SHOWN, ...WRITTEN, ...KEPT };

/** Each case runs the command some dozen times. */
const MANY_RUNS_MILLIS = 120_000;

describe("every key", { timeout: MANY_RUNS_MILLIS }, () => {
  it.each(Object.entries(CASES))("%s has an effect", (key, { to, see, before, after }) => {
    expect(see(homeWithTranscripts())).toEqual(before);
    const home = homeWithTranscripts();
    configure(join(home, ".config", "moai-metrics", "config.json"), blockOf(key, to));
    expect(see(home)).toEqual(after);
  });

  it("storage says where a project's documents lie", () => {
    for (const storage of [".moai/metrics/", "numbers"]) {
      const home = homeWithTranscripts();
      const project = join(home, "shop");
      configure(join(project, ".moai", "metrics", "config.json"), { storage });
      moveTranscripts(home, project);
      for (const _ of ["daily", "weekly"]) runBinary(home, ["daily"], NEXT_DAY);
      expect(readdirSync(join(project, storage, "reports")).sort()).toEqual([".written.json", "daily", "weekly"]);
    }
  });

  it("buffer.max_size and buffer.flush_interval_seconds say how long a data point waits", () => {
    const waitsWith = (buffer: object): string => {
      const home = temporaryHome();
      configure(join(home, ".config", "moai-metrics", "config.json"), { buffer });
      return pointWaits(home);
    };
    expect(waitsWith({ max_size: 100, flush_interval_seconds: 3_600 })).toBe("waits");
    expect(waitsWith({ max_size: 1, flush_interval_seconds: 3_600 })).toBe("written");
    expect(waitsWith({ max_size: 100, flush_interval_seconds: 0.05 })).toBe("written");
  });

  it("retention.max_bytes lets old points go", () => {
    const pointsWith = (retention: object): number => {
      const home = homeWithTranscripts();
      configure(join(home, ".config", "moai-metrics", "config.json"), { retention });
      return cleanUpAfter(home, [0, 1, 2, 3, 4, 5, 6], 10_000).points;
    };
    expect(pointsWith({})).toBe(70_000);
    expect(pointsWith({ max_bytes: 1_000_000 })).toBeLessThan(70_000);
  });

  it("stands in this file, or beside the command that it belongs to", () => {
    const here = [
      ...Object.keys(CASES),
      "storage",
      "buffer.max_size",
      "buffer.flush_interval_seconds",
      "retention.max_bytes",
    ];
    const elsewhere = [
      ...["tokens.warn_threshold", "tokens.warn_counts", "budgets", "alerts.webhook"],
      ...["receiver.port", "receiver.host", "receiver.hosts", "receiver.requireToken"],
      ...["quality.test_coverage", "quality.lint_scores", "reporting.export_format"],
    ];
    expect([...here, ...elsewhere].sort()).toEqual(settingKeys().sort());
  });

  it("says how much was not stored, and by which key", () => {
    const home = homeWithTranscripts();
    configure(join(home, ".config", "moai-metrics", "config.json"), { session: { tools_used: false } });
    const [source] = json(runBinary(home, ["import", "--json"])).import;
    expect(source.refused).toEqual({ "switched off: session.tools_used": expect.any(Number) });
    const store = openStore({ path: databasePath(storageOf(home)), readOnly: true });
    expect(store.query.getToolCalls({}).rows).toEqual([]);
    store.close();
  });
});

describe("a project's configuration", () => {
  it.each([[".moai/metrics/config.json"], [".moai/config/config.json"]])(
    "in %s holds for that project's facts, over the user's, wherever the command is typed",
    (file) => {
      const home = homeWithTranscripts();
      const project = join(home, "shop");
      moveTranscripts(home, project);
      configure(join(home, ".config", "moai-metrics", "config.json"), { session: { tools_used: true } });
      configure(join(project, file), { session: { tools_used: false } });
      expect(rows(home, "session").session[0]).toMatchObject({ toolCalls: 0, project });
    },
  );

  it("does not hold for the facts of others", () => {
    const home = homeWithTranscripts();
    configure(join(home, ".moai", "metrics", "config.json"), { enabled: false });
    expect(rows(home, "daily").totals.calls).toBe(7);
  });

  it("does not stop others from being collected when it cannot be used", () => {
    const home = homeWithTranscripts();
    const project = join(home, "shop");
    moveTranscripts(home, project);
    configure(join(project, ".moai", "metrics", "config.json"), { enabledd: true });
    const { stdout, stderr, exitCode } = runBinary(home, ["daily", "--json"]);
    expect([JSON.parse(stdout).totals.calls, exitCode]).toEqual([7, 0]);
    expect(stderr).toContain("metrics.enabledd is not a setting. Do you mean enabled?");
  });

  it("is the PRD's own, unchanged, and changes nothing of what is stored by default", () => {
    const prd = {
      enabled: true,
      storage: ".moai/metrics/",
      session: { duration: true, tools_used: true, files_modified: true, tasks_completed: true },
      tokens: { track_usage: true, track_per_task: true, warn_threshold: 150000 },
      tasks: { track_duration: true, track_result: true, track_files: true },
      agents: { track_per_agent: true, aggregate_daily: true },
      quality: { test_coverage: false, lint_scores: false },
      reporting: { daily_summary: true, weekly_report: true, export_format: "json" },
    };
    const home = homeWithTranscripts();
    configure(join(home, ".moai", "metrics", "config.json"), prd);
    const other = homeWithTranscripts();
    expect(rows(home, "session")).toEqual(rows(other, "session"));
  });
});
