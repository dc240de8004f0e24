/** Levels, alerts and details of the dashboard. */
import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import { DEFAULT_CONFIG, type MetricsConfig, resolveConfig } from "@moai-metrics/settings";
import { describe, expect, it } from "vitest";
import {
  type DashboardQuestion,
  type DetailSubject,
  dashboardDetail,
  dashboardReport,
  NO_READINGS,
  type ReceiverReading,
} from "../../src/index.ts";
import { busyFacts, NOW } from "../support/busy-facts.ts";
import { call, session, storeWith, task, tool } from "../support/ledger.ts";

const MINUTE = 60_000;

function questionOf(more: Partial<DashboardQuestion> = {}): DashboardQuestion {
  return {
    ...{ period: "7d", groupBy: "agent", trendUnit: "day", filter: {}, nowMillis: NOW, config: DEFAULT_CONFIG },
    calendar: createZoneCalendar("UTC"),
    ...more,
  };
}

const kinds = (facts: readonly Fact[], config: MetricsConfig = DEFAULT_CONFIG): string[] =>
  dashboardReport(storeWith(facts), questionOf({ config })).alerts.map(({ kind, level }) => `${level} ${kind}`);

const ended = (count: number, failures: number, minutes = 1): Fact[] =>
  Array.from({ length: count }, (_, i) =>
    task("s", `t${i}`, "main", NOW - i * 1_000, i < failures ? "failure" : "success", {
      startedAtMillis: NOW - i * 1_000 - minutes * MINUTE,
    }),
  );

const running = (count: number, minutes: number, silentMinutes: number): Fact[] =>
  Array.from({ length: count }, (_, i) =>
    task("s", `r${i}`, "main", NOW - silentMinutes * MINUTE, undefined, { startedAtMillis: NOW - minutes * MINUTE }),
  );

describe("alerts", () => {
  it.each<[string, readonly Fact[], readonly string[]]>([
    ["nothing", [], []],
    ["tasks of minutes that succeed", ended(20, 1, 5), []],
    ["a success rate below 90 %", ended(20, 3), ["warning success_rate"]],
    ["a success rate below 80 %", ended(20, 5), ["critical success_rate"]],
    ["too few tasks to judge", ended(4, 4), []],
    ["tasks of half an hour", ended(20, 0, 30), ["warning latency"]],
    ["tasks of two hours", ended(20, 0, 120), ["critical latency"]],
    ["many tasks at once", running(20, 5, 1), ["warning queue_length"]],
    ["an old task", running(1, 45, 1), ["warning queue_age"]],
    ["a silent task", running(1, 10, 6), ["warning telemetry_gap"]],
    ["tasks that are silent for long", running(3, 25, 21), ["critical telemetry_gap"]],
    ["a task that has been silent for half an hour is over", running(1, 50, 40), []],
    ["a model without a price", [call("s", "t", "r", NOW, { model: "no one's" })], ["warning unpriced"]],
  ])("of %s", (_, facts, expected) => {
    expect(kinds(facts)).toEqual(expected);
  });

  it("put what is critical first, and tell of budgets and tokens", () => {
    const usage = { input: 200_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 };
    const facts = [session("s", NOW - MINUTE, NOW), ...running(1, 45, 1), call("s", "r0", "r", NOW, { usage })];
    const config = resolveConfig({ budgets: [{ name: "Day", per: "day", max_tokens: 1_000 }] });
    const { alerts, resources } = dashboardReport(storeWith(facts), questionOf({ config }));
    expect(alerts.map(({ kind, level }) => `${level} ${kind}`)).toEqual([
      ...["critical context", "critical budget", "warning queue_age", "warning tokens", "warning tokens"],
    ]);
    expect(resources.budgets).toMatchObject([{ name: "Day", limit: "tokens", used: 200_001, allowed: 1_000 }]);
    expect(resources.contexts).toMatchObject([{ agent: "main", tokens: 200_001, windowTokens: 200_000, share: 1 }]);
  });

  it("tell of an agent whose telemetry stopped while its transcripts go on, where its product is looked at", () => {
    const calls = (name: string, firstMillis: number, witness: "log" | "transcript"): Fact[] =>
      Array.from({ length: 20 }, (_, i) => ({
        ...call("s", "t", `${name}-${i}`, firstMillis + i * 2 * MINUTE),
        witness,
      }));
    const store = storeWith([
      ...calls("heard", NOW - 300 * MINUTE, "log"),
      ...calls("silent", NOW - 120 * MINUTE, "transcript"),
    ]);
    const alertsOf = (product: string): string[] =>
      dashboardReport(store, questionOf({ filter: { products: [product] } })).alerts.map(({ message }) => message);
    expect(alertsOf("claude-code")).toContainEqual(expect.stringContaining("Telemetry of claude-code stopped"));
    expect(alertsOf("codex")).toEqual([]);
  });

  it("say who else is silent", () => {
    const facts = [...running(3, 25, 21), task("s", "young", "main", NOW - MINUTE, undefined)];
    expect(dashboardReport(storeWith(facts), questionOf()).alerts[0]?.message).toContain("nor of 2 others");
  });

  it("tell of a receiver that is unwell", () => {
    const receiver: ReceiverReading = {
      ...{ state: "running", url: "http://127.0.0.1:4318", itemsPerSecond: 1, waitingRequests: 0 },
      ...{ residentBytes: 1, busyShare: 0.1 },
    };
    const alertsWith = (change: Partial<ReceiverReading>) =>
      dashboardReport(storeWith([]), questionOf(), { ...NO_READINGS, receiver: { ...receiver, ...change } }).alerts;
    expect(alertsWith({})).toEqual([]);
    expect(alertsWith({ state: "not running" })).toEqual([]);
    expect(alertsWith({ busyShare: null })).toEqual([]);
    expect(alertsWith({ busyShare: 0.75 })).toMatchObject([
      { level: "warning", message: expect.stringContaining("75%") },
    ]);
    expect(alertsWith({ state: "cannot write" })[0]).toMatchObject({ level: "critical", kind: "receiver" });
    expect(alertsWith({ state: "unreachable" })[0]?.message).toContain("does not answer");
  });
});

