/** Every export, read back by readers of their own and compared with what the store answers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fact, totalTokens } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileFacts } from "../../../../test/support/hostile-facts.ts";
import {
  type ExportQuestion,
  exportCsv,
  exportGrafana,
  exportJson,
  exportOpenMetrics,
  exportPrometheus,
  ROW_KINDS,
  type RowKind,
} from "../../src/index.ts";
import { HOSTILE_NAMES } from "../support/hostile-names.ts";
import { call, DAY, HOUR, NOON, session, storeWith, task, tool } from "../support/ledger.ts";
import { parseCsv, parseExposition, sumOfSamples } from "../support/parse-exports.ts";

const NOW = NOON + DAY;
const EVERYTHING: ExportQuestion = { filter: {}, nowMillis: NOW };
const TODAY: ExportQuestion = {
  filter: { range: { startMillis: NOON - 2 * HOUR, endMillis: NOON + DAY } },
  nowMillis: NOW,
};

/** Three sessions over two days; some calls have no task, no price, no usage, or failed. */
function facts(): Fact[] {
  const sessions = ["s1", "s2", "s3"].map((id, i) => ({ id, start: NOON - DAY + i * 11 * HOUR }));
  return sessions.flatMap(({ id, start }, i): Fact[] => [
    session(id, start, start + HOUR),
    ...["main", "expert-backend", ""].flatMap((agent, j): Fact[] => {
      const taskId = `${id}-${j}`;
      const end = start + (j + 1) * 10 * 60_000;
      return [
        task(id, taskId, agent, end, j === 2 ? undefined : (["success", "failure", "timeout"] as const)[i], {
          ...(agent === "" ? { agent: undefined } : {}),
        }),
        ...[0, 1, 2].map((k) =>
          call(id, taskId, `${taskId}-${k}`, end - k * 60_000, { durationMillis: 900 + 300 * k }),
        ),
        tool(id, taskId, `${taskId}-tool`, "Bash", end - 30_000, j !== 1),
      ];
    }),
    { ...call(id, "", `${id}-alone`, start + HOUR), taskId: undefined },
    call(id, `${id}-0`, `${id}-unpriced`, start + HOUR, { model: "a model of my own" }),
    call(id, `${id}-0`, `${id}-silent`, start + HOUR, { usage: undefined }),
    call(id, `${id}-0`, `${id}-failed`, start + HOUR, { usage: undefined, errorType: "overloaded" }),
    call(id, `${id}-1`, `${id}-told`, start + HOUR, { reportedCostNanoUsd: 12_345_678 }),
  ]);
}

const folder = mkdtempSync(join(tmpdir(), "exports-"));
const store = openStore({ path: join(folder, "metrics.db") });
beforeAll(() => void store.write({ facts: facts() }));
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const textOf = (text: Iterable<string>): string => [...text].join("");
const csvOf = (kind: RowKind, question = EVERYTHING) => parseCsv(textOf(exportCsv(store, question, kind)));
const sumOf = (rows: readonly Record<string, string>[], key: string): number =>
  rows.reduce((sum, row) => sum + Number(row[key]), 0);

interface JsonRow {
  readonly [key: string]: unknown;
  readonly tasks: readonly JsonRow[];
  readonly modelCalls: readonly JsonRow[];
  readonly toolUses: readonly JsonRow[];
}

