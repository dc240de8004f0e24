/** Every figure of the dashboard is what the query of the same period answers. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createZoneCalendar, totalTokens } from "@moai-metrics/model";
import { DEFAULT_CONFIG } from "@moai-metrics/settings";
import { openStore, type Store } from "@moai-metrics/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rangesOf } from "../../src/dashboard/question.ts";
import { DASHBOARD_PERIODS, type DashboardQuestion, dashboardReport, TREND_UNITS } from "../../src/index.ts";
import { busyFacts, NOW } from "../support/busy-facts.ts";

let store: Store;

beforeAll(() => {
  store = openStore({ path: join(mkdtempSync(join(tmpdir(), "report-")), "metrics.db") });
  store.write({ facts: busyFacts() });
});
afterAll(() => store.close());

const FILTERS: readonly DashboardQuestion["filter"][] = [
  {},
  { agents: ["expert-backend"] },
  { projects: ["/home/dev/shop"] },
  { products: ["codex"] },
  { models: ["claude-sonnet-4-5"] },
  { agents: ["main"], projects: ["/home/dev/site"] },
];
const ZONES = ["UTC", "Asia/Kathmandu", "America/New_York"];

const CASES = DASHBOARD_PERIODS.flatMap((period, p) =>
  ZONES.flatMap((zone) =>
    FILTERS.map((filter, f): [string, DashboardQuestion] => [
      `${period} in ${zone} of ${JSON.stringify(filter)}`,
      {
        ...{ period, filter, nowMillis: NOW, calendar: createZoneCalendar(zone), config: DEFAULT_CONFIG },
        groupBy: (["agent", "model", "project", "product"] as const)[(p + f) % 4] ?? "agent",
        trendUnit: TREND_UNITS[(p + f) % 3] ?? "day",
      },
    ]),
  ),
);

const costOf = (nanoUsd: number | undefined): unknown =>
  nanoUsd === undefined || nanoUsd === 0 ? expect.toBeOneOf([0, null]) : expect.closeTo(nanoUsd / 1e9, 12);

describe.each(CASES)("%s", (_, question) => {
  const { filter, calendar, groupBy } = question;
  const { current, previous } = rangesOf(question);

  it("Summary", () => {
    const { summary } = dashboardReport(store, question);
    const now = store.query.summary({ ...filter, range: current });
    const before = store.query.summary({ ...filter, range: previous });
    const days = { today: 1, "7d": 7, "30d": 30, "90d": 90 }[question.period];
    expect(summary.successRate).toMatchObject({
      value: now.successRate ?? null,
      previous: before.successRate ?? null,
    });
    expect(summary.averageDurationMs.value).toBe(now.avgDurationMillis ?? null);
    expect(summary.p95DurationMs.value).toBe(now.p95DurationMillis ?? null);
    expect(summary.p99DurationMs.value).toBe(now.p99DurationMillis ?? null);
    expect(summary.tokensPerDay.value).toBe(now.totalTokensUsed / days);
    expect(summary.totalCost.value).toEqual(costOf(now.costNanoUsd));
    expect(summary.totalTokens).toBe(now.totalTokensUsed);
    expect(summary.unpricedCalls).toBe(now.unpricedCalls);
    expect(summary.tasksCompleted).toBe(
      now.successfulTasks === undefined
        ? null
        : now.successfulTasks + (now.failedTasks ?? 0) + (now.timedOutTasks ?? 0),
    );
    if (now.avgDurationMillis !== undefined && before.avgDurationMillis !== undefined) {
      const change = (now.avgDurationMillis - before.avgDurationMillis) / before.avgDurationMillis;
      expect(summary.averageDurationMs.change).toBeCloseTo(change, 12);
    }
  });

  it("the small charts of Summary", () => {
    const { summary } = dashboardReport(store, question);
    const interval = question.period === "today" ? "hour" : "day";
    const asked = { ...filter, range: current, interval, timeZone: calendar.timeZone, fill: true } as const;
    const tokens = store.query.aggregateByTime({ ...asked, measure: "tokens", function: "sum" });
    expect(summary.tokensPerDay.series).toEqual(tokens.buckets.map(({ value }) => value));
    if (filter.models !== undefined) return;
    const { models: _none, ...ofTasks } = asked;
    const p95 = store.query.aggregateByTime({
      ...{ ...ofTasks, measure: "taskDuration", function: "percentile", percentile: 0.95 },
    });
    expect(summary.p95DurationMs.series).toEqual(p95.buckets.map(({ value }) => value ?? null));
    const rate = store.query.aggregateByTime({ ...ofTasks, measure: "successRate", function: "avg" });
    expect(summary.successRate.series).toEqual(rate.buckets.map(({ value }) => value ?? null));
  });

  it("Agents", () => {
    const { agents } = dashboardReport(store, question);
    expect(agents.groupBy).toBe(groupBy);
    const grouped = { ...filter, range: current, groupBy: [groupBy] };
    const interval = { interval: "month", timeZone: calendar.timeZone } as const;
    const tokens = store.query.aggregateByTime({ ...grouped, ...interval, measure: "tokens", function: "sum" });
    const sums = new Map<string, number>();
    for (const bucket of tokens.buckets) {
      const name = bucket[groupBy] || "unknown";
      sums.set(name, (sums.get(name) ?? 0) + (bucket.value ?? 0));
    }
    const shown = new Map(agents.rows.map(({ name, totalTokens: n }) => [name, n]));
    for (const [name, sum] of sums) expect(shown.get(name)).toBe(sum);
    expect(agents.rows.map(({ totalTokens: n }) => n)).toEqual(
      agents.rows.map(({ totalTokens: n }) => n).toSorted((a, b) => b - a),
    );
    if (groupBy !== "agent" || filter.models !== undefined) return;
    for (const record of store.query.getAgents({ ...filter, range: current }).agents) {
      const row = agents.rows.find(({ name }) => name === record.agent);
      expect(row).toMatchObject({
        totalTokens: totalTokens(record.calls.tokens),
        calls: record.calls.calls,
        successRate: record.tasks?.successRate ?? null,
      });
      if (record.tasks?.averageMillis === undefined) expect(row?.averageDurationMs).toBeNull();
      else expect(row?.averageDurationMs).toBe(Math.round(record.tasks.averageMillis));
    }
  });

  it("Trends", () => {
    const { unit, buckets } = dashboardReport(store, question).trends;
    const first = Date.parse(buckets[0]?.startsAt ?? "");
    const asked = {
      ...{ ...filter, range: { startMillis: first, endMillis: NOW + 3_600_000 } },
      ...{ interval: unit, timeZone: calendar.timeZone, fill: true },
    } as const;
    const valuesOf = (answer: { readonly buckets: readonly { startMillis: number; value: number | undefined }[] }) =>
      new Map(answer.buckets.map(({ startMillis, value }) => [startMillis, value ?? null]));
    const tokens = valuesOf(store.query.aggregateByTime({ ...asked, measure: "tokens", function: "sum" }));
    const cost = valuesOf(store.query.aggregateByTime({ ...asked, measure: "cost", function: "sum" }));
    for (const bucket of buckets) {
      const at = Date.parse(bucket.startsAt);
      expect([bucket.label, bucket.totalTokens]).toEqual([bucket.label, tokens.get(at)]);
      expect(bucket.totalCost).toEqual(costOf(cost.get(at) ?? undefined));
    }
    if (filter.models !== undefined) return;
    const { models: _none, ...ofTasks } = asked;
    const average = valuesOf(store.query.aggregateByTime({ ...ofTasks, measure: "taskDuration", function: "avg" }));
    for (const { startsAt, averageDurationMs } of buckets) {
      const value = average.get(Date.parse(startsAt)) ?? null;
      expect(averageDurationMs).toBe(value === null ? null : Math.round(value));
    }
  });

  it("Queue and today's sums", () => {
    const { queue, resources } = dashboardReport(store, question);
    const open = store.query.getTasks({ ...filter, results: ["open"] }).rows;
    const running = open.filter(({ lastSeenAtMillis }) => lastSeenAtMillis >= NOW - 1_800_000);
    expect(queue.length).toBe(running.length);
    expect(queue.tasks.map(({ taskId }) => taskId).toSorted()).toEqual(running.map(({ taskId }) => taskId).toSorted());
    for (const task of queue.tasks) {
      const record = running.find(({ taskId }) => taskId === task.taskId);
      expect(task).toMatchObject({
        ageMs: NOW - (record?.startedAtMillis ?? 0),
        silentMs: NOW - (record?.lastSeenAtMillis ?? 0),
        totalTokens: record && totalTokens(record.tokens),
      });
    }
    const calls = store.query.getModelCalls({ ...filter, limit: 20 }).rows;
    expect(queue.recentCalls.map(({ endedAt }) => Date.parse(endedAt))).toEqual(
      calls.filter(({ endedAtMillis }) => endedAtMillis >= NOW - 86_400_000).map(({ endedAtMillis }) => endedAtMillis),
    );
    const { current: day } = rangesOf({ ...question, period: "today" });
    const today = store.query.summary({ ...filter, range: day });
    expect(resources.tokensToday).toBe(today.totalTokensUsed);
    expect(resources.costToday).toEqual(costOf(today.costNanoUsd));
  });
});
