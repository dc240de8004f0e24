/** The documents of PRD-08: facts made from its examples must give its examples back, key by key. */
import { createZoneCalendar, type Fact, type TaskResult } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import {
  agentMetricsDocument,
  periodReportDocument,
  taskMetricsDocument,
  tokenUsageDocument,
} from "../../src/index.ts";
import { call, session, storeWith, task } from "../support/ledger.ts";

const UTC = createZoneCalendar("UTC");
const at = (time: string): number => Date.parse(`${time}Z`);
const MINUTE = 60_000;

/** A call with exactly these tokens, all of its prompt uncached. */
function tokens(
  sessionId: string,
  taskId: string | undefined,
  id: string,
  atMillis: number,
  prompt: number,
  completion: number,
): Fact {
  const usage = { input: prompt, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: completion, reasoning: 0 };
  const { taskId: _named, ...fact } = call(sessionId, "", id, atMillis, { usage });
  return taskId === undefined ? fact : { ...fact, taskId };
}

/** The keys of `wanted`, as deep as they go, out of `whole`. */
function pick(whole: unknown, wanted: unknown): unknown {
  if (typeof wanted !== "object" || wanted === null) return whole;
  const source = whole as Record<string, unknown>;
  return Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, pick(source[key], value)]));
}

describe("token_usage", () => {
  const START = at("2025-11-29T10:00:00");
  const WANTED = {
    token_usage: {
      session_id: "sess-001",
      total_tokens: 150000,
      by_category: { prompt: 45000, completion: 105000 },
      by_task: { "task-001": 25000, "task-002": 35000 },
    },
  };

  it("is the PRD's example", () => {
    const store = storeWith([
      session("sess-001", START, START + 30 * MINUTE),
      task("sess-001", "task-001", "expert-backend", START + 5 * MINUTE, "success"),
      task("sess-001", "task-002", "expert-backend", START + 9 * MINUTE, "success"),
      tokens("sess-001", "task-001", "r1", START + 4 * MINUTE, 10000, 15000),
      tokens("sess-001", "task-002", "r2", START + 8 * MINUTE, 15000, 20000),
      tokens("sess-001", undefined, "r3", START + 20 * MINUTE, 20000, 70000),
    ]);
    const document = tokenUsageDocument(store, "sess-001");
    expect(pick(document, WANTED)).toEqual(WANTED);
    expect(document?.token_usage).toMatchObject({
      without_task: 90000,
      product: "claude-code",
      project: "/home/dev/shop",
    });
  });

  it("counts cache reads and writes as prompt", () => {
    const store = storeWith([session("s", START, START + MINUTE), call("s", "t", "r", START)]);
    expect(tokenUsageDocument(store, "s")?.token_usage).toMatchObject({
      total_tokens: 3700,
      by_category: { prompt: 3300, completion: 400 },
    });
  });

  it("is undefined for a session that nobody saw", () => {
    expect(tokenUsageDocument(storeWith([]), "sess-404")).toBeUndefined();
  });
});

describe("task_metrics", () => {
  const ENDED = at("2025-11-29T10:01:30");
  const WANTED = {
    task_metrics: {
      task_id: "task-001",
      agent: "expert-backend",
      started_at: "2025-11-29T10:00:00Z",
      ended_at: "2025-11-29T10:01:30Z",
      duration_ms: 90000,
      result: "success",
      tokens_used: 25000,
      files_created: 2,
      files_modified: 3,
    },
  };
  const file = (path: string, change: "created" | "modified"): Fact => ({
    witness: "transcript",
    product: "claude-code",
    sessionId: "s",
    kind: "file_change",
    taskId: "task-001",
    path,
    change,
    atMillis: ENDED - 1000,
  });

  it("is the PRD's example", () => {
    const store = storeWith([
      session("s", ENDED - 90_000, ENDED),
      task("s", "task-001", "expert-backend", ENDED, "success", { startedAtMillis: ENDED - 90_000 }),
      tokens("s", "task-001", "r", ENDED - 1000, 5000, 20000),
      ...["a", "b"].map((name) => file(`/p/${name}`, "created")),
      ...["c", "d", "e"].map((name) => file(`/p/${name}`, "modified")),
    ]);
    const document = taskMetricsDocument(store, "task-001");
    expect(pick(document, WANTED)).toEqual(WANTED);
    expect(document?.task_metrics).toMatchObject({ session_id: "s", result_origin: "reported", files_deleted: 0 });
  });

  it("has no end while the task runs", () => {
    const store = storeWith([session("s", ENDED, ENDED), task("s", "task-001", "main", ENDED, undefined)]);
    expect(taskMetricsDocument(store, "task-001")?.task_metrics).toMatchObject({ ended_at: null, result: "open" });
  });

  it("names the error of a task that failed", () => {
    const outcome = { result: "failure", origin: "reported", atMillis: ENDED, errorType: "api_error" } as const;
    const store = storeWith([task("s", "t", "main", ENDED, "failure", { outcome })]);
    expect(taskMetricsDocument(store, "t")?.task_metrics).toMatchObject({ result: "failure", error_type: "api_error" });
  });

  it("is undefined for a task that nobody saw", () => {
    expect(taskMetricsDocument(storeWith([]), "task-404")).toBeUndefined();
  });
});

