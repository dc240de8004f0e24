/** Percentiles, averages, rankings, summaries and agents, against the same worked out fact by fact. */
import { type Fact, TASK_RESULTS } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MEASURES, type Measure } from "../../src/query/measures.ts";
import type {
  AverageQuestion,
  FactFilter,
  OverallQuestion,
  PercentileQuestion,
  SlowestTasksQuestion,
  TopAgentsQuestion,
} from "../../src/query/types.ts";
import { call, NOON, task, temporaryStore } from "../helpers.ts";
import { askedFunction, FILTERS_OF, filterOf, rangeWithin } from "./questions.ts";
import { slowValue } from "./slow-answers.ts";
import { fillStore } from "./store-with-facts.ts";
import { matches, measuredValue, type TrueFact } from "./true-facts.ts";

const START = Date.UTC(2026, 9, 28, 7, 3);
const END = Date.UTC(2026, 10, 9, 20, 11);
const DAY = 86_400_000;
const HOUR = 3_600_000;

const { query, facts } = fillStore(START, END, 900);
const anyRange = rangeWithin(START, END);

function expectNear(actual: number | undefined, expected: number | undefined, relativeError = 0): void {
  if (expected === undefined || actual === undefined) expect(actual).toBe(expected);
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relativeError * expected + 1e-9 * expected);
}

/** Questions with a measure and the filters that fit it. */
function withMeasure(
  kinds: readonly string[],
): fc.Arbitrary<[{ measure: Measure; function: string; percentile: number }, FactFilter]> {
  return askedFunction
    .filter(({ measure }) => kinds.includes(MEASURES[measure].kind))
    .chain((asked) => fc.tuple(fc.constant(asked), filterOf(FILTERS_OF[MEASURES[asked.measure].population], anyRange)));
}

function chosenFor(measure: Measure, filter: FactFilter): TrueFact[] {
  return facts.filter((fact) => fact.population === MEASURES[measure].population && matches(fact, filter));
}

/** Tasks and tool calls have no model, so a filter on models leaves model calls. */
function isPartOf(fact: TrueFact, filter: FactFilter): boolean {
  return matches(fact, filter) && (filter.models === undefined || fact.population === "calls");
}

