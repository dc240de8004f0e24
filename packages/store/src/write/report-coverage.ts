/**
 * Whether model calls tell of what a hook reported of a task. If one does, the hook's tokens and duration are a second
 * witness of the same work and count nowhere. The answer depends on the facts in the ledger alone, not on which of them
 * came first: it is given anew whenever a report changes, or a call near it does.
 */
import { quarterHourOf } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { MAX_ACTIVE_GAP_MILLIS } from "../merge/activity.ts";
import { quarterHourOfRow, rowRange } from "./locator.ts";
import type { SessionRows } from "./session-rows.ts";
import { NO_STRING } from "./strings.ts";
import { hadReport, type TaskEntry, type TaskRows } from "./task-rows.ts";

export interface ReportCoverage {
  /** Notes that a call of this time counts, or no longer counts. */
  touch(endedAtMillis: number): void;
  /**
   * Decides for every report that may be concerned. Calls must be in the file, agents and projects settled.
   * @param keptFromMillis calls before it may have been deleted for their age: what was decided about that time stays.
   */
  settle(keptFromMillis: number): void;
  /** What holds for a report now; undefined for a task without one, and where what was decided stays. */
  verdict(entry: TaskEntry, keptFromMillis: number): boolean | undefined;
  forget(): void;
}

/** A hook runs behind its task, and its clock may have whole seconds only. */
const SLACK_MILLIS = 60_000;
/** A report is compared with calls of this long at most, so that those near a call can be found. */
const MAX_COVERED_MILLIS = 86_400_000;
const QUARTER_HOUR_MILLIS = 900_000;

type CallRow = readonly [id: number, endedMillis: number, sessionRowId: number, taskRowId: number];

export function createReportCoverage(database: Database, sessions: SessionRows, tasks: TaskRows): ReportCoverage {
  const hasReports = database.prepare<[], number>("SELECT EXISTS (SELECT 1 FROM task WHERE report_rank > 0)").pluck();
  /** The first condition is for the index, the second leaves out those that began after all of these calls. */
  const reportsSeen = database
    .prepare<[number, number, number], number>(
      `SELECT id FROM task WHERE report_rank > 0 AND last_seen_at BETWEEN ? AND ?
         AND last_seen_at - min(coalesce(reported_ms, ${MAX_ACTIVE_GAP_MILLIS}), ${MAX_COVERED_MILLIS}) <= ?`,
    )
    .pluck();
  const callsWithUsage = database
    .prepare<[number, number], CallRow>(
      "SELECT id, ended_ms, session_id, task_id FROM model_call WHERE id BETWEEN ? AND ? AND input IS NOT NULL",
    )
    .raw();
  let touched = new Set<number>();

  const isCovered = (entry: TaskEntry, startMillis: number, endMillis: number): boolean => {
    const session = sessions.get(entry.product, entry.state.sessionId.value);
    const knowsSession = entry.state.report?.value.knowsSession === true;
    if (!knowsSession && session.projectId === NO_STRING) return false;
    const { firstId, lastId } = rowRange(startMillis, endMillis);
    for (const [id, endedMillis, sessionRowId, taskRowId] of callsWithUsage.iterate(firstId, lastId)) {
      const endedAtMillis = quarterHourOfRow(id) * QUARTER_HOUR_MILLIS + endedMillis;
      if (endedAtMillis < startMillis || endedAtMillis > endMillis) continue;
      const isInPlace = knowsSession
        ? sessionRowId === session.id
        : sessions.byId(sessionRowId).projectId === session.projectId;
      if (!isInPlace) continue;
      const agentId = taskRowId === 0 ? NO_STRING : (tasks.byId(taskRowId)?.agentId ?? NO_STRING);
      // Where one of them does not know the agent, it may be the same: rather count too little than twice.
      if (agentId === entry.agentId || agentId === NO_STRING || entry.agentId === NO_STRING) return true;
    }
    return false;
  };

  const concerned = (): Set<TaskEntry> => {
    const entries = new Set(tasks.changedReports());
    if (touched.size === 0 || hasReports.get() === 0) return entries;
    for (const [firstMillis, lastMillis] of stretchesOf(touched)) {
      const untilMillis = lastMillis + SLACK_MILLIS;
      const ids = reportsSeen.all(firstMillis - SLACK_MILLIS, untilMillis + MAX_COVERED_MILLIS, untilMillis);
      for (const id of ids) {
        const entry = tasks.byId(id);
        if (entry !== undefined) entries.add(entry);
      }
    }
    return entries;
  };

  const verdict = (entry: TaskEntry, keptFromMillis: number): boolean | undefined => {
    const { report, lastSeenAtMillis } = entry.state;
    if (report === undefined || lastSeenAtMillis === undefined) return undefined;
    if (report.value.isRough === true) return true;
    const durationMillis = Math.min(report.value.durationMillis ?? MAX_ACTIVE_GAP_MILLIS, MAX_COVERED_MILLIS);
    const startMillis = lastSeenAtMillis - durationMillis - SLACK_MILLIS;
    if (startMillis < keptFromMillis && hadReport(entry)) return undefined;
    return isCovered(entry, startMillis, lastSeenAtMillis + SLACK_MILLIS);
  };

  return {
    touch: (endedAtMillis) => void touched.add(quarterHourOf(endedAtMillis)),
    settle(keptFromMillis) {
      for (const entry of concerned()) {
        const isNowCovered = verdict(entry, keptFromMillis);
        if (isNowCovered !== undefined) tasks.setCovered(entry, isNowCovered);
      }
      touched = new Set();
    },
    verdict,
    forget() {
      touched = new Set();
    },
  };
}

/** First and last moment of quarter hours that lie close together. */
function stretchesOf(quarterHours: ReadonlySet<number>): [firstMillis: number, lastMillis: number][] {
  const stretches: [number, number][] = [];
  for (const quarterHour of [...quarterHours].sort((a, b) => a - b)) {
    const firstMillis = quarterHour * QUARTER_HOUR_MILLIS;
    const lastMillis = firstMillis + QUARTER_HOUR_MILLIS - 1;
    const last = stretches.at(-1);
    if (last !== undefined && firstMillis - last[1] <= MAX_COVERED_MILLIS) last[1] = lastMillis;
    else stretches.push([firstMillis, lastMillis]);
  }
  return stretches;
}
