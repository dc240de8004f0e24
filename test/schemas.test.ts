/** What commands print as JSON is what docs/schema says: every key described, every described key of the right kind. */
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createZoneCalendar, systemOffsetAt } from "@moai-metrics/model";
import { createAlertTeller } from "@moai-metrics/receiver";
import { databasePath, loadConfig } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOW } from "../packages/cli/test/support/run-binary.ts";
import { runHere } from "../packages/cli/test/support/run-here.ts";
import { createTasksReader } from "../packages/receiver/src/tasks/tasks-reader.ts";
import { OUTPUT_SCHEMAS, PUBLISHED_SCHEMAS } from "../scripts/schemas/index.ts";
import { type FullHome, makeFullHome } from "./support/full-home.ts";

/** The subagent's run in the recorded session. */
const TASK = "agent:af78b6fb22be885ff";
const ON_DAY = ["--date", "2026-11-22", "--format", "json"];
/** A gauge, a sum beyond 2^53 and both kinds of histograms, of two points each. */
const METRICS = ["gauge", "sum", "histogram", "exponential_histogram"] as const;
const COMMANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  overview: [["--json"]],
  daily: [
    ["daily", "--json"],
    ["daily", "--json", "--group-by", "project,agent", "--breakdown"],
    ["demo", "daily", "--json"],
  ],
  weekly: [
    ["weekly", "--json"],
    ["weekly", "--json", "-w", "sunday"],
  ],
  monthly: [["monthly", "--json"]],
  session: [
    ["session", "--json"],
    ["demo", "session", "--json"],
    ["report", "sessions", "--format", "json"],
  ],
  task: [
    ["task", "--json"],
    ["demo", "task", "--json"],
    ["report", "tasks", "--format", "json"],
  ],
  agent: [["agent", "--json"]],
  model: [
    ["model", "--json"],
    ["report", "models", "--format", "json"],
  ],
  tool: [
    ["tool", "--json"],
    ["report", "tools", "--format", "json"],
  ],
  project: [
    ["project", "--json"],
    ["report", "projects", "--format", "json"],
  ],
  token_usage: [["report", "tokens", "--session", "eb48", "--format", "json"]],
  task_metrics: [["report", "task", TASK, "--format", "json"]],
  agent_metrics: [
    ["report", "agents", "--format", "json"],
    ["report", "agents", "--format", "json", "--since", "20200101", "--until", "20200102"],
  ],
  daily_report: [
    ["report", "daily", ...ON_DAY],
    ["report", "daily", "--date", "2020-01-01", "--format", "json"],
  ],
  weekly_report: [
    ["report", "weekly", ...ON_DAY],
    ["report", "weekly", "--compare", ...ON_DAY],
  ],
  monthly_report: [["report", "monthly", ...ON_DAY]],
  budget: [
    ["budget", "--json"],
    ["budget", "check", "--json"],
  ],
  reconcile: [["reconcile", "--json"]],
  config_list: [["config", "list", "--json"]],
  config_validate: [["config", "validate", "--json"]],
  query_getTasks: [["query", "getTasks"]],
  query_getSessions: [["query", "getSessions"]],
  query_getModelCalls: [
    ["query", "getModelCalls"],
    ["query", "getModelCalls", "--limit", "3"],
  ],
  query_getToolCalls: [["query", "getToolCalls"]],
  query_getAgents: [
    ["query", "getAgents"],
    ["query", "getAgents", "--model", "claude-sonnet-4-5"],
  ],
  query_aggregateByTime: [
    ["query", "aggregateByTime", "--measure", "tokens", "--interval", "day", "--last", "3", "--fill"],
    [
      "query",
      "aggregateByTime",
      "--measure",
      "cost",
      "--interval",
      "minute",
      "--last",
      "1",
      "--group-by",
      "agent,model",
    ],
    ["query", "aggregateByTime", "--measure", "taskDuration", "--interval", "month", "--percentile", "0.5"],
  ],
  query_percentile: [
    ["query", "percentile", "--measure", "taskDuration", "--percentile", "0.95", "--group-by", "agent"],
  ],
  query_average: [
    ["query", "average", "--measure", "tokens", "--group-by", "product,project"],
    ["query", "average", "--measure", "successRate", "--last", "1", "--agent", "main"],
  ],
  query_topAgents: [["query", "topAgents", "--measure", "tokens"]],
  query_slowestTasks: [["query", "slowestTasks"]],
  query_summary: [
    ["query", "summary"],
    ["query", "summary", "--model", "claude-sonnet-4-5"],
  ],
  query_compare: [["query", "compare", "--unit", "day"]],
  query_getPoints: METRICS.flatMap((metric) =>
    ["point", "hour", "day"].map((resolution) => [
      "query",
      "getPoints",
      "--metric",
      metric,
      "--resolution",
      resolution,
    ]),
  ),
  quality: [
    ["quality", "--json"],
    ["report", "quality", "--format", "json"],
  ],
  quality_by_period: [["quality", "--by", "day", "--json"]],
  import_quality: [
    ["import", "quality", "reports/eslint.json", "--json"],
    ["import", "quality", "reports/istanbul/lcov.info", "--at", "2026-11-21", "--json"],
  ],
  import: [["import", "--json"]],
  import_moai: [["import", "moai", "--json"]],
  "import_moai-flow": [["import", "moai-flow", "--json"]],
  export: [
    ["export", "--format", "json"],
    ["export", "--since", "2026-11-22", "--agent", "main"],
  ],
  export_grafana: [["export", "--format", "grafana"]],
  prices_show: [
    ["prices", "show", "--json"],
    ["prices", "show", "no-such-model", "--json"],
  ],
  prices_set: [["prices", "set", "claude-sonnet-4-5", "--input", "1", "--output", "2", "--json"]],
  prices_reprice: [
    ["prices", "reprice", "--dry-run", "--json"],
    ["prices", "reprice", "--yes", "--json"],
  ],
  privacy: [["privacy", "--json"]],
  doctor: [["doctor", "--json"]],
  dashboard: [
    ["dashboard", "--json"],
    ["dashboard", "--json", "--period", "today", "--by", "hour", "--group-by", "model"],
    ["dashboard", "--json", "--period", "30d", "--by", "week", "--model", "sonnet"],
  ],
  db_stats: [["db", "stats", "--json"]],
  db_check: [["db", "check", "--json"]],
  db_backup: [["db", "backup", "--json"]],
  db_merge: [["db", "merge", "other.db", "--json"]],
  db_vacuum: [["db", "vacuum", "--json"]],
  db_rebuild: [["db", "rebuild", "--json"]],
  db_salvage: [["db", "salvage", "--json"]],
};