describe.each([
  ["everything", EVERYTHING],
  ["a range", TODAY],
  ["one agent", { ...EVERYTHING, filter: { agents: ["expert-backend"] } }],
  ["one model", { ...EVERYTHING, filter: { models: ["a model of my own"] } }],
] satisfies [string, ExportQuestion][])("the sum of an export is the answer of the query: %s", (_, question) => {
  const truth = () => store.query.summary(question.filter);
  const hasModels = "models" in question.filter;

  it("CSV", () => {
    const { tokens, costNanoUsd, totalCalls, totalToolCalls = 0, totalTasks } = truth();
    const calls = csvOf("calls", question);
    expect(sumOf(calls, "totalTokens")).toBe(totalTokens(tokens));
    expect(sumOf(calls, "totalCost")).toBeCloseTo(costNanoUsd / 1e9, 9);
    expect(calls.filter(({ totalTokens: sum, errorType }) => sum !== "" || errorType === "")).toHaveLength(totalCalls);
    expect(csvOf("tools", question)).toHaveLength(totalToolCalls);
    if (!hasModels)
      expect(csvOf("tasks", question).filter(({ result }) => result !== "open")).toHaveLength(totalTasks ?? 0);
    expect(csvOf("sessions", question)).toHaveLength(store.query.getSessions(question.filter).rows.length);
  });

  it("JSON, nested", () => {
    const { tokens, costNanoUsd, totalCalls, unpricedCalls, callsWithoutUsage, totalCallErrors } = truth();
    const document = JSON.parse(textOf(exportJson(store, question))) as {
      sessions: JsonRow[];
      totals: Record<string, number>;
    };
    expect(document.totals).toMatchObject({
      totalTokens: totalTokens(tokens),
      calls: totalCalls,
      unpricedCalls,
      callsWithoutUsage,
      callErrors: totalCallErrors,
    });
    expect(document.totals["totalCost"] ?? 0).toBeCloseTo(costNanoUsd / 1e9, 9);
    const calls = document.sessions.flatMap((each) => [
      ...each.modelCalls,
      ...each.tasks.flatMap((inner) => inner.modelCalls),
    ]);
    const tools = document.sessions.flatMap((each) => [
      ...each.toolUses,
      ...each.tasks.flatMap((inner) => inner.toolUses),
    ]);
    expect(calls).toHaveLength(store.query.getModelCalls(question.filter).rows.length);
    expect(tools).toHaveLength(truth().totalToolCalls ?? 0);
    for (const each of document.sessions) {
      for (const inner of each.tasks) {
        expect(inner["sessionId"]).toBe(each["sessionId"]);
        for (const one of [...inner.modelCalls, ...inner.toolUses]) expect(one["taskId"]).toBe(inner["taskId"]);
      }
    }
  });

  it("Prometheus text and OpenMetrics", () => {
    const { tokens, costNanoUsd, totalTasks = 0, totalCallErrors } = truth();
    const prometheus = parseExposition(textOf(exportPrometheus(store, question)));
    const openMetrics = parseExposition(textOf(exportOpenMetrics(store, { ...question, step: "hour" })));
    expect(openMetrics.hasEof).toBe(true);
    for (const { samples } of [prometheus, openMetrics]) {
      const sum = (name: string): number => sumOfSamples(samples, name);
      expect(
        sum("gen_ai_client_inference_usage_input_tokens_total") +
          sum("gen_ai_client_inference_usage_output_tokens_total"),
      ).toBe(totalTokens(tokens));
      expect(sum("moai_cost_USD_total")).toBeCloseTo(costNanoUsd / 1e9, 9);
      expect(sum("moai_task_count_total")).toBe(hasModels ? 0 : totalTasks);
      if (hasModels) expect(sum("moai_errors_total")).toBe(totalCallErrors);
    }
  });

  it("the Grafana file", () => {
    const { tokens, costNanoUsd, totalTasks = 0 } = truth();
    const targets = JSON.parse(textOf(exportGrafana(store, { ...question, step: "day" }))) as {
      target: string;
      datapoints: [number, number][];
    }[];
    const points = (name: string) => targets.filter(({ target }) => target.endsWith(`.${name}`));
    const sum = (name: string): number =>
      points(name).reduce((all, { datapoints }) => all + datapoints.reduce((some, [value]) => some + value, 0), 0);
    expect(sum("tokens_used")).toBe(totalTokens(tokens));
    expect(sum("cost_usd")).toBeCloseTo(costNanoUsd / 1e9, 9);
    expect(sum("tasks")).toBe(hasModels ? 0 : totalTasks);
    if (!hasModels) expect(points("duration_ms").flatMap(({ datapoints }) => datapoints)).toHaveLength(totalTasks);
    for (const { datapoints } of targets) {
      const times = datapoints.map(([, millis]) => millis);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });
});

describe("an exposition", () => {
  it("has units and types by the rules, and buckets that end with the count", () => {
    const { types, units, samples } = parseExposition(textOf(exportOpenMetrics(store, { ...EVERYTHING, step: "day" })));
    expect(types.get("gen_ai_client_inference_duration_seconds")).toBe("histogram");
    expect(units.get("gen_ai_client_inference_duration_seconds")).toBe("seconds");
    expect(types.get("moai_cost_USD")).toBe("counter");
    expect(units.get("moai_cost_USD")).toBe("USD");
    expect(units.has("gen_ai_client_inference_usage_input_tokens")).toBe(false);
    const ends = samples.filter(({ labels }) => labels["le"] === "+Inf");
    expect(ends.length).toBeGreaterThan(10);
    for (const { name, labels, value, time } of ends) {
      const { le: _, ...others } = labels;
      const count = samples.find(
        (sample) =>
          sample.name === name.replace(/_bucket$/, "_count") &&
          sample.time === time &&
          JSON.stringify(sample.labels) === JSON.stringify(others),
      );
      expect(count?.value).toBe(value);
    }
  });

  it("tells running tasks in the text of now, and never in a history", () => {
    expect(textOf(exportPrometheus(store, EVERYTHING))).toMatch(/^moai_task_active\{.*\} 3$/m);
    expect(textOf(exportOpenMetrics(store, { ...EVERYTHING, step: "hour" }))).not.toContain("moai_task_active");
  });

  it("carries no id of a session, task or call", () => {
    const text =
      textOf(exportPrometheus(store, EVERYTHING)) + textOf(exportOpenMetrics(store, { ...EVERYTHING, step: "day" }));
    for (const id of ["s1", "s2", "s1-0", "s1-alone"]) expect(text).not.toContain(`"${id}"`);
  });
});

describe("the nested document", () => {
  it("keeps sessions of two products apart that have the same id", () => {
    const own = [session("same", NOON, NOON + HOUR), call("same", "", "own", NOON + HOUR, { taskId: undefined })];
    const other = own.map((fact) => ({ ...fact, product: "codex" as const }));
    const both = storeWith([...own, ...other]);
    const { sessions } = JSON.parse(textOf(exportJson(both, EVERYTHING))) as { sessions: JsonRow[] };
    expect(sessions.map((each) => each["product"]).sort()).toEqual(["claude-code", "codex"]);
    for (const { product, modelCalls } of sessions) expect(modelCalls).toMatchObject([{ product }]);
    expect(sessions.flatMap(({ modelCalls }) => modelCalls)).toHaveLength(2);
  });
});

describe("the totals of the nested document", () => {
  it("cost nothing, and not something unknown, where no call was made: as those of the rows do", () => {
    const tasksAlone = storeWith([session("s", NOON, NOON + HOUR), task("s", "t", "main", NOON + HOUR, "success")]);
    for (const asked of [storeWith([]), tasksAlone]) {
      expect(JSON.parse(textOf(exportJson(asked, EVERYTHING))).totals).toMatchObject({ calls: 0, totalCost: 0 });
    }
  });
});

describe("an empty store", () => {
  it("is a valid, empty export in every format", () => {
    const empty = storeWith([]);
    expect(parseCsv(textOf(exportCsv(empty, EVERYTHING, "tasks")))).toEqual([]);
    expect(JSON.parse(textOf(exportJson(empty, EVERYTHING)))).toMatchObject({ sessions: [], totals: { calls: 0 } });
    expect(parseExposition(textOf(exportPrometheus(empty, EVERYTHING))).samples).toEqual([]);
    expect(textOf(exportOpenMetrics(empty, { ...EVERYTHING, step: "hour" }))).toBe("# EOF\n");
    expect(JSON.parse(textOf(exportGrafana(empty, { ...EVERYTHING, step: "hour" })))).toEqual([]);
  });
});

describe("fields that the settings hide", () => {
  it("stand in no table, no document and no target", () => {
    const hidden = { sessions: new Set(["totalCost"]), tasks: new Set(["durationMs", "endedAt"]) };
    const question = { ...EVERYTHING, hidden };
    expect(Object.keys(csvOf("tasks", question)[0] ?? {})).not.toContain("durationMs");
    expect(Object.keys(csvOf("sessions", question)[0] ?? {})).not.toContain("totalCost");
    const [first] = (JSON.parse(textOf(exportJson(store, question))) as { sessions: JsonRow[] }).sessions;
    expect(first).not.toHaveProperty("totalCost");
    expect(first?.tasks[0]).not.toHaveProperty("durationMs");
    expect(textOf(exportGrafana(store, { ...question, step: "hour" }))).not.toContain("duration_ms");
  });
});

describe("hostile names", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  const OBEYED = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

  it("are neutral in every format, and change no number", () => {
    const hostile = storeWith(hostileFacts());
    const { totalCalls, tokens, totalTasks = 0 } = hostile.query.summary({});
    // A few are so long that the store refuses them.
    expect(totalCalls).toBeGreaterThan(0.95 * HOSTILE_NAMES.length);
    for (const kind of ROW_KINDS) {
      const text = textOf(exportCsv(hostile, EVERYTHING, kind));
      expect(text).not.toMatch(OBEYED);
      expect(text.isWellFormed()).toBe(true);
      const rows = parseCsv(text);
      expect(rows).toHaveLength(kind === "sessions" ? hostile.query.getSessions({}).rows.length : totalCalls);
      for (const cell of rows.flatMap((row) => Object.values(row))) {
        if (Number.isNaN(Number(cell))) expect(cell.trimStart()).not.toMatch(/^[=+\-@\t\r]/);
      }
    }
    const json = textOf(exportJson(hostile, EVERYTHING));
    expect(json).not.toMatch(OBEYED);
    expect(JSON.parse(json)).toMatchObject({ totals: { calls: totalCalls, tasks: totalTasks } });
    const grafana = textOf(exportGrafana(hostile, { ...EVERYTHING, step: "hour" }));
    expect(grafana).not.toMatch(OBEYED);
    expect(JSON.parse(grafana)).toBeInstanceOf(Array);
    for (const text of [
      textOf(exportPrometheus(hostile, EVERYTHING)),
      textOf(exportOpenMetrics(hostile, { ...EVERYTHING, step: "hour" })),
    ]) {
      expect(text).not.toMatch(OBEYED);
      const { samples } = parseExposition(text);
      expect(sumOfSamples(samples, "gen_ai_client_inference_usage_input_tokens_total")).toBe(
        totalTokens(tokens) - tokens.output,
      );
      expect(sumOfSamples(samples, "moai_task_count_total")).toBe(totalTasks);
    }
  });
});
