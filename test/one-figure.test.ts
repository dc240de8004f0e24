/** One store, every form of every answer: the same figure must be the same number wherever a person may read it. */
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { beforeAll, describe, expect, it } from "vitest";
import { NOW, runBinary } from "../packages/cli/test/support/run-binary.ts";
import { parseCsv, parseExposition, sumOfSamples } from "../packages/report/test/support/parse-exports.ts";
import { temporaryFolderOfFile } from "./support/varied-store.ts";

const HOUR = 3_600_000;
const home = temporaryFolderOfFile();

/** Small enough to be shown without rounding: 5 tasks, 9,200 tokens, $3.75. */
const TRUTH = { tasks: 5, tokens: 9_200, cost: 3.75 };

beforeAll(() => {
  using store = openStore({ path: join(home, ".local", "share", "moai-metrics", "metrics.db") });
  const facts = ["main", "main", "main", "expert-backend", "expert-backend"].flatMap((agent, i): Fact[] => {
    const endMillis = NOW - (i + 1) * HOUR;
    const base = { witness: "transcript", product: "claude-code", sessionId: `s${i % 2}` } as const;
    return [
      { ...base, kind: "session", project: "/home/dev/shop", activity: [{ startMillis: endMillis - 1, endMillis }] },
      {
        ...{ ...base, kind: "task", taskId: `t${i}`, taskKind: "prompt", agent },
        ...{ startedAtMillis: endMillis - 60_000, lastSeenAtMillis: endMillis },
        outcome: { result: "success", origin: "reported", atMillis: endMillis },
      },
      {
        ...{ ...base, kind: "model_call", taskId: `t${i}`, requestId: `r${i}`, model: "claude-sonnet-4-5" },
        ...{ endedAtMillis: endMillis, durationMillis: 2_000, reportedCostNanoUsd: 750_000_000 },
        usage: { input: 1_000, cacheRead: 500, cacheWrite5m: 60, cacheWrite1h: 40, output: 240, reasoning: 0 },
      },
    ];
  });
  store.write({ facts });
});

type Figures = typeof TRUTH;

function run(...argv: string[]): string {
  const { stdout, stderr, exitCode } = runBinary(home, argv, { COLUMNS: "160" });
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

/** The cells of a table's row of totals by its headers. */
function totalsOfTable(text: string): Record<string, string> {
  const lines = text.split("\n");
  const header = lines[0]?.split(/ {2,}/) ?? [];
  const totals = lines.find((line) => line.startsWith("Total "))?.split(/ {2,}/) ?? [];
  return Object.fromEntries(header.map((name, i) => [name.trim(), totals[i]?.trim() ?? ""]));
}

function numberOf(text: string | undefined): number {
  return Number(text?.replace(/[$,]/g, ""));
}

/** The text of HTML, cell by cell. */
function wordsOfHtml(html: string): string[] {
  return html
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .split(/<[^>]*>/)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

const sum = (values: readonly (string | number | null | undefined)[]): number =>
  values.reduce<number>((all, value) => all + Number(value ?? 0), 0);

const FORMS: Readonly<Record<string, () => Figures>> = {
  "the table": () => {
    const cells = totalsOfTable(run("agent"));
    return { tasks: numberOf(cells["Tasks"]), tokens: numberOf(cells["Total"]), cost: numberOf(cells["Cost"]) };
  },
  "the rows in JSON": () => {
    const { totals } = JSON.parse(run("agent", "--json")) as { totals: Record<string, number> };
    return { tasks: totals["tasksCompleted"] ?? 0, tokens: totals["totalTokens"] ?? 0, cost: totals["totalCost"] ?? 0 };
  },
  "the rows in CSV": () => {
    const [header = "", ...lines] = run("agent", "--csv").trimEnd().split("\n");
    const column = (name: string) => lines.map((line) => line.split(",")[header.split(",").indexOf(name)]);
    return { tasks: sum(column("tasksCompleted")), tokens: sum(column("totalTokens")), cost: sum(column("totalCost")) };
  },
  "the report in HTML": () => {
    const words = wordsOfHtml(run("report", "daily", "--date", "2026-11-22", "--format", "html"));
    const behind = (name: string): number => numberOf(words[words.indexOf(name) + 1]);
    return { tasks: behind("Tasks completed"), tokens: behind("Tokens"), cost: behind("Cost") };
  },
  "the export in JSON": () => {
    const { sessions } = JSON.parse(run("export", "--format", "json")) as {
      sessions: { tasks: { modelCalls: { totalTokens: number; totalCost: number }[] }[] }[];
    };
    const tasks = sessions.flatMap((session) => session.tasks);
    const calls = tasks.flatMap((task) => task.modelCalls);
    return {
      tasks: tasks.length,
      tokens: sum(calls.map(({ totalTokens }) => totalTokens)),
      cost: sum(calls.map(({ totalCost }) => totalCost)),
    };
  },
  "the export in CSV": () => {
    const tasks = parseCsv(run("export", "--format", "csv", "--kind", "tasks"));
    const calls = parseCsv(run("export", "--format", "csv", "--kind", "calls"));
    const figures = {
      tokens: sum(calls.map((row) => row["totalTokens"])),
      cost: sum(calls.map((row) => row["totalCost"])),
    };
    expect(sum(tasks.map((row) => row["totalTokens"]))).toBe(figures.tokens);
    return { tasks: tasks.length, ...figures };
  },
  "Prometheus text": () => figuresOfExposition(run("export", "--format", "prometheus")),
  OpenMetrics: () => figuresOfExposition(run("export", "--format", "openmetrics")),
  "the Grafana file": () => {
    const targets = JSON.parse(run("export", "--format", "grafana")) as { target: string; datapoints: number[][] }[];
    const sumOf = (name: string): number =>
      sum(
        targets.filter(({ target }) => target.endsWith(`.${name}`)).flatMap((each) => each.datapoints.map(([v]) => v)),
      );
    return { tasks: sumOf("tasks"), tokens: sumOf("tokens_used"), cost: sumOf("cost_usd") };
  },
  "the summary of queries": () => {
    const { totalTasks, totalTokensUsed, costNanoUsd } = JSON.parse(run("query", "summary")) as Record<string, number>;
    return { tasks: totalTasks ?? 0, tokens: totalTokensUsed ?? 0, cost: (costNanoUsd ?? 0) / 1e9 };
  },
};

function figuresOfExposition(text: string): Figures {
  const { samples } = parseExposition(text);
  return {
    tasks: sumOfSamples(samples, "moai_task_count_total"),
    tokens:
      sumOfSamples(samples, "gen_ai_client_inference_usage_input_tokens_total") +
      sumOfSamples(samples, "gen_ai_client_inference_usage_output_tokens_total"),
    cost: sumOfSamples(samples, "moai_cost_USD_total"),
  };
}

describe("tasks, tokens and cost of one store are the same numbers in", () => {
  it.each(Object.keys(FORMS))("%s", (name) => {
    expect(FORMS[name]?.()).toEqual(TRUTH);
  });
});