/** Tasks of one agent: so many of each result, of one duration, with one call each. */
function work(
  name: string,
  agent: string,
  endMillis: number,
  counts: Partial<Record<TaskResult, number>>,
  durationMillis: number,
  tokensOfTask: number,
): Fact[] {
  const results = Object.entries(counts).flatMap(([result, count]) => Array.from({ length: count }, () => result));
  return results.flatMap((result, index) => {
    const id = `${name}-${agent}-${index}`;
    return [
      task(name, id, agent, endMillis + index, result as TaskResult, {
        startedAtMillis: endMillis + index - durationMillis,
      }),
      ...(tokensOfTask === 0 ? [] : [tokens(name, id, `r-${id}`, endMillis + index, 0, tokensOfTask)]),
    ];
  });
}

describe("agent_metrics", () => {
  const END = at("2025-11-20T12:00:00");
  const range = { startMillis: at("2025-11-01T00:00:00"), endMillis: at("2025-12-01T00:00:00") };
  const WANTED = {
    agent_metrics: {
      "expert-backend": {
        tasks_completed: 45,
        success_rate: 0.89,
        avg_duration_ms: 55000,
        total_tokens: 1125000,
        period: "2025-11-01 to 2025-11-30",
      },
    },
  };
  const store = () =>
    storeWith(work("s", "expert-backend", END, { success: 40, failure: 4, timeout: 1 }, 55_000, 25_000));

  it("is the PRD's example", () => {
    const document = agentMetricsDocument(store().ledger, { filter: { range }, calendar: UTC });
    expect(pick(document, WANTED)).toEqual(WANTED);
  });

  it("has one entry for all agents where types are not told apart", () => {
    const document = agentMetricsDocument(store().ledger, { filter: { range }, calendar: UTC, isByAgent: false });
    expect(Object.keys(document.agent_metrics)).toEqual(["all"]);
    expect(document.agent_metrics["all"]).toMatchObject({ tasks_completed: 45, total_tokens: 1125000 });
  });

  it("covers all that is known without a range, and is empty when that is nothing", () => {
    const { agent_metrics } = agentMetricsDocument(store().ledger, { filter: {}, calendar: UTC });
    expect(agent_metrics["expert-backend"]?.period).toBe("2025-11-20 to 2025-11-20");
    expect(agentMetricsDocument(storeWith([]).ledger, { filter: {}, calendar: UTC })).toEqual({ agent_metrics: {} });
  });

  it("has no rate for an agent of which no task completed", () => {
    const cancelled = storeWith(work("s", "main", END, { cancelled: 2 }, 1_000, 0));
    expect(
      agentMetricsDocument(cancelled.ledger, { filter: { range }, calendar: UTC }).agent_metrics["main"],
    ).toMatchObject({
      tasks_completed: 0,
      success_rate: null,
    });
  });
});

/**
 * Friday the 28th and Saturday the 29th of November 2025. On the 29th: 24 tasks of which 22 succeed (0.92), 450,000
 * tokens, 3 sessions of 90 minutes. The day before: 20 of 23 (0.87), and so many tokens that efficiency rises by 12 %.
 */
function twoDays(): Fact[] {
  const noon = at("2025-11-29T12:00:00");
  const before = noon - 24 * 60 * MINUTE;
  const efficiency = 22 / 450_000;
  const tokensBefore = Math.round(20 / (efficiency / 1.12));
  return [
    ...["s1", "s2", "s3"].map((id, index) =>
      session(id, noon - (index + 1) * 60 * MINUTE, noon - (index + 1) * 60 * MINUTE + 90 * MINUTE),
    ),
    session("s0", before, before + 60 * MINUTE),
    ...work("s1", "expert-backend", noon, { success: 7, failure: 1 }, 120_000, 0),
    ...work("s2", "manager-tdd", noon - 60 * MINUTE, { success: 6 }, 180_000, 0),
    ...work("s3", "main", noon - 120 * MINUTE, { success: 9, timeout: 1, cancelled: 1 }, 60_000, 0),
    tokens("s3", "s3-main-0", "all-of-the-day", noon - 120 * MINUTE, 150_000, 300_000),
    ...work("s0", "main", before, { success: 20, failure: 3 }, 60_000, 0),
    tokens("s0", "s0-main-0", "all-of-the-day-before", before, 0, tokensBefore),
  ];
}