describe("contexts", () => {
  it("are told by the newest call of every agent in every open session", () => {
    const usage = (input: number) => ({
      ...{ input, cacheRead: 10_000, cacheWrite5m: 0, cacheWrite1h: 0, output: 100, reasoning: 0 },
    });
    const facts = [
      session("open", NOW - 20 * MINUTE, NOW - MINUTE),
      { ...session("over", NOW - 20 * MINUTE, NOW - MINUTE), hasEnded: true } as Fact,
      task("open", "t", "main", NOW - MINUTE, undefined),
      task("open", "u", "helper", NOW - MINUTE, undefined),
      call("open", "t", "r1", NOW - 9 * MINUTE, { usage: usage(90_000) }),
      call("open", "t", "r2", NOW - 8 * MINUTE, { usage: usage(40_000) }),
      call("open", "t", "r3", NOW - 7 * MINUTE, { usage: undefined as never }),
      call("open", "u", "r4", NOW - 6 * MINUTE, { usage: usage(100), model: "claude-sonnet-4-5[1m]" }),
      call("open", "x", "r5", NOW - 5 * MINUTE, { usage: usage(1), model: "no one's" }),
      call("over", "v", "r6", NOW - 5 * MINUTE, { usage: usage(150_000) }),
    ];
    const { resources, queue } = dashboardReport(storeWith(facts), questionOf());
    expect(queue.sessions.map(({ sessionId }) => sessionId)).toEqual(["open"]);
    expect(resources.contexts.map(({ agent, tokens, windowTokens }) => [agent, tokens, windowTokens])).toEqual([
      ["main", 50_100, 200_000],
      ["helper", 10_200, 1_000_000],
      ["unknown", 10_101, null],
    ]);
  });
});

