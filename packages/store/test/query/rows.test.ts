/** Rows in pages, against all rows of the file. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FactFilter, Page } from "../../src/query/types.ts";
import { call, NOON, session, task, temporaryStore } from "../helpers.ts";
import { FILTERS_OF, filterOf, rangeWithin } from "./questions.ts";
import { fillStore } from "./store-with-facts.ts";
import { matches, type TrueFact } from "./true-facts.ts";

const START = Date.UTC(2026, 9, 20, 7, 3);
const END = Date.UTC(2026, 10, 9, 20, 11);
const { query, facts, database } = fillStore(START, END, 700);
const anyRange = rangeWithin(START, END);

/** All pages of a question, one after the other. */
function allPages<Row>(read: (cursor: string | undefined) => Page<Row>): Row[] {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = read(cursor);
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return rows;
}

function newestFirst(a: TrueFact, b: TrueFact): number {
  return b.millis - a.millis || b.id - a.id;
}

const limit = fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined });

describe.each([
  ["getModelCalls", "calls", FILTERS_OF.calls],
  ["getToolCalls", "tools", FILTERS_OF.tools],
] as const)("%s", (method, population, filters) => {
  it("reaches every call, newest first, in pages of any size", () => {
    fc.assert(
      fc.property(filterOf(filters, anyRange), limit, (filter, size) => {
        const rows = allPages((cursor) => query[method]({ ...filter, limit: size, cursor } as never) as Page<object>);
        const expected = facts
          .filter((fact) => fact.population === population && matches(fact, filter))
          .sort(newestFirst);
        expect(rows).toHaveLength(expected.length);
        for (const [i, fact] of expected.entries()) {
          expect(rows[i]).toMatchObject({
            product: fact.product,
            sessionId: fact.sessionId,
            taskId: fact.taskId ?? "",
            agent: fact.agent,
            project: fact.project,
            errorType: fact.errorType,
            [population === "calls" ? "model" : "tool"]: population === "calls" ? fact.model : fact.tool,
            [population === "calls" ? "endedAtMillis" : "startedAtMillis"]: fact.millis,
          });
        }
      }),
      { numRuns: 75, seed: 12 },
    );
  });
});

describe("getModelCalls", () => {
  it("tells what is not known as undefined, never as 0", () => {
    const { rows } = query.getModelCalls({});
    const unknown = rows.filter(({ tokens }) => tokens === undefined);
    expect(unknown.length).toBeGreaterThan(0);
    const unpriced = rows.filter(
      ({ model, costNanoUsd }) => model === "a model without a price" && costNanoUsd === undefined,
    );
    expect(unpriced.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ costOrigin }) => costOrigin))).toEqual(new Set(["", "reported", "computed"]));
    for (const { costNanoUsd, costOrigin } of rows) expect(costNanoUsd === undefined).toBe(costOrigin === "");
  });
});

describe("getTasks", () => {
  it("reaches every task with its totals, newest first, in pages of any size", () => {
    fc.assert(
      fc.property(filterOf(FILTERS_OF.taskRows, anyRange), limit, (filter, size) => {
        const rows = allPages((cursor) => query.getTasks({ ...filter, limit: size, cursor } as never));
        const { models, ...rest } = filter as FactFilter;
        const callers = new Set(
          facts
            .filter((fact) => fact.population === "calls" && models?.includes(fact.model))
            .map((fact) => fact.taskId),
        );
        const expected = facts
          .filter((fact) => fact.population === "tasks" && matches(fact, rest))
          .filter((fact) => models === undefined || callers.has(fact.taskId))
          .sort(newestFirst);
        expect(rows.map(({ taskId }) => taskId)).toEqual(expected.map(({ taskId }) => taskId));
        for (const [i, { row, millis, agent, kind, result, branch }] of expected.entries()) {
          expect(rows[i]).toMatchObject({ lastSeenAtMillis: millis, agent, kind, result, branch });
          expect(rows[i]?.calls).toBe(row["calls"]);
          expect(rows[i]?.toolMillis).toBe(row["tool_ms"]);
        }
      }),
      { numRuns: 60, seed: 13 },
    );
  });

  it("goes on behind the last row of a page, whatever was written since", () => {
    const store = temporaryStore();
    const tasks = Array.from({ length: 10 }, (_, i) =>
      task({ taskId: `t${i}`, lastSeenAtMillis: NOON + 1_000 * i, startedAtMillis: NOON }),
    );
    store.write({ facts: tasks });
    const first = store.query.getTasks({ limit: 4 });
    expect(first.rows.map(({ taskId }) => taskId)).toEqual(["t9", "t8", "t7", "t6"]);
    store.write({ facts: [task({ taskId: "newer", lastSeenAtMillis: NOON + 60_000 })] });
    const second = store.query.getTasks({ limit: 4, cursor: first.nextCursor });
    expect(second.rows.map(({ taskId }) => taskId)).toEqual(["t5", "t4", "t3", "t2"]);
    const last = store.query.getTasks({ limit: 4, cursor: second.nextCursor });
    expect(last.rows.map(({ taskId }) => taskId)).toEqual(["t1", "t0"]);
    expect(last.nextCursor).toBeUndefined();
  });

  it("does not find a task by the model of a call that turned out to be a sum", () => {
    const store = temporaryStore();
    const outer = { witness: "span", requestId: "outer", responseId: undefined, model: "router" } as const;
    const told = [
      task(),
      call({ witness: "span", requestId: "inner", responseId: undefined, model: "claude-haiku-4-5" }),
    ];
    store.write({ facts: [...told, call(outer)] });
    const taskIdsOf = (model: string): string[] =>
      store.query.getTasks({ models: [model] }).rows.map(({ taskId }) => taskId);
    expect([taskIdsOf("router"), taskIdsOf("claude-haiku-4-5")]).toEqual([["t1"], ["t1"]]);
    store.write({ facts: [call({ ...outer, usage: undefined, isSum: true })] });
    expect([taskIdsOf("router"), taskIdsOf("claude-haiku-4-5")]).toEqual([[], ["t1"]]);
  });

  it("takes a cursor only with the filter that it was made for", () => {
    const { nextCursor } = query.getTasks({ limit: 2 });
    expect(nextCursor).toMatch(/^[\w-]+$/);
    expect(() => query.getTasks({ limit: 2, agents: ["main"], cursor: nextCursor })).toThrow(
      /cursor is not one of getTasks/,
    );
    expect(() => query.getModelCalls({ limit: 2, cursor: nextCursor })).toThrow(/cursor is not one of getModelCalls/);
    for (const cursor of ["", "!", "e30", "WzEsMiwzXQ"]) {
      expect(() => query.getTasks({ cursor })).toThrow(/Pass nextCursor of the page before/);
    }
  });
});