describe("daily_report", () => {
  const WANTED = {
    daily_report: {
      date: "2025-11-29",
      summary: {
        sessions: 3,
        total_duration_hours: 4.5,
        tasks_completed: 24,
        success_rate: 0.92,
        tokens_used: 450000,
      },
      by_agent: {
        "expert-backend": { tasks: 8, success_rate: 0.88, avg_duration_s: 120 },
        "manager-tdd": { tasks: 6, success_rate: 1.0, avg_duration_s: 180 },
      },
      trends: { success_rate_change: "+5%", efficiency_change: "+12%" },
    },
  };

  it("is the PRD's example", () => {
    const document = periodReportDocument(storeWith(twoDays()), { unit: "day", date: "2025-11-29", calendar: UTC });
    expect(pick(document, WANTED)).toEqual(WANTED);
  });

  it("has no trends without a day before, and says nothing of agents where it must not", () => {
    const store = storeWith(twoDays());
    const { daily_report } = periodReportDocument(store, {
      unit: "day",
      date: "2025-11-28",
      calendar: UTC,
    });
    expect(daily_report?.trends).toEqual({ success_rate_change: null, efficiency_change: null });
  });

  it("falls with a minus sign", () => {
    const noon = at("2025-11-29T12:00:00");
    const store = storeWith([
      ...work("a", "main", noon - 24 * 60 * MINUTE, { success: 4 }, 1_000, 1_000),
      ...work("b", "main", noon, { success: 3, failure: 1 }, 1_000, 1_000),
    ]);
    const { daily_report } = periodReportDocument(store, { unit: "day", date: "2025-11-29", calendar: UTC });
    expect(daily_report?.trends).toEqual({ success_rate_change: "-25%", efficiency_change: "-25%" });
  });

  it("counts a session that runs over midnight on both days, with the hours of each", () => {
    const midnight = at("2025-11-29T00:00:00");
    const store = storeWith([
      session("s", midnight - 30 * MINUTE, midnight + 60 * MINUTE),
      call("s", "t", "r", midnight),
    ]);
    const hours = (date: string) =>
      periodReportDocument(store, { unit: "day", date, calendar: UTC }).daily_report?.summary;
    expect(hours("2025-11-28")).toMatchObject({ sessions: 1, total_duration_hours: 0.5 });
    expect(hours("2025-11-29")).toMatchObject({ sessions: 1, total_duration_hours: 1 });
  });

  it("has the days of the zone", () => {
    const store = storeWith([...work("s", "main", at("2025-11-28T16:00:00"), { success: 2 }, 1_000, 10)]);
    const seoul = createZoneCalendar("Asia/Seoul");
    const { daily_report } = periodReportDocument(store, { unit: "day", date: "2025-11-29", calendar: seoul });
    expect(daily_report).toMatchObject({ time_zone: "Asia/Seoul", summary: { tasks_completed: 2 } });
  });
});

describe("weekly_report and monthly_report", () => {
  it("name their period, and their days add up to it", () => {
    const store = storeWith(twoDays());
    const { weekly_report } = periodReportDocument(store, { unit: "week", date: "2025-11-29", calendar: UTC });
    expect(weekly_report).toMatchObject({ week: "2025-W48", from: "2025-11-24", to: "2025-11-30" });
    expect(weekly_report?.by_day?.map(({ date, tasks_completed }) => [date, tasks_completed])).toEqual([
      ["2025-11-24", 0],
      ["2025-11-25", 0],
      ["2025-11-26", 0],
      ["2025-11-27", 0],
      ["2025-11-28", 23],
      ["2025-11-29", 24],
      ["2025-11-30", 0],
    ]);
    expect(weekly_report?.summary).toMatchObject({ tasks_completed: 47, sessions: 4 });
    const { monthly_report } = periodReportDocument(store, { unit: "month", date: "2025-11-01", calendar: UTC });
    expect(monthly_report).toMatchObject({ month: "2025-11", from: "2025-11-01", to: "2025-11-30" });
    expect(monthly_report?.summary).toEqual(weekly_report?.summary);
  });
});