/** Written by no command: see below. */
const NO_COMMAND = ["alert_message", "tasks_page"];

let full: FullHome;
beforeAll(async () => {
  full = makeFullHome();
  await runHere(full.home, ["import"]);
  await runHere(full.home, [
    "import",
    "quality",
    "reports/v8/lcov.info",
    "reports/biome-report.json",
    "--at",
    "2026-11-22",
  ]);
  await runHere(full.home, ["db", "backup", "other.db"]);
});
afterAll(() => full.remove());

describe("docs/schema", () => {
  it("has a schema for each document, and no other", () => {
    expect(readdirSync("docs/schema").sort()).toEqual(Object.keys(PUBLISHED_SCHEMAS).sort());
    expect([...Object.keys(COMMANDS), ...NO_COMMAND].sort()).toEqual(Object.keys(OUTPUT_SCHEMAS).sort());
  });

  it("has something in the lists of what the next tests look at", async () => {
    const documentOf = async (...argv: string[]) => JSON.parse((await runHere(full.home, argv)).stdout);
    const { budget, overview } = await documentOf("overview", "--json");
    expect([budget.budgets[0].notOk.length, budget.tokenWarnings.peaks.length, overview.byAgent.length]).toEqual([
      ...[1, 1, 2],
    ]);
    const { quality, budgets } = (await documentOf("report", "daily", ...ON_DAY)).daily_report;
    expect([quality.length, budgets.length]).toEqual([2, 1]);
    for (const metric of METRICS) {
      expect((await documentOf("query", "getPoints", "--metric", metric)).series[0].points).toHaveLength(2);
    }
  });

  it("alert_message is what the webhook gets", async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk));
      request.on("end", () => {
        bodies.push(body);
        response.end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    using store = openStore({ path: databasePath(full.storage), readOnly: true });
    const { config } = loadConfig({ environment: { HOME: full.home }, folder: "/" });
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const teller = createAlertTeller({ folder: join(full.home, "alerts"), now: () => NOW });
    const calendar = createZoneCalendar("UTC", systemOffsetAt);
    const outcome = await teller.tell({ store, config: { ...config, alerts: { webhook } }, calendar });
    await new Promise((resolve) => server.close(resolve));
    expect(outcome).toEqual({ state: "told", alerts: 2 });
    expectDescribed("alert_message", JSON.parse(bodies[0] ?? ""));
  });

  it("tasks_page is what the daemon answers", async () => {
    const reader = createTasksReader({ path: databasePath(full.storage), hidden: new Set() });
    const answer = await reader.read("limit=2");
    await reader.close();
    const page = JSON.parse("body" in answer ? answer.body : "{}") as { readonly tasks: unknown[] };
    expect(page.tasks).toHaveLength(2);
    expectDescribed("tasks_page", page);
  });

  it.each(Object.entries(COMMANDS))("%s is what the commands print", async (name, commands) => {
    for (const argv of commands) {
      const { stdout, stderr, exitCode } = await runHere(full.home, argv);
      expect([argv, exitCode, stderr]).toEqual([argv, 0, ""]);
      expectDescribed(name, JSON.parse(stdout));
    }
  });

  it("notices a key that is not described, and a value of another kind", () => {
    const schema = OUTPUT_SCHEMAS["tool"];
    const totals = { calls: 1, errors: 0, errorRate: 0, durationMs: 5 };
    const document = { tool: [{ tool: "Bash", ...totals, more: 1 }], totals };
    expect(schema?.parse(document)).not.toEqual(document);
    expect(schema?.safeParse({ tool: [], totals: { ...totals, calls: "1" } }).success).toBe(false);
  });
});

/** Keys that the schema does not know would be missing from what comes back. */
function expectDescribed(name: string, document: unknown): void {
  expect(OUTPUT_SCHEMAS[name]?.parse(document)).toEqual(document);
}
