/** `slowestTasks`: the ended tasks that took longest, found by the greatest durations in the rollups. */
import { DAY_MILLIS, QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import { joinConditions } from "../read/filters.ts";
import { readRollups } from "../rollup/read-rollups.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters, requireFilter } from "./filter-rules.ts";
import { FACT_TABLES, TASK_DURATION } from "./ledger-sql.ts";
import { requireLimit } from "./paging.ts";
import { deletedBefore } from "./read-pages.ts";
import { findScope, intersect, planSelection } from "./selection.ts";
import { readSpan } from "./span.ts";
import { selectTasks, type TaskColumns, toTaskRecord } from "./task-records.ts";
import type { FactFilter, SlowestTasksAnswer, SlowestTasksQuestion } from "./types.ts";

const METHOD = "slowestTasks";
const SLOWEST_FIRST = `${TASK_DURATION} DESC, fact.last_seen_at DESC, fact.id DESC`;

/** With more tasks than this, looking at every task is quicker than looking for the slow ones. */
const MAX_SEARCHED = 200;

/** @throws RangeError for what cannot be honoured. */
export function readSlowestTasks(context: QueryContext, question: SlowestTasksQuestion): SlowestTasksAnswer {
  const { limit, signal } = question;
  const filter = requireFilter(METHOD, "tasks", question);
  if (limit === undefined) throw new RangeError(`${METHOD} needs a limit: how many tasks, a whole number from 1.`);
  requireLimit(METHOD, limit);
  signal?.throwIfAborted();
  return context.inOneState(() => {
    const deletedBeforeMillis = deletedBefore(context, filter);
    const asked = filter.range ?? readSpan(context) ?? { startMillis: 0, endMillis: 0 };
    const kept = { startMillis: deletedBeforeMillis ?? 0, endMillis: Number.MAX_SAFE_INTEGER };
    const range = intersect(asked, kept);
    const select = createSelect(context, filter, limit);
    const isSearched = ledgerFilters(filter).length === 0 && limit <= MAX_SEARCHED;
    const rows = isSearched ? search(context, filter, range, limit, select, signal) : select(range);
    return { tasks: rows.map((row) => toTaskRecord(context, row)), deletedBeforeMillis };
  });
}

/** The slowest tasks of a range, straight from the ledger. */
function createSelect(
  context: QueryContext,
  filter: FactFilter,
  limit: number,
): (range: TimeRange) => readonly TaskColumns[] {
  const scope = findScope(context, filter);
  return (range) => {
    const where = joinConditions([
      { condition: `${FACT_TABLES.tasks.isCounted} AND ${TASK_DURATION} IS NOT NULL`, parameters: [] },
      planSelection("tasks", filter, scope, range).where,
    ]);
    return selectTasks(context, { where }, SLOWEST_FIRST, limit);
  };
}

/** A time of which the greatest duration is known. */
interface Place extends TimeRange {
  readonly maxMillis: number;
  /** Whether its tasks are read at once; otherwise its quarter hours are looked at first. */
  readonly isSmall: boolean;
}

/** Looks where the slowest task must be, until no other place can hold a slower one than those found. */
function search(
  context: QueryContext,
  filter: FactFilter,
  range: TimeRange,
  limit: number,
  select: (range: TimeRange) => readonly TaskColumns[],
  signal: AbortSignal | undefined,
): readonly TaskColumns[] {
  const start = ceilTo(QUARTER_HOUR_MILLIS, range.startMillis);
  const end = Math.floor(range.endMillis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS;
  if (start >= end) return select(range);
  const greatest = (edges: readonly number[], isSmall: boolean): Place[] =>
    readRollups(context.database, {
      edges: edges.map((edge) => edge / QUARTER_HOUR_MILLIS),
      filter,
      groupBy: [],
      sums: [],
      extremes: ["task_ms"],
      histograms: [],
    }).flatMap(({ bucket, extremes: [found] }) => {
      const [startMillis, endMillis] = edges.slice(bucket, bucket + 2);
      if (found === undefined || startMillis === undefined || endMillis === undefined) return [];
      return [{ startMillis, endMillis, maxMillis: found.max, isSmall }];
    });

  const cutOff = [
    { startMillis: range.startMillis, endMillis: start, maxMillis: Infinity, isSmall: true },
    { startMillis: end, endMillis: range.endMillis, maxMillis: Infinity, isSmall: true },
  ].filter(({ startMillis, endMillis }) => startMillis < endMillis);
  const places = [...cutOff, ...greatest(edgesEvery(DAY_MILLIS, start, end), false)].sort(byGreatest);
  let slowest: readonly TaskColumns[] = [];
  for (let place = places.shift(); place !== undefined; place = places.shift()) {
    signal?.throwIfAborted();
    const last = slowest[limit - 1];
    // An equally long task may be newer than the last one found.
    if (last !== undefined && durationOf(last) > place.maxMillis) break;
    if (place.isSmall) {
      slowest = [...slowest, ...select(place)].sort(bySlowness).slice(0, limit);
    } else {
      places.push(...greatest(edgesEvery(QUARTER_HOUR_MILLIS, place.startMillis, place.endMillis), true));
      places.sort(byGreatest);
    }
  }
  return slowest;
}

/** The ends of a range and every multiple of a step between them. */
function edgesEvery(step: number, start: number, end: number): number[] {
  const edges = [start];
  for (let edge = ceilTo(step, start + 1); edge < end; edge += step) edges.push(edge);
  edges.push(end);
  return edges;
}

function ceilTo(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}

function byGreatest(a: Place, b: Place): number {
  return b.maxMillis === a.maxMillis ? 0 : b.maxMillis - a.maxMillis;
}

function bySlowness(a: TaskColumns, b: TaskColumns): number {
  return durationOf(b) - durationOf(a) || b.last_seen_at - a.last_seen_at || b.id - a.id;
}

function durationOf({ started_at, last_seen_at, reported_ms }: TaskColumns): number {
  return reported_ms ?? last_seen_at - (started_at ?? last_seen_at);
}
