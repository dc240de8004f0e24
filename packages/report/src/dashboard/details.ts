/** What stands behind a row of the dashboard: an agent, a session or a task, with what happened in it. */
import { DAY_MILLIS, totalTokens } from "@moai-metrics/model";
import type { SessionRecord, TaskRecord } from "@moai-metrics/store";
import { nameOrUnknown, usageFields } from "../fields.ts";
import { type DashboardQuestion, type DashboardSource, rangesOf } from "./question.ts";
import { costOf } from "./summary.ts";

/** What is looked at more closely. */
export type DetailSubject =
  | { readonly kind: "agent"; readonly agent: string }
  | { readonly kind: "session"; readonly sessionId: string }
  | { readonly kind: "task"; readonly sessionId: string; readonly taskId: string };

/** A moment in a timeline. */
export interface TimelineEntry {
  readonly kind: "call" | "tool" | "task";
  /** When a call was answered, a tool was started, a task was last seen. */
  readonly at: string;
  /** Model, tool or task. */
  readonly name: string;
  readonly agent: string;
  readonly durationMs: number | null;
  readonly totalTokens: number | null;
  readonly totalCost: number | null;
  /** `success`, `failure` and the like; `open` while it runs; `null` where no one knows. */
  readonly result: string | null;
  readonly errorType: string | null;
  readonly sessionId: string;
  readonly taskId: string;
}

/** A detail. */
export interface DashboardDetail {
  readonly subject: DetailSubject;
  /** `false`: nothing of that name is stored any more. */
  readonly isKnown: boolean;
  /** What is known of it, in order. */
  readonly fields: readonly DetailField[];
  /** Newest first. */
  readonly timeline: readonly TimelineEntry[];
  /** More happened than the timeline has room for. */
  readonly isCutOff: boolean;
}

/** One thing that is known. */
export interface DetailField {
  readonly title: string;
  readonly kind: "text" | "count" | "cost" | "duration" | "percent" | "time";
  readonly value: string | number | null;
}

/** A timeline holds as much of each kind. */
const TIMELINE_ROWS = 200;

/** Looks. */
export function dashboardDetail(
  source: DashboardSource,
  question: DashboardQuestion,
  subject: DetailSubject,
): DashboardDetail {
  switch (subject.kind) {
    case "agent":
      return agentDetail(source, question, subject);
    case "session":
      return sessionDetail(source, question, subject);
    case "task":
      return taskDetail(source, question, subject);
  }
}

function agentDetail(
  { query }: DashboardSource,
  question: DashboardQuestion,
  subject: Extract<DetailSubject, { kind: "agent" }>,
): DashboardDetail {
  const { current: range, from, to } = rangesOf(question);
  // "unknown" is how an agent without a name is shown; it may also be called so.
  const agents = subject.agent === nameOrUnknown("") ? ["", subject.agent] : [subject.agent];
  const filter = { ...question.filter, agents };
  const { products, projects } = question.filter;
  const sums = query.summary({ ...filter, range });
  const tasks = query.getTasks({ ...filter, range, limit: TIMELINE_ROWS });
  const found = query.getAgents({ products, projects, agents, range }).agents;
  const showsDuration = question.config.tasks.showsDuration;
  const duration = (value: number | undefined): number | null => (showsDuration ? (value ?? null) : null);
  return {
    subject,
    isKnown: found.length > 0 || tasks.rows.length > 0,
    fields: [
      { title: "Agent", kind: "text", value: subject.agent },
      { title: "Days", kind: "text", value: from === to ? from : `${from} to ${to}` },
      { title: "Tasks", kind: "count", value: sums.totalTasks ?? null },
      { title: "Success rate", kind: "percent", value: sums.successRate ?? null },
      { title: "Average", kind: "duration", value: duration(sums.avgDurationMillis) },
      { title: "95th percentile", kind: "duration", value: duration(sums.p95DurationMillis) },
      { title: "Model calls", kind: "count", value: sums.totalCalls },
      { title: "Failed calls", kind: "count", value: sums.totalCallErrors },
      { title: "Tool calls", kind: "count", value: sums.totalToolCalls ?? null },
      { title: "Tokens", kind: "count", value: sums.totalTokensUsed },
      { title: "Cost", kind: "cost", value: costOf(sums) },
      { title: "Models", kind: "text", value: namesOf(found.flatMap(({ models }) => models)) },
      { title: "Projects", kind: "text", value: namesOf(found.flatMap(({ projects }) => projects)) },
    ],
    timeline: tasks.rows.map((row) => taskEntry(row, showsDuration)),
    isCutOff: tasks.nextCursor !== undefined,
  };
}

function namesOf(names: readonly string[]): string {
  return [...new Set(names)].map(nameOrUnknown).join(", ");
}

function sessionDetail(
  source: DashboardSource,
  question: DashboardQuestion,
  subject: Extract<DetailSubject, { kind: "session" }>,
): DashboardDetail {
  const { query } = source;
  const sessionIds = [subject.sessionId];
  const row: SessionRecord | undefined = query.getSessions({ sessionIds, limit: 1 }).rows[0];
  const tasks = query.getTasks({ sessionIds, limit: TIMELINE_ROWS });
  const calls = callsOf(source, { sessionIds }, row);
  const { showsDuration: showsTasks } = question.config.tasks;
  const { session, tokens } = question.config;
  return {
    subject,
    isKnown: row !== undefined,
    fields: [
      { title: "Session", kind: "text", value: subject.sessionId },
      { title: "Product", kind: "text", value: nameOrUnknown(row?.product ?? "") },
      { title: "Project", kind: "text", value: nameOrUnknown(row?.project ?? "") },
      { title: "Branch", kind: "text", value: nameOrUnknown(row?.branch ?? "") },
      { title: "Began", kind: "time", value: isoOf(row?.startedAtMillis) },
      { title: "Last seen", kind: "time", value: isoOf(row?.endedAtMillis) },
      { title: "Active", kind: "duration", value: session.showsDuration ? (row?.activeMillis ?? null) : null },
      ...(tokens.showsPerSession ? sumFields(row) : []),
    ],
    timeline: byTime([...tasks.rows.map((each) => taskEntry(each, showsTasks)), ...calls.entries]),
    isCutOff: calls.isCutOff || tasks.nextCursor !== undefined,
  };
}

