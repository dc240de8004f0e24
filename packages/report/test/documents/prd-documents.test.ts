/** The documents of PRD-08: facts made from its examples must give its examples back, key by key. */
import { createZoneCalendar } from "@moai-metrics/model";
import { createPriceBook } from "@moai-metrics/settings";
import { describe, expect, it } from "vitest";
import {
  agentMetricsDocument,
  periodReportDocument,
  taskMetricsDocument,
  tokenUsageDocument,
} from "../../src/index.ts";
import { call, session, storeWith, task } from "../support/ledger.ts";
import {
  AGENT_METRICS,
  DAILY_REPORT,
  MINUTE,
  pick,
  TASK_METRICS,
  TOKEN_USAGE,
  twoDays,
  work,
} from "../support/prd-examples.ts";

const UTC = createZoneCalendar("UTC");
const at = (time: string): number => Date.parse(`${time}Z`);

describe("token_usage", () => {
  const START = at("2025-11-29T10:00:00");

  it("is the PRD's example", () => {
    const store = storeWith(TOKEN_USAGE.facts);
    const document = tokenUsageDocument(store, "sess-001");
    expect(pick(document, TOKEN_USAGE.document)).toEqual(TOKEN_USAGE.document);
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
  it("is the PRD's example", () => {
    const store = storeWith(TASK_METRICS.facts);
    const document = taskMetricsDocument(store, "task-001");
    expect(pick(document, TASK_METRICS.document)).toEqual(TASK_METRICS.document);
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

describe("agent_metrics", () => {
  const END = at("2025-11-20T12:00:00");
  const range = { startMillis: at("2025-11-01T00:00:00"), endMillis: at("2025-12-01T00:00:00") };
  const store = () => storeWith(AGENT_METRICS.facts);

  it("is the PRD's example", () => {
    const document = agentMetricsDocument(store().ledger, { filter: { range }, calendar: UTC });
    expect(pick(document, AGENT_METRICS.document)).toEqual(AGENT_METRICS.document);
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

describe("daily_report", () => {
  it("is the PRD's example", () => {
    const document = periodReportDocument(storeWith(twoDays()), { unit: "day", date: "2025-11-29", calendar: UTC });
    expect(pick(document, DAILY_REPORT.document)).toEqual(DAILY_REPORT.document);
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

describe("a cost that lacks calls without a price", () => {
  const noon = at("2025-11-29T12:00:00");
  const facts = [
    session("s", noon, noon),
    task("s", "t", "main", noon, "success"),
    task("s", "priced", "other", noon, "success"),
    call("s", "t", "r1", noon),
    call("s", "t", "r2", noon, { model: "house-model" }),
    call("s", "priced", "r3", noon),
  ];
  const partial = { cost_usd: expect.any(Number), unpriced_calls: 1 };

  it("is told as such in every document", () => {
    const store = storeWith(facts);
    const question = { date: "2025-11-29", calendar: UTC };
    const { daily_report } = periodReportDocument(store, { unit: "day", ...question });
    expect(daily_report?.summary).toMatchObject(partial);
    expect(daily_report?.by_agent["main"]).toMatchObject(partial);
    const { weekly_report } = periodReportDocument(store, { unit: "week", ...question });
    expect(weekly_report?.by_day?.find(({ date }) => date === "2025-11-29")).toMatchObject(partial);
    expect(tokenUsageDocument(store, "s")?.token_usage).toMatchObject(partial);
    expect(taskMetricsDocument(store, "t")?.task_metrics).toMatchObject(partial);
    const { agent_metrics } = agentMetricsDocument(store.ledger, { filter: {}, calendar: UTC });
    expect(agent_metrics["main"]).toMatchObject(partial);
  });

  it("is not claimed of one that is whole", () => {
    const store = storeWith(facts);
    const { daily_report } = periodReportDocument(store, { unit: "day", date: "2025-11-29", calendar: UTC });
    expect(daily_report?.by_agent["other"]).not.toHaveProperty("unpriced_calls");
    expect(taskMetricsDocument(store, "priced")?.task_metrics).not.toHaveProperty("unpriced_calls");
  });
});

describe("cost_change", () => {
  it("says why the cost changed, with causes that add up to the nano-dollar, where it is asked to", () => {
    const store = storeWith(twoDays());
    const question = { unit: "day", date: "2025-11-29", calendar: UTC } as const;
    const { daily_report } = periodReportDocument(store, { ...question, comparedBy: createPriceBook() });
    const change = daily_report?.cost_change;
    expect(change?.against).toBe("2025-11-28");
    const nano = (dollars = Number.NaN): number => Math.round(dollars * 1e9);
    const causes = [change?.volume, change?.model_mix, change?.tokens_per_call, change?.cache_hits, change?.price];
    const sum = causes.reduce<number>((total, cause) => total + nano(cause), 0);
    expect(sum).toBe(nano(change?.difference));
    expect(sum).toBe(nano(change?.after) - nano(change?.before));
    expect(sum).not.toBe(0);
    expect(change?.after).toBe(daily_report?.summary.cost_usd);
    expect(periodReportDocument(store, question).daily_report).not.toHaveProperty("cost_change");
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
