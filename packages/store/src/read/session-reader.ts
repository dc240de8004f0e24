/** Sessions with the sums of what happened in them. */
import { type ActivityInterval, type Period, TASK_RESULTS, type TaskResult, type TimeRange } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { activeMillis, clipActivity, decodeActivity } from "../merge/activity.ts";
import { REPORTED_TOKENS, TASK_MILLIS } from "../write/task-report-sql.ts";
import { addCallMeasures } from "./call-measures.ts";
import { readFactSums } from "./fact-sums.ts";
import { type Condition, joinConditions, planColumnFilter, planTextFilter } from "./filters.ts";
import { withUndivided } from "./task-report-row.ts";
import type { LedgerFilter, SessionActivity, SessionRow, TaskMeasures } from "./types.ts";

export interface StoredSession {
  readonly id: number;
  readonly product: string;
  readonly session_key: string;
  readonly project: string;
  readonly branch: string;
  readonly version: string;
  readonly started_at: number;
  readonly ended_at: number;
  readonly activity: string;
}

/** A filter on agents or models leaves out sessions in which none of them did anything. */
export function readSessions(database: Database, filter: LedgerFilter): SessionRow[] {
  const range = filter.range ?? ALL_TIME;
  const sessions = selectActiveSessions(database, filter);
  const ids = sessions.map(({ id }) => id);
  const sums = readFactSums(database, { groupBy: "session_id", ids, range, filter });
  const tasks = readTasksBySession(database, ids, range, filter);
  const isNarrowed = filter.agents !== undefined || filter.models !== undefined;
  return sessions
    .map((session) => toSessionRow(session, sums(session.id), tasks(session.id)))
    .filter((row) => !isNarrowed || hasAnything(row));
}

/** How many sessions were active in each period; periods may overlap. */
export function readSessionCounts(database: Database, periods: readonly Period[], filter: LedgerFilter): number[] {
  // A shorter session has its begin or its end inside of every period that it touches.
  const shortestMillis = Math.min(...periods.map(({ startMillis, endMillis }) => endMillis - startMillis));
  const runs = ascendingRuns(periods);
  // By how much more sessions each period has than the one before: a session of weeks is in many, one after the other.
  const changes = new Int32Array(periods.length + 1);
  const change = (place: number, by: number): void => {
    changes[place] = (changes[place] as number) + by;
  };
  for (const [startMillis, endMillis, encoded] of readExtents(database, periods, filter, shortestMillis)) {
    const intervals = encoded === "" ? [{ startMillis, endMillis }] : decodeActivity(encoded);
    for (const run of runs) {
      let behind = run.first;
      for (const interval of intervals) {
        const first = firstThatEndsAfter(periods, { first: behind, behind: run.behind }, interval.startMillis);
        behind = first;
        while (behind < run.behind && (periods[behind] as Period).startMillis <= interval.endMillis) behind += 1;
        change(first, 1);
        change(behind, -1);
      }
    }
  }
  let count = 0;
  return periods.map((_, i) => (count += changes[i] as number));
}

/** The same, and how long they were active inside of each period. */
export function readSessionActivity(
  database: Database,
  periods: readonly Period[],
  filter: LedgerFilter,
): SessionActivity[] {
  const sums = periods.map(() => ({ sessions: 0, activeMillis: 0 }));
  eachSessionInPeriod(database, periods, filter, (session, period, i) => {
    const sum = sums[i];
    if (sum === undefined || !wasActive(session, period)) return;
    sum.sessions += 1;
    sum.activeMillis += activeMillis(clipActivity(session.activity(), period));
  });
  return sums;
}

/** Visits each session once for each period that it may have been active in; maybe for others, too. */
function eachSessionInPeriod(
  database: Database,
  periods: readonly Period[],
  filter: LedgerFilter,
  visit: (session: SessionExtent, period: Period, index: number) => void,
): void {
  const runs = ascendingRuns(periods);
  for (const [startedAtMillis, endedAtMillis, encoded] of readExtents(database, periods, filter, 0)) {
    let decoded: ActivityInterval[] | undefined;
    const activity = (): ActivityInterval[] => (decoded ??= decodeActivity(encoded));
    const session = { startedAtMillis, endedAtMillis, activity };
    for (const run of runs) {
      for (let i = firstThatEndsAfter(periods, run, startedAtMillis); i < run.behind; i++) {
        const period = periods[i] as Period;
        if (period.startMillis > endedAtMillis) break;
        visit(session, period, i);
      }
    }
  }
}

