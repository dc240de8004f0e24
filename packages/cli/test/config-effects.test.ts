/**
 * Every key of the configuration, switched to what is not its default: a recorded transcript goes in, the command runs
 * as a process, and what is stored or shown differs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Fact } from "@moai-metrics/model";
import type { Dashboard } from "@moai-metrics/report";
import { databasePath } from "@moai-metrics/settings";
import { settingKeys } from "@moai-metrics/settings/config-keys";
import { openStore, type SeriesIdentity } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  homeWithTranscripts,
  moveTranscripts,
  NOW,
  type Result,
  runBinary,
  runScript,
  temporaryHome,
} from "./support/run-binary.ts";
import { getFrom, startServe } from "./support/start-serve.ts";

const DAY = 86_400_000;
const ON_DAY = ["--date", "2026-11-22"];
const NEXT_DAY = { FROZEN_NOW: String(NOW + DAY) };
const userFile = (home: string): string => join(home, ".config", "moai-metrics", "config.json");
const storageOf = (home: string): string => join(home, ".local", "share", "moai-metrics");

function configure(file: string, metrics: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ metrics }));
}

/** Keys such as `tokens.warn_threshold` and their values as the block that says so. */
function blockOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const block: Record<string, Record<string, unknown> | unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    const [first = "", second] = key.split(".");
    block[first] = second === undefined ? value : { ...(block[first] as object | undefined), [second]: value };
  }
  return block;
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
  /** Other keys without which this one changes nothing; they are set before as well. */
  readonly beside?: Readonly<Record<string, unknown>>;
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

const peaks = (home: string): unknown =>
  rows(home, "budget").budget.tokenWarnings.peaks.map(({ kind, tokens }: { kind: string; tokens: number }) => [
    kind,
    tokens,
  ]);

const WATCHED: Readonly<Record<string, Effect>> = {
  "tokens.warn_threshold": { to: 10_000, see: peaks, before: [], after: [["session", 11_515]] },
  "tokens.warn_counts": {
    to: "total",
    beside: { "tokens.warn_threshold": 12_000 },
    see: peaks,
    before: [],
    after: [
      ["session", 17_115],
      ["task", 12_225],
    ],
  },
  budgets: {
    to: [{ name: "Daily spend", per: "day", max_usd: 0.05 }],
    see: (home) => [
      rows(home, "budget").budget.budgets.map(({ name, state }: { name: string; state: string }) => [name, state]),
      runBinary(home, ["budget", "check"]).exitCode,
    ],
    before: [[], 0],
    after: [[["Daily spend", "exceeded"]], 3],
  },
};

const QUALITY_REPORTS = fileURLToPath(new URL("../../agents/test/fixtures/quality", import.meta.url));

/** What `quality` knows after reports of coverage and of linting were imported. */
const measured = (home: string): unknown => {
  const reports = ["istanbul/lcov.info", "eslint.json"].map((name) => join(QUALITY_REPORTS, name));
  json(runBinary(home, ["import", "quality", ...reports, "--at", "2026-11-22", "--json"]));
  return JSON.parse(runBinary(home, ["quality", "--json"]).stdout).quality.map(
    ({ measure, score }: { measure: string; score: number }) => [measure, score],
  );
};

const MEASURED: Readonly<Record<string, Effect>> = {
  "quality.test_coverage": {
    to: true,
    see: measured,
    before: [],
    after: [["test_coverage", expect.closeTo(7 / 13, 9)]],
  },
  "quality.lint_scores": { to: true, see: measured, before: [], after: [["lint_score", 0.75]] },
};

