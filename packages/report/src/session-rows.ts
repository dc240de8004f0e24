/** One row per session. */
import type { LedgerFilter, LedgerReader, SessionRow as LedgerSession } from "@moai-metrics/store";
import {
  type ModelFields,
  modelFields,
  nameOrUnknown,
  type TaskFields,
  taskFields,
  type UsageFields,
  usageFields,
} from "./fields.ts";
import { groupBy, sumCalls, sumMeasures, sumOf } from "./measures.ts";
import type { Report } from "./usage-rows.ts";

/** How often a tool was called. */
export interface ToolUse {
  readonly calls: number;
  readonly errors: number;
}

/** What sessions and their totals have in common. */
export interface SessionSums extends UsageFields, ModelFields, TaskFields {
  /** Last event minus first event. */
  readonly wallDurationMs: number;
  /** Wall time without gaps of ten minutes or more. */
  readonly activeDurationMs: number;
  readonly openTasks: number;
  readonly toolCalls: number;
  readonly toolErrors: number;
  /** Tools by name, most calls first. */
  readonly tools: Readonly<Record<string, ToolUse>>;
  readonly filesCreated: number;
  readonly filesModified: number;
  readonly filesDeleted: number;
  readonly linesAdded: number;
  readonly linesRemoved: number;
  /** Failed model calls, tool calls and tasks by error type. */
  readonly errors: Readonly<Record<string, number>>;
  readonly errorCount: number;
}

/** One session. Times are ISO 8601, UTC. */
export interface SessionReportRow extends SessionSums {
  readonly sessionId: string;
  readonly product: string;
  readonly project: string;
  readonly branch: string | null;
  readonly version: string | null;
  readonly startedAt: string;
  readonly lastActivity: string;
}

/** Which sessions to show. */
export interface SessionQuestion {
  readonly filter: LedgerFilter;
  /** Only sessions whose id begins so. */
  readonly idPrefix?: string | undefined;
  /** Only so many, the newest. */
  readonly last?: number | undefined;
}

/** Sessions with activity in the filter's range, oldest first. Each row covers the whole session. */
export function sessionReport(
  ledger: LedgerReader,
  { filter, idPrefix = "", last }: SessionQuestion,
): Report<SessionReportRow, SessionSums> {
  const sessions = ledger
    .sessions(filter)
    .filter((session) => session.sessionId.startsWith(idPrefix))
    .slice(0, last)
    .reverse();
  const rows = sessions.map((session) => ({
    sessionId: session.sessionId,
    product: nameOrUnknown(session.product),
    project: nameOrUnknown(session.project),
    branch: session.branch === "" ? null : session.branch,
    version: session.version === "" ? null : session.version,
    startedAt: new Date(session.startedAtMillis).toISOString(),
    lastActivity: new Date(session.endedAtMillis).toISOString(),
    ...sumsOf([session]),
  }));
  return { rows, totals: sumsOf(sessions) };
}

function sumsOf(sessions: readonly LedgerSession[]): SessionSums {
  const measures = sumMeasures(sessions);
  const shares = sessions.flatMap((session) => session.models);
  const byModel = [...groupBy(shares, (share) => share.model).entries()];
  const errors = sumErrors(sessions.map((session) => session.errors));
  return {
    wallDurationMs: sumOf(sessions, (session) => session.wallMillis),
    activeDurationMs: sumOf(sessions, (session) => session.activeMillis),
    ...taskFields(measures),
    openTasks: sumOf(sessions, (session) => session.openTasks),
    toolCalls: measures.toolCalls,
    toolErrors: measures.toolErrors,
    tools: toolUses(sessions),
    filesCreated: sumOf(sessions, (session) => session.filesCreated),
    filesModified: sumOf(sessions, (session) => session.filesModified),
    filesDeleted: sumOf(sessions, (session) => session.filesDeleted),
    linesAdded: sumOf(sessions, (session) => session.linesAdded),
    linesRemoved: sumOf(sessions, (session) => session.linesRemoved),
    errors,
    errorCount: sumOf(Object.values(errors), (count) => count),
    ...usageFields(measures),
    ...modelFields(byModel.map(([model, parts]) => ({ model, measures: sumCalls(parts) }))),
  };
}

function toolUses(sessions: readonly LedgerSession[]): Record<string, ToolUse> {
  const shares = sessions.flatMap((session) => session.tools);
  const uses = [...groupBy(shares, (share) => nameOrUnknown(share.tool)).entries()].map(
    ([tool, parts]): [string, ToolUse] => [
      tool,
      { calls: sumOf(parts, (part) => part.toolCalls), errors: sumOf(parts, (part) => part.toolErrors) },
    ],
  );
  return Object.fromEntries(uses.toSorted(([, a], [, b]) => b.calls - a.calls));
}

function sumErrors(errors: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const counts of errors) {
    for (const [type, count] of Object.entries(counts)) sums.set(type, (sums.get(type) ?? 0) + count);
  }
  return Object.fromEntries([...sums].toSorted(([, a], [, b]) => b - a));
}