/**
 * Sessions that may have been active in any of the periods.
 *
 * @param intervalsFromMillis sessions that last shorter come without their intervals.
 */
function readExtents(
  database: Database,
  periods: readonly Period[],
  filter: LedgerFilter,
  intervalsFromMillis: number,
): StoredExtent[] {
  const range = {
    startMillis: Math.min(...periods.map(({ startMillis }) => startMillis)),
    endMillis: Math.max(...periods.map(({ endMillis }) => endMillis)),
  };
  const where = planSessionFilter({ ...filter, range });
  const isWanted = planNarrowing(database, { ...filter, range });
  // Names are read only where they decide: there may be thousands of sessions.
  const name = isWanted === undefined ? { columns: "", join: "" } : SESSION_NAME;
  const sessions = database
    .prepare<unknown[], StoredExtent>(
      `SELECT started_at, ended_at, CASE WHEN ended_at - started_at >= ? THEN activity ELSE '' END${name.columns}
       FROM session ${name.join}
       WHERE ${where.condition}`,
    )
    .raw()
    .all(intervalsFromMillis, ...where.parameters);
  return isWanted === undefined
    ? sessions
    : sessions.filter(([, , , product = "", sessionId = ""]) => isWanted(product, sessionId));
}

/** Places of neighbouring periods that begin and end one after the other: from `first` to `behind` (exclusive). */
interface AscendingRun {
  readonly first: number;
  readonly behind: number;
}

/** A year of days, and behind them the year, are two of these. */
function ascendingRuns(periods: readonly Period[]): readonly AscendingRun[] {
  const firsts = [...periods.keys()].filter((i) => {
    const [before, period] = [periods[i - 1], periods[i] as Period];
    return before === undefined || before.startMillis > period.startMillis || before.endMillis > period.endMillis;
  });
  return firsts.map((first, run) => ({ first, behind: firsts[run + 1] ?? periods.length }));
}

/** The place of the first period of a run that ends after a moment: found without a look at all of them. */
function firstThatEndsAfter(periods: readonly Period[], run: AscendingRun, millis: number): number {
  let low = run.first;
  let high = run.behind;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((periods[middle] as Period).endMillis <= millis) low = middle + 1;
    else high = middle;
  }
  return low;
}

type StoredExtent = [startedAt: number, endedAt: number, activity: string, product?: string, sessionId?: string];

const SESSION_NAME = {
  columns: ", product.text, session_key",
  join: "JOIN string AS product ON product.id = session.product_id",
};

interface SessionExtent {
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
  /** Decoded when it is first asked for, once for all periods. */
  readonly activity: () => readonly ActivityInterval[];
}

/** Only a session that reaches beyond the period needs a look at its intervals. */
function wasActive({ startedAtMillis, endedAtMillis, activity }: SessionExtent, period: TimeRange): boolean {
  if (startedAtMillis >= period.endMillis || endedAtMillis < period.startMillis) return false;
  const hasEdgeInside = startedAtMillis >= period.startMillis || endedAtMillis < period.endMillis;
  return hasEdgeInside || isActiveIn(activity(), period);
}

/** With a filter on agents or models, only the sessions in which one of them did something; undefined: all of them. */
function planNarrowing(
  database: Database,
  filter: LedgerFilter,
): ((product: string, sessionId: string) => boolean) | undefined {
  if (filter.agents === undefined && filter.models === undefined) return undefined;
  const wanted = new Set(readSessions(database, filter).map(({ product, sessionId }) => `${product}|${sessionId}`));
  return (product, sessionId) => wanted.has(`${product}|${sessionId}`);
}

const ALL_TIME: TimeRange = { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };

function planSessionFilter(filter: LedgerFilter): Condition {
  const range = filter.range ?? ALL_TIME;
  return joinConditions([
    { condition: "session.started_at < ? AND session.ended_at >= ?", parameters: [range.endMillis, range.startMillis] },
    planColumnFilter(
      { product: "session.product_id", project: "session.project_id", agent: "0" },
      { products: filter.products, projects: filter.projects },
    ),
    planTextFilter("session.session_key", filter.sessionIds),
  ]);
}

/** Sessions that were active in the range, whatever was done in them; newest first. */
export function selectActiveSessions(database: Database, filter: LedgerFilter): StoredSession[] {
  const range = filter.range ?? ALL_TIME;
  return selectSessions(database, filter).filter(({ activity }) => isActiveIn(decodeActivity(activity), range));
}