function taskDetail(
  source: DashboardSource,
  question: DashboardQuestion,
  subject: Extract<DetailSubject, { kind: "task" }>,
): DashboardDetail {
  const filter = { sessionIds: [subject.sessionId], taskIds: [subject.taskId] };
  const row = source.query.getTasks({ ...filter, limit: 1 }).rows[0];
  const calls = callsOf(
    source,
    filter,
    row && { startedAtMillis: row.startedAtMillis, endedAtMillis: row.lastSeenAtMillis },
  );
  const { showsDuration } = question.config.tasks;
  return {
    subject,
    isKnown: row !== undefined,
    fields: [
      { title: "Task", kind: "text", value: subject.taskId },
      { title: "Session", kind: "text", value: subject.sessionId },
      { title: "Agent", kind: "text", value: nameOrUnknown(row?.agent ?? "") },
      { title: "Project", kind: "text", value: nameOrUnknown(row?.project ?? "") },
      { title: "Result", kind: "text", value: row?.result ?? null },
      { title: "Error", kind: "text", value: row?.errorType || null },
      { title: "Began", kind: "time", value: isoOf(row?.startedAtMillis) },
      { title: "Last seen", kind: "time", value: isoOf(row?.lastSeenAtMillis) },
      { title: "Duration", kind: "duration", value: showsDuration ? (row?.durationMillis ?? null) : null },
      ...sumFields(row),
    ],
    timeline: byTime(calls.entries),
    isCutOff: calls.isCutOff,
  };
}

function sumFields(row: SessionRecord | TaskRecord | undefined): DetailField[] {
  const sums = row && usageFields(row);
  return [
    { title: "Model calls", kind: "count", value: sums?.calls ?? null },
    { title: "Tool calls", kind: "count", value: row?.toolCalls ?? null },
    { title: "Tokens", kind: "count", value: sums?.totalTokens ?? null },
    { title: "Cost", kind: "cost", value: sums?.totalCost ?? null },
  ];
}

interface Times {
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
}

/** Calls of models and tools. The range only tells the store where to look. */
function callsOf(
  { query }: DashboardSource,
  filter: { readonly sessionIds: readonly string[]; readonly taskIds?: readonly string[] },
  times: Times | undefined,
): { readonly entries: readonly TimelineEntry[]; readonly isCutOff: boolean } {
  const range = times && {
    startMillis: times.startedAtMillis - DAY_MILLIS,
    endMillis: times.endedAtMillis + DAY_MILLIS,
  };
  const calls = query.getModelCalls({ ...filter, range, limit: TIMELINE_ROWS });
  const tools = query.getToolCalls({ ...filter, range, limit: TIMELINE_ROWS });
  return {
    entries: [
      ...calls.rows.map(
        (row): TimelineEntry => ({
          kind: "call",
          at: new Date(row.endedAtMillis).toISOString(),
          name: nameOrUnknown(row.model),
          agent: nameOrUnknown(row.agent),
          durationMs: row.durationMillis ?? null,
          totalTokens: row.tokens === undefined ? null : totalTokens(row.tokens),
          totalCost: row.costNanoUsd === undefined ? null : row.costNanoUsd / 1e9,
          result: row.errorType === "" ? "success" : "failure",
          errorType: row.errorType || null,
          sessionId: row.sessionId,
          taskId: row.taskId,
        }),
      ),
      ...tools.rows.map(
        (row): TimelineEntry => ({
          kind: "tool",
          at: new Date(row.startedAtMillis).toISOString(),
          name: nameOrUnknown(row.tool),
          agent: nameOrUnknown(row.agent),
          durationMs: row.durationMillis ?? null,
          totalTokens: null,
          totalCost: null,
          result: row.isSuccess === undefined ? "open" : row.isSuccess ? "success" : "failure",
          errorType: row.errorType || null,
          sessionId: row.sessionId,
          taskId: row.taskId,
        }),
      ),
    ],
    isCutOff: calls.nextCursor !== undefined || tools.nextCursor !== undefined,
  };
}

function taskEntry(row: TaskRecord, showsDuration: boolean): TimelineEntry {
  const { totalTokens: tokens, totalCost } = usageFields(row);
  return {
    kind: "task",
    at: new Date(row.lastSeenAtMillis).toISOString(),
    name: row.taskId,
    agent: nameOrUnknown(row.agent),
    durationMs: showsDuration ? row.durationMillis : null,
    totalTokens: tokens,
    totalCost,
    result: row.result,
    errorType: row.errorType || null,
    sessionId: row.sessionId,
    taskId: row.taskId,
  };
}

function byTime(entries: readonly TimelineEntry[]): TimelineEntry[] {
  return entries.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1));
}

function isoOf(millis: number | undefined): string | null {
  return millis === undefined ? null : new Date(millis).toISOString();
}
