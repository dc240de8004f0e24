/** What cannot be honoured is refused, with what to ask instead; what is deleted is said. */
import { describe, expect, it } from "vitest";
import type { MetricsQuery } from "../../src/query/types.ts";
import { fillStore } from "./store-with-facts.ts";

const START = Date.UTC(2026, 10, 1);
const DAY = 86_400_000;
const { query, database } = fillStore(START, START + 6 * DAY, 300);

type Ask = (query: MetricsQuery, filter: object) => unknown;

const METHODS: Record<string, Ask> = {
  getTasks: (q, filter) => q.getTasks(filter),
  getAgents: (q, filter) => q.getAgents(filter),
  getSessions: (q, filter) => q.getSessions(filter),
  getModelCalls: (q, filter) => q.getModelCalls(filter),
  getToolCalls: (q, filter) => q.getToolCalls(filter),
  "aggregateByTime of calls": (q, filter) =>
    q.aggregateByTime({ measure: "calls", function: "sum", interval: "day", ...filter }),
  "aggregateByTime of tools": (q, filter) =>
    q.aggregateByTime({ measure: "toolCalls", function: "sum", interval: "day", ...filter }),
  "aggregateByTime of tasks": (q, filter) =>
    q.aggregateByTime({ measure: "tasks", function: "sum", interval: "day", ...filter }),
  percentile: (q, filter) => q.percentile({ measure: "taskDuration", percentile: 0.5, ...filter }),
  average: (q, filter) => q.average({ measure: "toolDuration", ...filter }),
  topAgents: (q, filter) => q.topAgents({ measure: "taskTokens", ...filter }),
  slowestTasks: (q, filter) => q.slowestTasks({ limit: 3, ...filter }),
  summary: (q, filter) => q.summary(filter),
  compare: (q, filter) => q.compare({ range: { startMillis: START, endMillis: START + DAY }, ...filter }),
};

const FILTERS: Record<string, object> = {
  products: { products: ["claude-code"] },
  projects: { projects: ["/home/a"] },
  agents: { agents: ["main"] },
  models: { models: ["claude-sonnet-4-5"] },
  sessionIds: { sessionIds: ["session-1"] },
  taskIds: { taskIds: ["task-1"] },
  branches: { branches: ["main"] },
  kinds: { kinds: ["prompt"] },
  results: { results: ["success"] },
  tools: { tools: ["Bash"] },
  errorTypes: { errorTypes: ["overloaded"] },
  tags: { tags: { team: ["core"] } },
};

const REFUSED: Record<string, readonly string[]> = {
  getTasks: ["tools"],
  getAgents: ["tools", "errorTypes"],
  getSessions: ["tools", "errorTypes"],
  getModelCalls: ["tools"],
  getToolCalls: ["models"],
  "aggregateByTime of calls": ["tools"],
  "aggregateByTime of tools": ["models"],
  "aggregateByTime of tasks": ["models", "tools"],
  percentile: ["models", "tools"],
  average: ["models"],
  topAgents: ["models", "tools"],
  slowestTasks: ["models", "tools"],
  summary: ["tools", "errorTypes"],
  compare: ["tools", "errorTypes"],
};

const PAIRS = Object.keys(METHODS).flatMap((method) => Object.keys(FILTERS).map((filter) => [method, filter] as const));

describe("a filter", () => {
  it.each(PAIRS)("of %s on %s changes the answer or is refused by name", (method, name) => {
    const ask = METHODS[method];
    const filter = FILTERS[name] ?? {};
    if (REFUSED[method]?.includes(name)) {
      expect(() => ask?.(query, filter)).toThrow(
        new RegExp(`^${method.split(" ")[0]} cannot be filtered by ${name}: .+`),
      );
    } else {
      expect(JSON.stringify(ask?.(query, filter))).not.toBe(JSON.stringify(ask?.(query, {})));
    }
  });

  it("with a value outside of its enumeration is refused", () => {
    expect(() => query.getTasks({ results: ["won" as "success"] })).toThrow(/results does not know "won".*success/);
    expect(() => query.summary({ kinds: ["chat" as "prompt"] })).toThrow(/kinds does not know "chat".*prompt/);
  });

  it.each([
    [{ startMillis: 5, endMillis: 4 }],
    [{ startMillis: 0.5, endMillis: 4 }],
    [{ startMillis: Number.NaN, endMillis: 4 }],
  ])("on the range %j is refused", (range) => {
    expect(() => query.summary({ range })).toThrow(/whole milliseconds, the start not after the end/);
  });
});

