/** Cumulative series against the same worked out fact by fact. */
import { METRICS, type MetricKey, QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { createCumulativeReader } from "../../src/cumulative/cumulative-reader.ts";
import { momentOf, planEdges } from "../../src/cumulative/read-history.ts";
import type { CumulativeQuestion, CumulativeValue } from "../../src/cumulative/types.ts";
import { CUMULATIVE_STEPS, OVERFLOW_VALUE } from "../../src/index.ts";
import { call, NOON, session, task, temporaryStore, tool, USAGE } from "../helpers.ts";
import { fillStore } from "../query/store-with-facts.ts";
import { AGENTS, MODELS, matches, measuredValue, PROJECTS, type TrueFact } from "../query/true-facts.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 9, 1, 7, 3);
const END = Date.UTC(2026, 9, 9, 20, 11);
const NOW = END + DAY;

const { database, facts } = fillStore(START, END, 900);
const cumulative = createCumulativeReader(database);

const floor = (millis: number): number => Math.floor(millis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS;
const MIDDLE = { startMillis: floor(START + 2 * DAY), endMillis: floor(START + 5 * DAY) };

/** What measures of single facts each series adds up, and the factor to its unit. */
const MEASURED: Readonly<Partial<Record<MetricKey, readonly [measures: readonly string[], factor: number]>>> = {
  inferenceDuration: [["callDuration"], 1 / 1_000],
  timeToFirstChunk: [["firstChunk"], 1 / 1_000],
  inputTokens: [["inputTokens", "cacheReadTokens", "cacheWriteTokens"], 1],
  outputTokens: [["outputTokens"], 1],
  cacheReadTokens: [["cacheReadTokens"], 1],
  cacheWriteTokens: [["cacheWriteTokens"], 1],
  reasoningTokens: [["reasoningTokens"], 1],
  executeToolDuration: [["toolDuration"], 1 / 1_000],
  taskCount: [["tasks"], 1],
  taskDuration: [["taskDuration"], 1 / 1_000],
  taskTokens: [["taskTokens"], 1],
  errors: [["callErrors", "toolErrors", "failedTasks", "timedOutTasks"], 1],
  cost: [["cost"], 1e-9],
};

/** Metrics of model calls; all others have no model. */
const BY_MODEL: readonly MetricKey[] = [
  ...(["inferenceDuration", "timeToFirstChunk", "inputTokens", "outputTokens", "cacheReadTokens"] as const),
  ...(["cacheWriteTokens", "reasoningTokens", "cost"] as const),
];

function populationOf(measure: string): TrueFact["population"] {
  if (measure.startsWith("tool")) return "tools";
  return /task/i.test(measure) ? "tasks" : "calls";
}

/** What a fact adds to a metric, in its unit. */
function valuesOf(fact: TrueFact, key: MetricKey): number[] {
  const [measures, factor] = MEASURED[key] ?? [[], 1];
  // A call that an agent reported the cost of, and no usage, costs something all the same.
  if (key === "cost") return fact.population === "calls" ? [Number(fact.row["cost_nano_usd"] ?? 0) * factor] : [];
  return measures
    .filter((measure) => populationOf(measure) === fact.population)
    .flatMap((measure) => measuredValue(fact, measure) ?? [])
    .map((value) => value * factor);
}

/** Values of the facts that a series counts, in its unit. */
function trueValues(key: MetricKey, attributes: Readonly<Record<string, string>>, question: CumulativeQuestion) {
  const { range, products, projects, agents, models } = question;
  const isOfSeries = (fact: TrueFact): boolean =>
    (attributes["moai.agent.product"] ?? "") === fact.product &&
    (attributes["moai.project"] ?? "") === fact.project &&
    (attributes["gen_ai.agent.name"] ?? "") === fact.agent &&
    (!BY_MODEL.includes(key) || (attributes["gen_ai.request.model"] ?? "") === fact.model) &&
    (key !== "taskCount" || attributes["moai.task.result"] === fact.result) &&
    (key !== "cost" || (attributes["moai.cost.origin"] === "reported") === (fact.row["cost_is_reported"] === 1));
  return facts
    .filter((fact) => matches(fact, { range, products, projects, agents, models }) && isOfSeries(fact))
    .flatMap((fact) => valuesOf(fact, key));
}

function expectValue(value: CumulativeValue, bounds: readonly number[], truth: readonly number[]): void {
  expect(value.sum).toBeCloseTo(
    truth.reduce((sum, each) => sum + each, 0),
    6,
  );
  if (bounds.length === 0) return;
  expect(value.count).toBe(truth.length);
  for (const [i, bound] of bounds.entries()) {
    const passed = value.bucketCounts.slice(0, i + 1).reduce((sum, count) => sum + count, 0);
    expect(passed, `values up to ${bound}`).toBe(truth.filter((each) => each <= bound).length);
  }
}

describe("the state of cumulative series", () => {
  it.each([
    ["everything", {}],
    ["a range", { range: MIDDLE }],
    ["an agent and a project", { agents: [AGENTS[1]], projects: [PROJECTS[0], PROJECTS[2]] }],
    ["a model", { models: [MODELS[0]] }],
  ] satisfies [string, CumulativeQuestion][])("is what the facts add up to: %s", (_, question: CumulativeQuestion) => {
    const { metrics } = cumulative.state(question);
    expect(metrics.length).toBeGreaterThan(question.models === undefined ? 10 : 7);
    for (const { key, kind, bounds, series } of metrics) {
      if (kind === "gauge") continue;
      let sum = 0;
      for (const one of series) {
        expectValue(one, bounds, trueValues(key, one.attributes, question));
        sum += one.sum;
      }
      const all = facts
        .filter((fact) => matches(fact, question))
        .flatMap((fact) => valuesOf(fact, key))
        .reduce((total, value) => total + value, 0);
      expect(sum, key).toBeCloseTo(all, 5);
    }
  });

  it("counts at every bound exactly, at those of the catalogue where they are powers of two", () => {
    const { metrics } = cumulative.state({});
    const boundsOf = (key: MetricKey) => metrics.find((metric) => metric.key === key)?.bounds ?? [];
    expect(boundsOf("taskTokens")).toEqual(METRICS.taskTokens.buckets);
    expect(boundsOf("inferenceDuration").slice(0, 4)).toEqual([0.008, 0.016, 0.032, 0.064]);
    for (const [i, bound] of boundsOf("taskDuration").entries()) {
      const wanted = METRICS.taskDuration.buckets?.[i] ?? Number.NaN;
      expect(Math.abs(Math.log2(bound / wanted))).toBeLessThanOrEqual(0.5);
    }
  });

  it("says since when it counts", () => {
    const first = Math.min(...facts.filter(isCounted).map(({ millis }) => millis));
    expect(cumulative.state({}).startMillis).toBe(floor(first));
    expect(cumulative.state({ range: MIDDLE }).startMillis).toBe(MIDDLE.startMillis);
  });

  it("refuses a range that cuts a quarter hour", () => {
    expect(() => cumulative.state({ range: { startMillis: START, endMillis: END } })).toThrow(
      "Round the range to quarter hours.",
    );
  });

  it("has nothing where there are no facts", () => {
    const store = temporaryStore();
    expect(store.cumulative.state({})).toEqual({ startMillis: 0, metrics: [] });
    expect([...store.cumulative.history({ step: "hour", nowMillis: NOON })]).toEqual([]);
    const before = { startMillis: 0, endMillis: floor(START - DAY) };
    expect(cumulative.state({ range: before }).metrics).toEqual([]);
  });

  it("tells running tasks as they are now, and only for now", () => {
    const store = temporaryStore();
    store.write({ facts: [session(), task({ agent: "main" }), task({ taskId: "t2", agent: "main" }), call(), tool()] });
    const active = (question: CumulativeQuestion) =>
      store.cumulative.state(question).metrics.find(({ key }) => key === "taskActive");
    expect(active({})).toMatchObject({ kind: "gauge", series: [{ sum: 2 }] });
    expect(active({ agents: ["main"] })?.series[0]?.attributes).toMatchObject({ "gen_ai.agent.name": "main" });
    expect(active({ agents: ["other"] })).toBeUndefined();
    expect(active({ models: ["claude-sonnet-4-5"] })).toBeUndefined();
    expect(active({ range: MIDDLE })).toBeUndefined();
  });

  it("keeps few values of an attribute, the first that came, and adds up all others under one", () => {
    const store = temporaryStore();
    const write = (agents: readonly string[]) =>
      store.write({
        facts: agents.flatMap((agent) => [
          session(),
          task({ taskId: agent, agent }),
          call({ taskId: agent, requestId: `r-${agent}`, responseId: `m-${agent}` }),
        ]),
      });
    const outputOf = () =>
      Object.fromEntries(
        store.cumulative
          .state({ maxValues: 2 })
          .metrics.filter(({ key }) => key === "outputTokens")
          .flatMap(({ series }) => series.map(({ attributes, sum }) => [attributes["gen_ai.agent.name"], sum])),
      );
    write(["zebra", "yak"]);
    expect(outputOf()).toEqual({ zebra: USAGE.output, yak: USAGE.output });
    write(["ant", "bee", "cow"]);
    expect(outputOf()).toEqual({ zebra: USAGE.output, yak: USAGE.output, [OVERFLOW_VALUE]: 3 * USAGE.output });
  });

  it("makes one series of names that become the same value", () => {
    const store = temporaryStore();
    const named = ["a\u0007", "a\u0001"].flatMap((agent) => [
      task({ taskId: agent, agent, outcome: { result: "success", origin: "reported", atMillis: NOON } }),
      call({ taskId: agent, requestId: agent, responseId: agent }),
    ]);
    store.write({ facts: [session(), ...named] });
    const { metrics } = store.cumulative.state({ toValue: (name) => name.replace(/\p{Cc}/gu, "?") });
    for (const { series } of metrics) expect(series).toHaveLength(1);
    expect(metrics.find(({ key }) => key === "taskCount")?.series).toEqual([
      {
        attributes: {
          "moai.agent.product": "claude-code",
          "gen_ai.agent.name": "a?",
          "moai.task.result": "success",
        },
        sum: 2,
        count: 0,
        bucketCounts: [],
      },
    ]);
  });
});

describe("the history of cumulative series", () => {
  it.each(CUMULATIVE_STEPS)("grows from nothing to the state, step by step of a %s", (step) => {
    const state = cumulative.state({});
    const metrics = [...cumulative.history({ step, nowMillis: NOW })];
    expect(metrics.map(({ key }) => key)).toEqual(
      state.metrics.filter(({ kind }) => kind !== "gauge").map(({ key }) => key),
    );
    for (const metric of metrics) {
      const reached = state.metrics.find(({ key }) => key === metric.key)?.series ?? [];
      expect(metric.series).toHaveLength(reached.length);
      for (const { attributes, samples } of metric.series) {
        const all = [...samples];
        expect(all[0]).toMatchObject({ sum: 0, count: 0 });
        const last = all.at(-1);
        const wanted = reached.find((series) => JSON.stringify(series.attributes) === JSON.stringify(attributes));
        expect(last?.sum).toBeCloseTo(wanted?.sum ?? Number.NaN, 9);
        expect(last).toMatchObject({ count: wanted?.count, bucketCounts: wanted?.bucketCounts });
        for (const [i, { atMillis, sum }] of all.entries()) {
          const before = all[i - 1];
          if (before === undefined) continue;
          expect(atMillis).toBeGreaterThan(before.atMillis);
          expect(sum).toBeGreaterThanOrEqual(before.sum);
        }
      }
    }
  });

  it("has reached at every sample what the facts before it add up to", () => {
    const metrics = [...cumulative.history({ step: "hour", nowMillis: NOW, range: MIDDLE })];
    for (const metric of metrics) {
      for (const { attributes, samples } of metric.series.slice(0, 3)) {
        for (const sample of samples) {
          const range = { startMillis: MIDDLE.startMillis, endMillis: sample.atMillis };
          expectValue(sample, metric.bounds, trueValues(metric.key, attributes, { range }));
        }
      }
    }
  });

  it("cuts time at whole steps, and the first and last where the time ends", () => {
    expect(planEdges({ first: 3, behind: 14 }, 4)).toEqual([3, 4, 8, 12, 14]);
    expect(planEdges({ first: 4, behind: 8 }, 4)).toEqual([4, 8]);
  });

  it("ends the step that is running now, and no other", () => {
    const noon = NOON / QUARTER_HOUR_MILLIS;
    expect(momentOf(noon + 4, noon, NOON + 60_000)).toBe(NOON + 60_000);
    expect(momentOf(noon, noon - 4, NOON + 60_000)).toBe(NOON);
    expect(momentOf(noon + 8, noon + 4, NOON + 60_000)).toBe(NOON + 2 * HOUR);
    expect(momentOf(noon, undefined, NOON)).toBe(NOON);
  });
});

describe("several questions to one state", () => {
  it("do not see what others write meanwhile", async () => {
    const store = temporaryStore();
    store.write({ facts: [session(), task(), call()] });
    const other = temporaryStore({ path: store.path });
    const seen = await store.inOneState(async () => {
      const before = store.query.summary({}).totalCalls;
      other.write({ facts: [call({ requestId: "r2", responseId: "m2" })] });
      await new Promise((resolve) => setImmediate(resolve));
      return [before, store.query.summary({}).totalCalls];
    });
    expect(seen).toEqual([1, 1]);
    expect(store.query.summary({}).totalCalls).toBe(2);
  });

  it("leave the handle usable when one of them fails", async () => {
    const store = temporaryStore();
    await expect(store.inOneState(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(store.write({ facts: [session()] }).inserted).toBe(1);
  });
});

function isCounted(fact: TrueFact): boolean {
  return fact.population !== "tasks" || fact.row["result"] !== null;
}