describe("percentile", () => {
  it("is the value at its nearest rank, overall and in every group", () => {
    fc.assert(
      fc.property(withMeasure(["amount"]), ([{ measure, percentile }, filter]) => {
        const answer = query.percentile({ ...filter, measure, percentile, groupBy: ["agent"] } as PercentileQuestion);
        const chosen = chosenFor(measure, filter);
        const expected = slowValue(chosen, measure, "percentile", percentile);
        expect(answer.count).toBe(expected.count);
        expectNear(answer.value, expected.value, answer.relativeError);
        for (const { agent, value, count } of answer.groups) {
          const own = slowValue(
            chosen.filter((fact) => fact.agent === agent),
            measure,
            "percentile",
            percentile,
          );
          expect(count).toBe(own.count);
          expectNear(value, own.value, answer.relativeError);
        }
        expect(answer.groups.reduce((sum, { count }) => sum + count, 0)).toBe(expected.count);
        expect(answer.relativeError).toBeLessThan(0.011);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it("is exact for the least and the greatest value, also from the rollups", () => {
    for (const percentile of [0, 1]) {
      const answer = query.percentile({ measure: "taskDuration", percentile });
      expect(answer).toMatchObject({ source: "rollups", relativeError: 0 });
      const all = slowValue(facts, "taskDuration", percentile === 0 ? "min" : "max", 0);
      expect(answer.value).toBe(all.value);
    }
  });

  it("says how far off it may be", () => {
    expect(query.percentile({ measure: "callDuration", percentile: 0.95 }).relativeError).toBeCloseTo(0.01083, 4);
    expect(query.percentile({ measure: "tokens", percentile: 0.95 })).toMatchObject({
      source: "ledger",
      relativeError: 0,
    });
  });

  it.each([-0.1, 1.1, 95, Number.NaN])("refuses %s, which is no share", (percentile) => {
    expect(() => query.percentile({ measure: "callDuration", percentile })).toThrow(/from 0 to 1/);
  });
});

describe("average", () => {
  it("counts only facts that have the value", () => {
    fc.assert(
      fc.property(withMeasure(["amount", "ratio"]), ([{ measure }, filter]) => {
        const answer = query.average({ ...filter, measure } as AverageQuestion);
        const expected = slowValue(chosenFor(measure, filter), measure, "avg", 0);
        expect(answer.count).toBe(expected.count);
        expectNear(answer.value, expected.value);
      }),
      { numRuns: 100, seed: 4 },
    );
  });
});

describe("topAgents", () => {
  it("ranks by any measure in both orders, equal values by name, agents without a value last", () => {
    fc.assert(
      fc.property(
        withMeasure(["amount", "ratio", "total"]),
        fc.constantFrom("asc", "desc"),
        fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        ([asked, filter], order, limit) => {
          const answer = query.topAgents({ ...filter, ...asked, order, limit } as TopAgentsQuestion);
          const chosen = chosenFor(asked.measure, filter);
          const expected = [...new Set(chosen.map(({ agent }) => agent))]
            .map((agent) => ({
              agent,
              ...slowValue(
                chosen.filter((fact) => fact.agent === agent),
                asked.measure,
                asked.function,
                asked.percentile,
              ),
            }))
            .filter(({ value, count }) => count > 0 || (value ?? 0) !== 0);
          expect(answer.agents).toHaveLength(Math.min(expected.length, limit ?? Infinity));
          for (const [i, row] of answer.agents.entries()) {
            const own = expected.find(({ agent }) => agent === row.agent);
            expect(row.rank).toBe(i + 1);
            expect(row.count).toBe(own?.count);
            expectNear(row.value, own?.value, answer.relativeError);
            const next = answer.agents[i + 1];
            if (next?.value === undefined || row.value === undefined) continue;
            const difference = order === "asc" ? row.value - next.value : next.value - row.value;
            expect(difference < 0 || (difference === 0 && row.agent < next.agent)).toBe(true);
          }
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  it("averages durations and rates and sums everything else unless told otherwise", () => {
    expect(query.topAgents({ measure: "taskDuration" })).toMatchObject({ function: "avg", unit: "ms" });
    expect(query.topAgents({ measure: "successRate" }).function).toBe("avg");
    expect(query.topAgents({ measure: "cost" })).toMatchObject({ function: "sum", unit: "nUSD" });
    expect(query.topAgents({ measure: "toolCalls" }).function).toBe("sum");
  });

  it("refuses what it cannot rank by", () => {
    expect(() => query.topAgents({ measure: "elapsed" as "tasks" })).toThrow(/no measure "elapsed".*taskDuration/);
    expect(() => query.topAgents({ measure: "calls", function: "avg" })).toThrow(/calls has no "avg".*sum, count/);
    expect(() => query.topAgents({ measure: "calls", order: "up" as "asc" })).toThrow(/asc, desc/);
    expect(() => query.topAgents({ measure: "calls", limit: 0 })).toThrow(/whole number from 1/);
    expect(() => query.topAgents({ measure: "cost", function: "percentile" })).toThrow(/percentile undefined/);
  });
});

describe("summary", () => {
  it("adds up what the filter chooses, and leaves open what models do not have", () => {
    fc.assert(
      fc.property(filterOf(FILTERS_OF.overall, anyRange), (filter) => {
        const answer = query.summary(filter as OverallQuestion);
        const isAboutCalls = filter.models !== undefined;
        const chosen = facts.filter((fact) => isPartOf(fact, filter));
        const sum = (measure: Measure, wanted = "sum"): number | undefined =>
          slowValue(chosen, measure, wanted, 0).value;
        const ofTasks = (value: number | undefined): number | undefined => (isAboutCalls ? undefined : value);
        expect(answer).toMatchObject({
          totalTokensUsed: sum("tokens"),
          costNanoUsd: sum("cost"),
          totalCalls: sum("calls"),
          totalCallErrors: sum("callErrors"),
          callsWithoutUsage: sum("callsWithoutUsage"),
          unpricedCalls: sum("unpricedCalls"),
        });
        expect(answer.reportedCostNanoUsd + answer.computedCostNanoUsd).toBe(answer.costNanoUsd);
        expect(answer.totalTasks).toBe(ofTasks(sum("tasks")));
        expect(answer.successfulTasks).toBe(ofTasks(sum("successfulTasks")));
        expect(answer.unknownTasks).toBe(ofTasks(sum("unknownTasks")));
        expect(answer.totalToolErrors).toBe(ofTasks(sum("toolErrors")));
        expect(answer.successRate).toBe(ofTasks(sum("successRate", "avg")));
        expectNear(answer.avgDurationMillis, ofTasks(sum("taskDuration", "avg")));
        expectNear(answer.avgTokensPerTask, ofTasks(sum("taskTokens", "avg")));
        const p95 = slowValue(chosen, "taskDuration", "percentile", 0.95).value;
        expectNear(answer.p95DurationMillis, ofTasks(p95), answer.relativeError);
        const present = chosen.filter((fact) => fact.population !== "tasks" || measuredValue(fact, "tasks") === 1);
        expect(answer.uniqueAgents).toBe(
          new Set(present.map(({ agent }) => agent).filter((agent) => agent !== "")).size,
        );
      }),
      { numRuns: 75, seed: 6 },
    );
  });

  it("of nothing is 0 for what adds up and undefined for everything else", () => {
    const answer = query.summary({ range: { startMillis: 0, endMillis: 900_000 } });
    expect(answer).toMatchObject({ totalTasks: 0, totalTokensUsed: 0, uniqueAgents: 0, relativeError: 0 });
    expect(answer.successRate).toBeUndefined();
    expect(answer.p99DurationMillis).toBeUndefined();
  });
});

describe("getAgents", () => {
  it("knows each agent's work, models, projects, first and last moment", () => {
    fc.assert(
      fc.property(filterOf(FILTERS_OF.overall, anyRange), (filter) => {
        const { agents, relativeError } = query.getAgents(filter);
        const chosen = facts.filter(
          (fact) => isPartOf(fact, filter) && (fact.population !== "tasks" || fact.result !== "open"),
        );
        const names = [...new Set(chosen.map(({ agent }) => agent))].sort();
        expect(agents.map(({ agent }) => agent)).toEqual(names);
        for (const row of agents) {
          const own = chosen.filter(({ agent }) => agent === row.agent);
          const value = (measure: Measure, wanted = "sum", percentile = 0): number | undefined =>
            slowValue(own, measure, wanted, percentile).value;
          expect(row.firstSeenMillis).toBe(Math.min(...own.map(({ millis }) => millis)));
          expect(row.lastSeenMillis).toBe(Math.max(...own.map(({ millis }) => millis)));
          expect(row.calls.calls).toBe(value("calls"));
          expect(row.calls.costNanoUsd).toBe(value("cost"));
          const distinct = (list: readonly string[]): string[] =>
            [...new Set(list.filter((name) => name !== ""))].sort();
          expect(row.models).toEqual(distinct(own.map(({ model }) => model)));
          expect(row.projects).toEqual(distinct(own.map(({ project }) => project)));
          expect(row.tasks === undefined).toBe(filter.models !== undefined);
          if (row.tasks === undefined) continue;
          expect(row.tasks.ended).toBe(value("tasks"));
          expect(row.tasks.byResult.failure).toBe(value("failedTasks"));
          expect(row.tasks.maxMillis).toBe(value("taskDuration", "max"));
          expectNear(row.tasks.p50Millis, value("taskDuration", "percentile", 0.5), relativeError);
          expect(row.tools?.toolCalls).toBe(value("toolCalls"));
        }
      }),
      { numRuns: 40, seed: 8 },
    );
  });

  it("finds the first and last moment of agents that worked on few of many days", () => {
    const store = temporaryStore();
    const dayOf = (day: number): number => NOON + day * DAY;
    const worked = { always: [0, 1, 30, 98, 99], early: [9, 13], late: [60, 81], once: [47] };
    const factsAt = (agent: string, day: number): Fact[] => {
      const taskId = `${agent} ${day}`;
      const [startedAtMillis, lastSeenAtMillis] = [dayOf(day), dayOf(day) + HOUR];
      const outcome = { result: "success", origin: "reported", atMillis: lastSeenAtMillis } as const;
      return [
        task({ taskId, agent, startedAtMillis, lastSeenAtMillis, outcome }),
        call({ taskId, requestId: taskId, responseId: undefined, endedAtMillis: startedAtMillis }),
      ];
    };
    store.write({
      facts: Object.entries(worked).flatMap(([agent, days]) => days.flatMap((day) => factsAt(agent, day))),
    });
    const seen = store.query.getAgents({}).agents.map((row) => [row.agent, row.firstSeenMillis, row.lastSeenMillis]);
    expect(seen).toEqual(
      Object.entries(worked).map(([agent, days]) => [agent, dayOf(days[0] ?? 0), dayOf(days.at(-1) ?? 0) + HOUR]),
    );
    const range = { startMillis: dayOf(60) + 1, endMillis: dayOf(81) };
    const onlyEnded = { agent: "late", firstSeenMillis: dayOf(60) + HOUR, lastSeenMillis: dayOf(60) + HOUR };
    expect(store.query.getAgents({ range }).agents).toMatchObject([onlyEnded]);
  });

  it("finds the moments of calls that were first seen in other quarter hours, and lie there", () => {
    const store = temporaryStore();
    const quarter = HOUR / 4;
    const told = (taskId: string, requestId: string, millis: readonly number[]): Fact[] =>
      millis.map((endedAtMillis, i) => {
        const witness = (["transcript", "span", "log"] as const)[millis.length - 1 - i] ?? "log";
        return call({ taskId, requestId, responseId: undefined, endedAtMillis, witness });
      });
    store.write({ facts: ["near", "far"].map((agent) => task({ taskId: agent, agent, outcome: undefined })) });
    const [first, last] = [NOON + 1, NOON + 21 * quarter - 1];
    const facts = [
      ...told("near", "near first", [first - quarter, first]),
      ...told("near", "near last", [last + quarter, last]),
      ...told("far", "far first", [first + 2 * quarter + 1, first + quarter + 1, first + 1]),
      ...told("far", "far last", [last - 2 * quarter - 1, last - quarter - 1, last - 1]),
      ...["near", "far"].flatMap((agent) => told(agent, `${agent} between`, [NOON + 10 * quarter])),
    ];
    // One by one: facts that come together are known by their best witness at once.
    for (const fact of facts) store.write({ facts: [fact] });
    const database = new Database(store.path, { readonly: true });
    const strays = database.prepare("SELECT floor(ended_ms / 900000.0) FROM model_call ORDER BY 1").pluck().all();
    database.close();
    expect(strays).toEqual([-2, -1, 0, 0, 1, 2]);
    expect(store.query.getAgents({}).agents).toMatchObject([
      { agent: "far", firstSeenMillis: first + 1, lastSeenMillis: last - 1 },
      { agent: "near", firstSeenMillis: first, lastSeenMillis: last },
    ]);
    for (const filter of [{ agents: ["far"] }, { projects: [""] }, { models: ["claude-sonnet-4-5"] }]) {
      const seen = store.query.getAgents(filter).agents.map((row) => [row.agent, row.firstSeenMillis]);
      expect(seen).toContainEqual(["far", first + 1]);
    }
  });
});

describe("slowestTasks", () => {
  it("are the longest of all ended tasks, equally long ones newest first", () => {
    fc.assert(
      fc.property(filterOf(FILTERS_OF.tasks, anyRange), fc.constantFrom(1, 3, 10, 250), (filter, limit) => {
        const { tasks } = query.slowestTasks({ ...filter, limit } as SlowestTasksQuestion);
        const expected = facts
          .filter(
            (fact) =>
              matches(fact, filter) && measuredValue(fact, "taskDuration") !== undefined && fact.population === "tasks",
          )
          .sort(
            (a, b) =>
              (measuredValue(b, "taskDuration") ?? 0) - (measuredValue(a, "taskDuration") ?? 0) ||
              b.millis - a.millis ||
              b.id - a.id,
          )
          .slice(0, limit);
        expect(tasks.map(({ taskId }) => taskId)).toEqual(expected.map(({ taskId }) => taskId));
        expect(tasks.map(({ durationMillis }) => durationMillis)).toEqual(
          expected.map((fact) => measuredValue(fact, "taskDuration")),
        );
      }),
      { numRuns: 75, seed: 9 },
    );
  });

  it("needs to know how many", () => {
    expect(() => query.slowestTasks({} as SlowestTasksQuestion)).toThrow(/needs a limit/);
    expect(() => query.slowestTasks({ limit: 1.5 })).toThrow(/whole number/);
  });
});

describe("compare", () => {
  it("sets a range against the one of the same length before it", () => {
    const range = { startMillis: Date.UTC(2026, 10, 3), endMillis: Date.UTC(2026, 10, 6) };
    const before = { startMillis: Date.UTC(2026, 9, 31), endMillis: Date.UTC(2026, 10, 3) };
    const answer = query.compare({ range });
    expect(answer.previous).toEqual(before);
    const [now, then] = [query.summary({ range }), query.summary({ range: before })];
    expect(answer.differences.totalTokensUsed).toEqual({
      current: now.totalTokensUsed,
      previous: then.totalTokensUsed,
      absolute: now.totalTokensUsed - then.totalTokensUsed,
      relative: (now.totalTokensUsed - then.totalTokensUsed) / then.totalTokensUsed,
    });
    expect(Object.keys(answer.differences)).toHaveLength(23);
    for (const { absolute, relative } of Object.values(answer.differences)) {
      expect(Number.isFinite(absolute ?? 0)).toBe(true);
      if (relative !== undefined) expect(Number.isFinite(relative)).toBe(true);
    }
  });

  it("sets a calendar period against the one before, whatever their lengths", () => {
    const answer = query.compare({
      unit: "day",
      atMillis: Date.UTC(2026, 10, 2, 12),
      timeZone: "America/New_York",
      agents: ["main"],
    });
    expect(answer.current.endMillis - answer.current.startMillis).toBe(DAY);
    expect(answer.previous.endMillis - answer.previous.startMillis).toBe(DAY + 3_600_000);
    expect(answer.differences.totalCalls.previous).toBe(
      query.summary({ agents: ["main"], range: answer.previous }).totalCalls,
    );
  });

  it("leaves open what has no earlier value", () => {
    const { differences } = query.compare({ range: { startMillis: START, endMillis: END } });
    expect(differences.totalTasks.previous).toBe(0);
    expect(differences.totalTasks.relative).toBeUndefined();
    expect(differences.avgDurationMillis).toMatchObject({ previous: undefined, absolute: undefined });
  });

  it("needs a range or a unit", () => {
    expect(() => query.compare({} as never)).toThrow(/needs a range, or a unit/);
  });
});

describe("every method that adds up", () => {
  it("knows tasks by their results", () => {
    const { tasks } = query.getAgents({}).agents.find(({ agent }) => agent === "main") ?? {};
    expect(Object.keys(tasks?.byResult ?? {})).toEqual([...TASK_RESULTS]);
  });
});