describe("groups, intervals and zones", () => {
  it("that do not exist are refused with those that do", () => {
    const ask = (fields: object) =>
      query.aggregateByTime({ measure: "tasks", function: "sum", interval: "day", ...fields } as never);
    expect(() => ask({ groupBy: ["model"] })).toThrow(/cannot group tasks by model.*product, project, agent/);
    expect(() => ask({ groupBy: ["tool"] })).toThrow(/cannot group tasks by tool/);
    expect(() => ask({ interval: "year" })).toThrow(/no interval "year".*minute, quarterHour, hour/);
    expect(() => ask({ timeZone: "Mars/Olympus" })).toThrow(RangeError);
    expect(() => ask({ measure: "constructor" })).toThrow(/no measure "constructor"/);
  });
});

describe("an aborted question", () => {
  it.each(Object.entries(METHODS))("of %s throws the signal's reason", (_, ask) => {
    const signal = AbortSignal.abort(new Error("no longer wanted"));
    expect(() => ask(query, { signal })).toThrow("no longer wanted");
  });
});

describe("behind the watermark", () => {
  const kept = START + 3 * DAY;

  it("rollups answer, and what needs single facts is refused or said to be missing", () => {
    const whole = query.summary({});
    database.prepare("INSERT INTO meta (key, value) VALUES ('watermark_day', ?)").run(BigInt(kept / DAY));
    try {
      expect(query.summary({})).toEqual(whole);
      expect(() => query.summary({ sessionIds: ["session-1"] })).toThrow(
        /summary needs single facts \(the filter sessionIds\).*before 2026-11-04T00:00:00.000Z were deleted/,
      );
      expect(() =>
        query.summary({ sessionIds: ["session-1"], range: { startMillis: kept, endMillis: kept + DAY } }),
      ).not.toThrow();
      expect(() => query.summary({ range: { startMillis: START + 1, endMillis: kept } })).toThrow(
        /lies inside a quarter hour/,
      );
      expect(() => query.percentile({ measure: "tokens", percentile: 0.5 })).toThrow(/values of single model calls/);
      const minutes = { measure: "calls", function: "sum", interval: "minute" } as const;
      expect(() =>
        query.aggregateByTime({ ...minutes, range: { startMillis: START, endMillis: START + DAY } }),
      ).toThrow(/needs single facts \(minutes\)/);
      expect(query.getTasks({}).deletedBeforeMillis).toBe(kept);
      expect(
        query.getTasks({ range: { startMillis: kept, endMillis: kept + DAY } }).deletedBeforeMillis,
      ).toBeUndefined();
      const slowest = query.slowestTasks({ limit: 1_000 });
      expect(slowest.deletedBeforeMillis).toBe(kept);
      expect(slowest.tasks.every(({ lastSeenAtMillis }) => lastSeenAtMillis >= kept)).toBe(true);
      const { agents } = query.getAgents({});
      for (const { firstSeenMillis = 0 } of agents) {
        if (firstSeenMillis < kept) expect(firstSeenMillis % 900_000).toBe(0);
      }
    } finally {
      database.prepare("DELETE FROM meta WHERE key = 'watermark_day'").run();
    }
  });
});

describe("days that the ledger has deleted", () => {
  it("still count in every sum, with and without a range", () => {
    const { query: kept, database: file } = fillStore(START, START + 6 * DAY, 300, 21);
    const mid = START + 2 * DAY;
    const questions = [
      () => kept.summary({}),
      () => kept.topAgents({ measure: "taskDuration", function: "max" }),
      () => kept.aggregateByTime({ measure: "tokens", function: "sum", interval: "day" }),
      () =>
        kept.percentile({ measure: "callDuration", percentile: 0.9, range: { startMillis: START, endMillis: mid } }),
    ];
    const before = questions.map((ask) => ask());
    const firstKept = (mid / 900_000 - 1_753_152) * 2 ** 22;
    for (const table of ["model_call", "tool_call"]) file.prepare(`DELETE FROM ${table} WHERE id < ?`).run(firstKept);
    file.prepare("DELETE FROM task WHERE last_seen_at < ?").run(mid);
    file.prepare("INSERT INTO meta (key, value) VALUES ('watermark_day', ?)").run(BigInt(mid / DAY));
    expect(questions.map((ask) => ask())).toEqual(before);
    expect(kept.getTasks({}).rows.length).toBeGreaterThan(0);
  });
});