const EXPORTED: Readonly<Record<string, Effect>> = {
  "reporting.export_format": {
    to: "grafana",
    see: (home) => {
      const document = json(runBinary(home, ["export"]));
      return Array.isArray(document) ? document.map(({ target }) => target) : Object.keys(document);
    },
    before: ["exportedAt", "from", "to", "sessions", "totals"],
    after: ["duration_ms", "tasks", "tokens_used", "cost_usd"].flatMap((name) => [
      `expert-backend.${name}`,
      `main.${name}`,
    ]),
  },
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

const MINUTE = 60_000;

/** Levels of the dashboard when five of six tasks of a minute succeeded and one task has run for ten minutes. */
function levels(home: string, pick: (dashboard: Dashboard) => unknown): unknown {
  using store = openStore({ path: databasePath(storageOf(home)) });
  const base = { witness: "transcript", product: "claude-code", sessionId: "busy" } as const;
  const ended = Array.from({ length: 6 }, (_, i): Fact => {
    const atMillis = NOW - (i + 1) * DAY;
    const times = { startedAtMillis: atMillis - MINUTE, lastSeenAtMillis: atMillis };
    const outcome = { result: i === 0 ? "failure" : "success", origin: "reported", atMillis } as const;
    return { ...base, kind: "task", taskId: `t${i}`, agent: "main", ...times, outcome };
  });
  const startedAtMillis = NOW - 10 * MINUTE;
  const lastSeenAtMillis = NOW - 4 * MINUTE;
  const usage = { input: 100_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
  const running: Fact[] = [
    { ...base, kind: "session", activity: [{ startMillis: startedAtMillis, endMillis: lastSeenAtMillis }] },
    { ...base, kind: "task", taskId: "open", agent: "main", startedAtMillis, lastSeenAtMillis },
    {
      ...{ ...base, kind: "model_call", taskId: "open", requestId: "r", model: "claude-sonnet-4-5" },
      ...{ endedAtMillis: lastSeenAtMillis, usage },
    },
  ];
  store.write({ facts: [...ended, ...running] });
  return pick(json(runBinary(home, ["dashboard", "--json", "--agent", "main"])).dashboard);
}

const judged = (to: unknown, before: unknown, after: unknown, pick: (dashboard: Dashboard) => unknown): Effect => ({
  ...{ to, before, after },
  see: (home) => levels(home, pick),
});

const JUDGED: Readonly<Record<string, Effect>> = {
  "dashboard.success_rate": judged([0.5, 0.4], "warning", "ok", ({ summary }) => summary.successRate.level),
  "dashboard.p99_seconds": judged([30, 50], "ok", "critical", ({ summary }) => summary.p99DurationMs.level),
  "dashboard.queue_length": judged([1, 5], "ok", "warning", ({ queue }) => queue.lengthLevel),
  "dashboard.queue_age_seconds": judged([300, 900], "ok", "warning", ({ queue }) => queue.ageLevel),
  "dashboard.silence_seconds": judged([60, 120], "ok", "critical", ({ queue }) => queue.silenceLevel),
  "dashboard.context_share": judged([0.4, 0.9], "ok", "warning", ({ resources }) => resources.contexts[0]?.level),
};

const WAIT = fileURLToPath(new URL("../../sqlite-exporter/test/scripts/point-waits.ts", import.meta.url));
const pointWaits = (home: string): string => runScript(home, WAIT, [join(home, "store")]).stdout;

const CASES = { ...STORED, ...SHOWN, ...WRITTEN, ...WATCHED, ...MEASURED, ...EXPORTED, ...KEPT, ...JUDGED };

/** When the recorded session was. */
const RECORDED_SECOND = "2026-11-22T07:37:34";

/** A port that no one listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A webhook on this machine, and the first message that it gets. */
async function startWebhook(): Promise<{ readonly url: string; readonly message: Promise<unknown> }> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk));
    request.on("end", () => {
      response.writeHead(204).end();
      resolve(JSON.parse(text));
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((listens) => server.once("listening", listens));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, message: promise };
}

interface Push {
  readonly headers: IncomingHttpHeaders;
  /** Of the first counter: 1 delta, 2 cumulative. */
  readonly temporality: unknown;
}