describe("what the settings hide", () => {
  it("are durations of tasks and tokens of sessions", () => {
    const config = resolveConfig({ tasks: { track_duration: false }, token_tracking: { track_per_session: false } });
    const store = storeWith(busyFacts());
    const { summary, agents, trends, queue } = dashboardReport(store, questionOf({ config }));
    expect([summary.averageDurationMs, summary.p95DurationMs, summary.p99DurationMs].map(({ value }) => value)).toEqual(
      [null, null, null],
    );
    expect(summary.p95DurationMs.series).toEqual([]);
    expect(agents.rows.every(({ averageDurationMs }) => averageDurationMs === null)).toBe(true);
    expect(trends.buckets.every(({ averageDurationMs }) => averageDurationMs === null)).toBe(true);
    expect(queue.sessions.map(({ totalTokens }) => totalTokens)).toEqual(queue.sessions.map(() => null));
    const titles = dashboardDetail(store, questionOf({ config }), {
      kind: "session",
      sessionId: "session-1000",
    }).fields.map(({ title }) => title);
    expect(titles).not.toContain("Tokens");
  });
});

describe("details", () => {
  const detail = (subject: DetailSubject, more: Partial<DashboardQuestion> = {}) =>
    dashboardDetail(storeWith(busyFacts()), questionOf(more), subject);
  const valueAt = (fields: ReturnType<typeof detail>["fields"], title: string): unknown =>
    fields.find((field) => field.title === title)?.value;

  it("of an agent are its figures and its tasks, newest first", () => {
    const store = storeWith(busyFacts());
    const { fields, timeline, isKnown } = dashboardDetail(store, questionOf(), { kind: "agent", agent: "main" });
    const { agents } = dashboardReport(store, questionOf());
    const row = agents.rows.find(({ name }) => name === "main");
    expect(isKnown).toBe(true);
    expect([valueAt(fields, "Tokens"), valueAt(fields, "Success rate"), valueAt(fields, "Cost")]).toEqual([
      ...[row?.totalTokens, row?.successRate, row?.totalCost],
    ]);
    expect(timeline.every(({ kind, agent }) => kind === "task" && agent === "main")).toBe(true);
    expect(timeline.map(({ at }) => at)).toEqual(
      timeline
        .map(({ at }) => at)
        .toSorted()
        .reverse(),
    );
  });

  it("of an agent without a name find what has none", () => {
    const store = storeWith([call("s", "t", "r", NOW - MINUTE)]);
    const { fields } = dashboardDetail(store, questionOf(), { kind: "agent", agent: "unknown" });
    expect(valueAt(fields, "Model calls")).toBe(1);
  });

  it("of a task are its calls and tools in order of time", () => {
    const store = storeWith([
      session("s", NOW - MINUTE, NOW),
      task("s", "t", "main", NOW, "failure"),
      call("s", "t", "r1", NOW - 3_000, { durationMillis: 1_000 }),
      tool("s", "t", "c1", "Bash", NOW - 2_500, false),
      call("s", "t", "r2", NOW - 1_000, { usage: undefined as never, errorType: "overloaded_error" }),
      call("s", "other", "r3", NOW - 500),
    ]);
    const { fields, timeline } = dashboardDetail(store, questionOf(), { kind: "task", sessionId: "s", taskId: "t" });
    expect([valueAt(fields, "Result"), valueAt(fields, "Model calls"), valueAt(fields, "Tool calls")]).toEqual([
      ...["failure", 1, 1],
    ]);
    expect(timeline.map(({ kind, name, result, totalTokens }) => [kind, name, result, totalTokens])).toEqual([
      ["call", "claude-sonnet-4-5", "failure", null],
      ["tool", "Bash", "failure", null],
      ["call", "claude-sonnet-4-5", "success", 3_700],
    ]);
  });

  it("of a session are its tasks, calls and tools", () => {
    const { fields, timeline, isCutOff } = detail({ kind: "session", sessionId: "session-3" });
    expect(valueAt(fields, "Session")).toBe("session-3");
    expect(timeline.map(({ kind }) => kind).toSorted()).toEqual(["call", "call", "task", "tool"]);
    expect(isCutOff).toBe(false);
  });

  it("say when nothing of the name is stored", () => {
    for (const subject of [
      { kind: "agent", agent: "nobody" },
      { kind: "session", sessionId: "none" },
      { kind: "task", sessionId: "none", taskId: "none" },
    ] as const) {
      expect(detail(subject)).toMatchObject({ isKnown: false, timeline: [] });
    }
  });
});