describe("getSessions", () => {
  it("chooses sessions by their activity, tags, branch and what happened in them", () => {
    const all = query.getSessions({}).rows;
    expect(all.length).toBeGreaterThan(5);
    fc.assert(
      fc.property(filterOf(FILTERS_OF.sessions, anyRange), limit, (filter, size) => {
        const rows = allPages((cursor) => query.getSessions({ ...filter, limit: size, cursor } as never));
        const { range, models, agents, kinds, results, taskIds, ...own } = filter;
        const expected = all.filter((row) => {
          const inSession = facts.filter((fact) => fact.sessionId === row.sessionId && fact.product === row.product);
          const shape = { ...row, tags: new Map(Object.entries(row.tags)) } as unknown as TrueFact;
          const ofTasks = { agents, kinds, results, taskIds };
          const isAboutTasks = Object.values(ofTasks).some((value) => value !== undefined);
          return (
            matches(shape, own) &&
            (models === undefined ||
              inSession.some((fact) => fact.population === "calls" && models.includes(fact.model))) &&
            (!isAboutTasks || inSession.some((fact) => fact.population === "tasks" && matches(fact, ofTasks))) &&
            (range === undefined ||
              intervalsOf(row.sessionId, row.product).some(
                ([start, end]) => start < range.endMillis && end >= range.startMillis,
              ))
          );
        });
        expect(rows.map(({ sessionId }) => sessionId)).toEqual(expected.map(({ sessionId }) => sessionId));
      }),
      { numRuns: 60, seed: 14 },
    );
  });

  function intervalsOf(sessionId: string, product: string): [number, number][] {
    const row = database
      .prepare("SELECT activity FROM session JOIN string ON string.id = product_id WHERE session_key = ? AND text = ?")
      .get(sessionId, product) as { activity: string };
    return JSON.parse(row.activity);
  }

  it("finds a model that a long session called thousands of calls ago", () => {
    const store = temporaryStore();
    const called = (sessionId: string, model: string, i: number) =>
      call({
        sessionId,
        taskId: undefined,
        requestId: `${model} ${i}`,
        responseId: undefined,
        model,
        endedAtMillis: NOON + i,
      });
    store.write({
      facts: [
        called("first", "rare", 0),
        called("other", "rare", 1),
        ...Array.from({ length: 4_500 }, (_, i) => called("first", "often", 2 + i)),
        called("other", "often", 5_000),
        called("newest", "often", 5_001),
      ],
    });
    const sessionsOf = (...models: string[]): string[] =>
      store.query.getSessions({ models }).rows.map(({ sessionId }) => sessionId);
    expect(sessionsOf("rare")).toEqual(["other", "first"]);
    expect(sessionsOf("often")).toEqual(["newest", "other", "first"]);
    expect(sessionsOf("never")).toEqual([]);
  });

  it("shows tags and whether the session has ended", () => {
    const store = temporaryStore();
    store.write({ facts: [session({ hasEnded: true, tags: { team: "core", ticket: "42" } })] });
    expect(store.query.getSessions({ tags: { team: ["core", "infra"], ticket: ["42"] } }).rows).toMatchObject([
      {
        sessionId: "s1",
        hasEnded: true,
        tags: { team: "core", ticket: "42" },
        wallMillis: 60_000,
        activeMillis: 60_000,
      },
    ]);
    expect(store.query.getSessions({ tags: { team: ["infra"] } }).rows).toEqual([]);
  });
});
