/** The section Queue: what runs now, and what was called a moment ago. */
import { DAY_MILLIS, totalTokens } from "@moai-metrics/model";
import type { LedgerFilter, ModelCallRecord, SessionRecord, TaskRecord } from "@moai-metrics/store";
import { nameOrUnknown, usageFields } from "../fields.ts";
import { levelFromBelow } from "./levels.ts";
import { type DashboardQuestion, type DashboardSource, thresholdsOf } from "./question.ts";
import type { Level, OpenSession, QueueSection, RecentCall, RunningTask } from "./types.ts";

/** A task without a sign of life for this long is over, as the store judges it; so is a session. */
const SILENT_MILLIS = 1_800_000;

/** More are not listed; the number of tasks and sessions is always whole. */
const RECENT_CALLS = 20;

/** Three questions about the last half hour. */
export function queueSection({ query }: DashboardSource, question: DashboardQuestion): QueueSection {
  const { nowMillis, config } = question;
  const { models, ...filter } = question.filter;
  const thresholds = thresholdsOf(question);
  // Clocks differ: what seems to lie in the future is now.
  const range = { startMillis: nowMillis - SILENT_MILLIS, endMillis: nowMillis + DAY_MILLIS };
  const tasks = query
    .getTasks({ ...filter, models, range, results: ["open"] })
    .rows.map((row) => runningTask(row, question))
    .toSorted((a, b) => b.ageMs - a.ageMs);
  const oldestAgeMs = tasks[0]?.ageMs ?? null;
  const longestSilenceMs = tasks.length === 0 ? null : Math.max(...tasks.map(({ silentMs }) => silentMs));
  return {
    length: tasks.length,
    lengthLevel: levelFromBelow(tasks.length, thresholds.queueLength) ?? "ok",
    oldestAgeMs,
    ageLevel: levelFromBelow(oldestAgeMs, thresholds.queueAgeMillis),
    longestSilenceMs,
    silenceLevel: levelFromBelow(longestSilenceMs, thresholds.silenceMillis),
    tasks,
    sessions: query
      .getSessions({ ...filter, models, range })
      .rows.filter(({ hasEnded }) => !hasEnded)
      .map((row) => openSession(row, config.tokens.showsPerSession)),
    recentCalls: query
      .getModelCalls({ ...question.filter, range: recentRange(question), limit: RECENT_CALLS })
      .rows.map(recentCall),
  };
}

/** Calls of the last day: enough to see what was last, wherever one looks from. */
function recentRange({ nowMillis }: DashboardQuestion): NonNullable<LedgerFilter["range"]> {
  return { startMillis: nowMillis - DAY_MILLIS, endMillis: nowMillis + DAY_MILLIS };
}

function runningTask(row: TaskRecord, question: DashboardQuestion): RunningTask {
  const { silenceMillis, queueAgeMillis } = thresholdsOf(question);
  const silentMs = Math.max(0, question.nowMillis - row.lastSeenAtMillis);
  const ageMs = Math.max(0, question.nowMillis - row.startedAtMillis);
  const { calls, totalTokens: tokens, totalCost } = usageFields(row);
  return {
    taskId: row.taskId,
    sessionId: row.sessionId,
    product: nameOrUnknown(row.product),
    agent: nameOrUnknown(row.agent),
    project: nameOrUnknown(row.project),
    startedAt: new Date(row.startedAtMillis).toISOString(),
    ageMs,
    silentMs,
    calls,
    totalTokens: tokens,
    totalCost,
    level: worseOf(levelFromBelow(silentMs, silenceMillis), levelFromBelow(ageMs, queueAgeMillis)),
  };
}

function worseOf(...levels: readonly (Level | null)[]): Level {
  return levels.includes("critical") ? "critical" : levels.includes("warning") ? "warning" : "ok";
}

function openSession(row: SessionRecord, showsTokens: boolean): OpenSession {
  const { totalTokens: tokens, totalCost } = usageFields(row);
  return {
    sessionId: row.sessionId,
    product: nameOrUnknown(row.product),
    project: nameOrUnknown(row.project),
    startedAt: new Date(row.startedAtMillis).toISOString(),
    lastSeenAt: new Date(row.endedAtMillis).toISOString(),
    totalTokens: showsTokens ? tokens : null,
    totalCost: showsTokens ? totalCost : null,
  };
}

function recentCall(row: ModelCallRecord): RecentCall {
  return {
    endedAt: new Date(row.endedAtMillis).toISOString(),
    sessionId: row.sessionId,
    taskId: row.taskId === "" ? null : row.taskId,
    agent: nameOrUnknown(row.agent),
    project: nameOrUnknown(row.project),
    model: nameOrUnknown(row.model),
    durationMs: row.durationMillis ?? null,
    totalTokens: row.tokens === undefined ? null : totalTokens(row.tokens),
    totalCost: row.costNanoUsd === undefined ? null : row.costNanoUsd / 1e9,
    errorType: row.errorType === "" ? null : row.errorType,
  };
}