/** A backend that keeps what is pushed to it. */
async function startBackend(): Promise<{ readonly url: string; readonly pushes: readonly Push[] }> {
  const pushes: Push[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { resourceMetrics } = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString());
      const metrics: { sum?: { aggregationTemporality: unknown } }[] = resourceMetrics[0].scopeMetrics[0].metrics;
      const temporality = metrics.find(({ sum }) => sum !== undefined)?.sum?.aggregationTemporality;
      pushes.push({ headers: request.headers, temporality });
      response.setHeader("Content-Type", "application/json").end("{}");
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((listens) => server.once("listening", listens));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`, pushes };
}

/** Each case runs the command some dozen times. */
const MANY_RUNS_MILLIS = 120_000;

describe("every key", { timeout: MANY_RUNS_MILLIS }, () => {
  it.each(Object.entries(CASES))("%s has an effect", (key, { to, beside = {}, see, before, after }) => {
    const other = homeWithTranscripts();
    if (Object.keys(beside).length > 0) configure(userFile(other), blockOf(beside));
    expect(see(other)).toEqual(before);
    const home = homeWithTranscripts();
    configure(userFile(home), blockOf({ ...beside, [key]: to }));
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
      configure(userFile(home), { buffer });
      return pointWaits(home);
    };
    expect(waitsWith({ max_size: 100, flush_interval_seconds: 3_600 })).toBe("waits");
    expect(waitsWith({ max_size: 1, flush_interval_seconds: 3_600 })).toBe("written");
    expect(waitsWith({ max_size: 100, flush_interval_seconds: 0.05 })).toBe("written");
  });

  it("retention.max_bytes lets old points go", () => {
    const pointsWith = (retention: object): number => {
      const home = homeWithTranscripts();
      configure(userFile(home), { retention });
      return cleanUpAfter(home, [0, 1, 2, 3, 4, 5, 6], 10_000).points;
    };
    expect(pointsWith({})).toBe(70_000);
    expect(pointsWith({ max_bytes: 1_000_000 })).toBeLessThan(70_000);
  });

  it("receiver.port says where serve listens", async () => {
    const home = temporaryHome();
    const port = await freePort();
    configure(userFile(home), { receiver: { port } });
    expect((await startServe(home, [])).port).toBe(port);
    // Whether the usual port is free on this machine or not, it is the one that is tried.
    const usual = await startServe(temporaryHome(), []).then(
      (served) => served.output(),
      (error: Error) => error.message,
    );
    expect(usual).toMatch(/^(Listening on http:\/\/127\.0\.0\.1:4318 |error: Port 4318 of 127\.0\.0\.1 is in use)/);
  });

  it("receiver.host says on which address", async () => {
    const home = temporaryHome();
    expect((await startServe(home)).output()).toContain("Listening on http://127.0.0.1:");
    const other = temporaryHome();
    // An address for documentation: no machine has it.
    const receiver = { host: "203.0.113.7", hosts: ["metrics.lan"], requireToken: true };
    configure(userFile(other), { receiver });
    await expect(startServe(other)).rejects.toThrow("Cannot listen on port 0 of 203.0.113.7 (EADDRNOTAVAIL)");
  });

  it("receiver.hosts says by which names it may be called", async () => {
    const statusWith = async (receiver: object): Promise<unknown> => {
      const home = temporaryHome();
      configure(userFile(home), { receiver });
      const { port } = await startServe(home);
      return (await getFrom(port, "/metrics", { host: `metrics.lan:${port}` })).status;
    };
    expect(await statusWith({})).toBe(403);
    expect(await statusWith({ hosts: ["metrics.lan"] })).toBe(200);
  });

  it("receiver.requireToken lets no one in without it", async () => {
    const { port } = await startServe(temporaryHome());
    expect((await getFrom(port, "/metrics")).status).toBe(200);
    const home = temporaryHome();
    configure(userFile(home), { receiver: { requireToken: true } });
    const guarded = await startServe(home);
    expect((await getFrom(guarded.port, "/metrics")).status).toBe(401);
    const token = readFileSync(join(storageOf(home), "receiver-token"), "utf8").trim();
    expect((await getFrom(guarded.port, "/metrics", { authorization: `Bearer ${token}` })).status).toBe(200);
  });

  it("alerts.webhook is told by serve", async () => {
    const webhook = await startWebhook();
    const home = homeWithTranscripts();
    // The receiver's clock is the real one, so the recorded session has just happened.
    moveTranscripts(home, new Date(Date.now() - 1_000).toISOString().slice(0, RECORDED_SECOND.length), RECORDED_SECOND);
    const budgets = [{ name: "Sessions", per: "session", window: "month", max_tokens: 10_000 }];
    configure(userFile(home), { budgets, alerts: { webhook: webhook.url } });
    json(runBinary(home, ["import", "--json"], { FROZEN_NOW: String(Date.now()) }));
    await startServe(home);
    const next = "moai-metrics session eb48af2e-79c3-46e9-aef8-1722a7dd74f2";
    expect(await webhook.message).toMatchObject({
      version: 1,
      text: expect.stringMatching(
        /^moai-metrics: Budget "Sessions" is exceeded: 17\.1K of 10\.0K tokens by session eb48/,
      ),
      alerts: [{ kind: "budget", state: "exceeded", budget: "Sessions", used: 17_115, allowed: 10_000, next }],
    });
  });

  it("forward.url, headers, temporality and interval_seconds say what is pushed where, and how often", async () => {
    const serveWith = async (forward: object) => {
      const { url, pushes } = await startBackend();
      const home = homeWithTranscripts();
      moveTranscripts(
        home,
        new Date(Date.now() - 1_000).toISOString().slice(0, RECORDED_SECOND.length),
        RECORDED_SECOND,
      );
      configure(userFile(home), { forward: { url, ...forward } });
      json(runBinary(home, ["import", "--json"], { FROZEN_NOW: String(Date.now()) }));
      return { pushes, ...(await startServe(home)) };
    };
    const plain = await serveWith({});
    await expect.poll(() => plain.pushes.length, { timeout: 30_000 }).toBe(1);
    plain.child.kill("SIGTERM");
    await plain.ended;
    // One when it began and one at its end, none in between.
    expect(plain.pushes).toHaveLength(2);
    expect(plain.pushes.at(-1)).toMatchObject({ temporality: 2 });
    expect(plain.pushes.at(-1)?.headers).not.toHaveProperty("x-tenant");
    const chosen = await serveWith({ headers: { "X-Tenant": "shop" }, temporality: "delta", interval_seconds: 5 });
    await expect.poll(() => chosen.pushes.length, { timeout: 30_000 }).toBe(2);
    expect(chosen.pushes.at(-1)).toMatchObject({ temporality: 1, headers: { "x-tenant": "shop" } });
  });

  it("labels says which attributes of senders series are told apart by", async () => {
    const shownWith = async (labels: readonly string[]): Promise<string> => {
      const home = temporaryHome();
      configure(userFile(home), { labels });
      const { port } = await startServe(home);
      const at = `${Date.now()}000000`;
      const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
      const span = {
        ...{ traceId: "a".repeat(32), spanId: "b".repeat(16), name: "chat" },
        ...{ startTimeUnixNano: at, endTimeUnixNano: at },
        attributes: [
          text("gen_ai.operation.name", "chat"),
          { key: "gen_ai.usage.output_tokens", value: { intValue: "2" } },
        ],
      };
      const resource = { attributes: [text("service.name", "shop"), text("team", "core")] };
      const post = async (): Promise<number> => {
        const { status } = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
        });
        return status;
      };
      // A daemon that is busy says so, and is asked again, as every sender does.
      await expect.poll(post, { timeout: 20_000 }).toBe(200);
      const lines = (await getFrom(port, "/metrics")).text.split("\n");
      return lines.find((line) => line.startsWith("gen_ai_client_inference_usage_output_tokens_total{")) ?? "";
    };
    expect(await shownWith([])).not.toContain("team=");
    expect(await shownWith(["team"])).toContain('team="core"');
  });

  it("dashboard.busy_share says from where on the receiver is busy", async () => {
    const levelWith = async (dashboard: object): Promise<unknown> => {
      const home = temporaryHome();
      configure(userFile(home), { dashboard });
      await startServe(home);
      return json(runBinary(home, ["dashboard", "--json"])).dashboard.resources.receiverLevel;
    };
    expect(await levelWith({})).toBe("ok");
    expect(await levelWith({ busy_share: [0.000_001, 1] })).toBe("warning");
  });

  it("stands in this file", () => {
    const here = [
      ...Object.keys(CASES),
      ...["storage", "buffer.max_size", "buffer.flush_interval_seconds", "retention.max_bytes", "alerts.webhook"],
      ...[
        "receiver.port",
        "receiver.host",
        "receiver.hosts",
        "receiver.requireToken",
        "dashboard.busy_share",
        "labels",
      ],
      ...["forward.url", "forward.headers", "forward.temporality", "forward.interval_seconds"],
    ];
    expect(here.sort()).toEqual(settingKeys().sort());
  });

  it("says how much was not stored, and by which key", () => {
    const home = homeWithTranscripts();
    configure(userFile(home), { session: { tools_used: false } });
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
      configure(userFile(home), { session: { tools_used: true } });
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
