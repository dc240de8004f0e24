/** Dashboards written by hand, for tests of the screen. */
import type { Dashboard } from "@moai-metrics/report";
import { type DashboardState, initialState } from "../../src/dashboard/state.ts";

const AT = "2026-11-22T12:00:05.000Z";
const figure = (value: number | null, change: number | null, series: readonly (number | null)[] = []) => ({
  ...{ value, previous: null, change, level: null, series },
});

/** A dashboard with something in every section. */
export const DASHBOARD: Dashboard = {
  at: AT,
  timeZone: "UTC",
  period: { name: "7d", from: "2026-11-16", to: "2026-11-22" },
  summary: {
    tasksCompleted: 123,
    totalTokens: 2_975_000,
    successRate: { ...figure(0.924, 0.031, [0.9, null, 0.92, 0.95, 0.91, 0.93, 0.94]), level: "ok" },
    averageDurationMs: figure(68_300, -0.15, [80_000, 70_000, 75_000, 60_000, 65_000, 70_000, 60_000]),
    p95DurationMs: figure(340_000, 0.02, [1, 2, 3]),
    p99DurationMs: { ...figure(1_000_000, 0), level: "warning" },
    tokensPerDay: figure(425_000, 0.08, [1, 0, 3, 4, 5, 6, 7]),
    totalCost: figure(12.34, null, []),
    unpricedCalls: 0,
  },
  agents: {
    groupBy: "agent",
    rows: [
      agent("expert-backend", 45, 0.89, 55_000, 1_125_000, 9.5, "warning"),
      agent("manager-tdd", 32, 1, 180_000, 900_000, 2.1, "ok"),
      agent("expert-frontend", 28, 0.75, 61_000, 600_000, 0.7, "critical"),
      agent("expert-debug", 3, 0.67, 40_000, 350_000, null, null),
    ],
  },
  queue: {
    ...{ length: 2, lengthLevel: "ok", oldestAgeMs: 754_000, ageLevel: "ok" },
    ...{ longestSilenceMs: 420_000, silenceLevel: "warning" },
    tasks: [
      {
        ...{
          taskId: "task-1",
          sessionId: "session-1",
          product: "claude-code",
          agent: "main",
          project: "/home/dev/shop",
        },
        ...{ startedAt: "2026-11-22T11:47:31.000Z", ageMs: 754_000, silentMs: 420_000 },
        ...{ calls: 4, totalTokens: 12_345, totalCost: 0.12, level: "warning" },
      },
      {
        ...{
          taskId: "task-2",
          sessionId: "session-1",
          product: "claude-code",
          agent: "tester",
          project: "/home/dev/shop",
        },
        ...{ startedAt: "2026-11-22T11:59:55.000Z", ageMs: 10_000, silentMs: 900 },
        ...{ calls: 0, totalTokens: 0, totalCost: 0, level: "ok" },
      },
    ],
    sessions: [
      {
        ...{ sessionId: "session-1", product: "claude-code", project: "/home/dev/shop", totalTokens: 80_000 },
        ...{ startedAt: "2026-11-22T11:40:00.000Z", lastSeenAt: "2026-11-22T12:00:04.100Z", totalCost: 0.8 },
      },
    ],
    recentCalls: [
      {
        ...{ endedAt: "2026-11-22T12:00:04.100Z", sessionId: "session-1", taskId: "task-2", agent: "tester" },
        ...{ project: "/home/dev/shop", model: "claude-sonnet-4-5", durationMs: 2_100 },
        ...{ totalTokens: 5_400, totalCost: 0.02, errorType: null },
      },
      {
        ...{ endedAt: "2026-11-22T11:59:05.000Z", sessionId: "session-1", taskId: null, agent: "main" },
        ...{ project: "/home/dev/shop", model: "claude-opus-4-5", durationMs: null },
        ...{ totalTokens: null, totalCost: null, errorType: "overloaded_error" },
      },
    ],
  },
  resources: {
    store: { fileBytes: 412_000_000, logBytes: 4_200_000 },
    receiver: {
      ...{ state: "running", url: "http://127.0.0.1:4318", itemsPerSecond: 12.34, waitingRequests: 2 },
      ...{ residentBytes: 85_000_000, busyShare: 0.034 },
    },
    dashboard: { residentBytes: 95_000_000, busyShare: 0.01 },
    receiverLevel: "ok",
    budgets: [
      {
        ...{ name: "Daily spend", subject: "2026-11-22", limit: "costUsd", state: "warning" },
        ...{ used: 17, allowed: 20, share: 0.85 },
      },
      {
        ...{ name: "Tokens", subject: "2026-11", limit: "tokens", state: "unknown" },
        ...{ used: null, allowed: 9_000_000, share: null },
      },
    ],
    tokensToday: 450_000,
    costToday: 3.2,
    contexts: [
      {
        ...{ sessionId: "session-1", agent: "main", model: "claude-opus-4-5" },
        ...{ tokens: 152_000, windowTokens: 200_000, share: 0.76, level: "warning" },
      },
      {
        ...{ sessionId: "session-1", agent: "tester", model: "mine", tokens: 5_000 },
        ...{ windowTokens: null, share: null, level: null },
      },
    ],
  },
  trends: {
    unit: "day",
    buckets: [210_000, 250_000, 240_000, 480_000, 500_000, 120_000, 0].map((totalTokens, i) => ({
      label: `2026-11-${16 + i}`,
      startsAt: `2026-11-${16 + i}T00:00:00.000Z`,
      totalTokens,
      totalCost: i === 6 ? null : totalTokens / 100_000,
      tasksCompleted: i,
      averageDurationMs: i === 6 ? null : 60_000 + i * 1_000,
    })),
  },
  alerts: [
    {
      kind: "latency",
      level: "critical",
      message: "1 of 100 tasks took 16m 40s or longer.",
      next: "moai-metrics task",
    },
    {
      kind: "telemetry_gap",
      level: "warning",
      message: "Nothing was heard of task task-1 (main).",
      next: "moai-metrics session session-1",
    },
  ],
};

function agent(
  name: string,
  tasksCompleted: number,
  successRate: number,
  averageDurationMs: number,
  totalTokens: number,
  totalCost: number | null,
  level: Dashboard["agents"]["rows"][number]["level"],
): Dashboard["agents"]["rows"][number] {
  return { name, tasksCompleted, successRate, averageDurationMs, calls: 1, totalTokens, totalCost, level };
}

/** A state of this size that shows {@link DASHBOARD}. */
export function stateOf(columns: number, rows: number, more: Partial<DashboardState> = {}): DashboardState {
  return { ...initialState({ columns, rows }), dashboard: DASHBOARD, source: "receiver", ...more };
}