function selectSessions(database: Database, filter: LedgerFilter): StoredSession[] {
  const where = planSessionFilter(filter);
  return database
    .prepare<unknown[], StoredSession>(
      `SELECT session.id, product.text AS product, session_key, coalesce(project.text, '') AS project,
         coalesce(branch.text, '') AS branch, coalesce(version.text, '') AS version, started_at, ended_at, activity
       FROM session
       JOIN string AS product ON product.id = session.product_id
       LEFT JOIN string AS project ON project.id = session.project_id
       LEFT JOIN string AS branch ON branch.id = session.branch_id
       LEFT JOIN string AS version ON version.id = session.version_id
       WHERE ${where.condition}
       ORDER BY ended_at DESC, session_key`,
    )
    .all(...where.parameters);
}

function isActiveIn(activity: readonly ActivityInterval[], range: TimeRange): boolean {
  return activity.some(({ startMillis, endMillis }) => startMillis < range.endMillis && endMillis >= range.startMillis);
}

interface SessionTasks extends TaskMeasures {
  readonly undividedTokens: number;
  readonly openTasks: number;
}

interface TasksOfSession {
  readonly session_id: number;
  readonly result: TaskResult | null;
  readonly count: number;
  readonly millis: number;
  readonly undivided: number;
}

function readTasksBySession(
  database: Database,
  ids: readonly number[],
  range: TimeRange,
  filter: LedgerFilter,
): (sessionId: number) => SessionTasks {
  if (filter.models !== undefined) return () => NO_TASKS;
  const where = joinConditions([
    { condition: "task.session_id IN (SELECT value FROM json_each(?))", parameters: [JSON.stringify(ids)] },
    { condition: "task.last_seen_at >= ? AND task.last_seen_at < ?", parameters: [range.startMillis, range.endMillis] },
    planColumnFilter({ product: "task.product_id", project: "0", agent: "task.agent_id" }, { agents: filter.agents }),
  ]);
  const rows = database
    .prepare<unknown[], TasksOfSession>(
      `SELECT session_id, result, count(*) AS count, coalesce(sum(${TASK_MILLIS("task")}), 0) AS millis,
         sum(${REPORTED_TOKENS("task")}) AS undivided
       FROM task WHERE ${where.condition} GROUP BY session_id, result`,
    )
    .all(...where.parameters);
  const bySession = Map.groupBy(rows, ({ session_id }) => session_id);
  return (sessionId) => {
    const tasksByResult = noResults();
    let taskMillis = 0;
    let openTasks = 0;
    let undividedTokens = 0;
    for (const { result, count, millis, undivided } of bySession.get(sessionId) ?? []) {
      undividedTokens += undivided;
      if (result === null) {
        openTasks += count;
      } else {
        tasksByResult[result] += count;
        taskMillis += millis;
      }
    }
    return { tasksByResult, taskMillis, openTasks, undividedTokens };
  };
}

const NO_TASKS: SessionTasks = { tasksByResult: noResults(), taskMillis: 0, openTasks: 0, undividedTokens: 0 };

function noResults(): Record<TaskResult, number> {
  return Object.fromEntries(TASK_RESULTS.map((result) => [result, 0])) as Record<TaskResult, number>;
}

function toSessionRow(
  session: StoredSession,
  sums: ReturnType<ReturnType<typeof readFactSums>>,
  { undividedTokens, ...tasks }: SessionTasks,
): SessionRow {
  const calls = addCallMeasures(sums.models);
  return {
    product: session.product,
    sessionId: session.session_key,
    project: session.project,
    branch: session.branch,
    version: session.version,
    startedAtMillis: session.started_at,
    endedAtMillis: session.ended_at,
    wallMillis: session.ended_at - session.started_at,
    activeMillis: activeMillis(decodeActivity(session.activity)),
    ...calls,
    tokens: withUndivided(calls.tokens, undividedTokens),
    ...tasks,
    toolCalls: sums.tools.reduce((sum, { toolCalls }) => sum + toolCalls, 0),
    toolErrors: sums.tools.reduce((sum, { toolErrors }) => sum + toolErrors, 0),
    ...sums.changes,
    models: sums.models,
    tools: sums.tools,
    errors: sums.errors,
  };
}

function hasAnything(row: SessionRow): boolean {
  const tasks = Object.values(row.tasksByResult).reduce((sum, count) => sum + count, row.openTasks);
  return row.calls + row.callErrors + row.toolCalls + tasks > 0;
}
