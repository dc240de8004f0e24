/** When agents were first and last seen: the rollups say in which quarter hours, the ledger at which moments. */
import { DAY_MILLIS, QUARTER_HOUR_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import { type Condition, joinConditions } from "../read/filters.ts";
import { MAX_STRAY } from "../write/locator.ts";
import type { Want } from "./cells.ts";
import { type CollectQuestion, collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters } from "./filter-rules.ts";
import { FACT_TABLES } from "./ledger-sql.ts";
import { type Population, PRESENCE } from "./measures.ts";
import { populationsOf } from "./overall.ts";
import { findScope, planSelection } from "./selection.ts";

/** First and last fact of an agent. */
export interface Seen {
  readonly firstMillis: number;
  readonly lastMillis: number;
}

/** What to look through. */
export type SeenQuestion = Pick<CollectQuestion, "method" | "range" | "filter" | "signal"> & {
  /** Which sums show that an agent did anything. */
  readonly presence: Want;
  /** The agents that did. */
  readonly agents: readonly string[];
};

/** Looks up every agent; undefined for one without facts. */
export function readSeen(context: QueryContext, question: SeenQuestion): (agent: string) => Seen | undefined {
  const { range, filter } = question;
  if (ledgerFilters(filter).length > 0)
    return readMoments(context, question, [{ ...range, populations: populationsOf(filter) }]);
  const days = findDays(context, question);
  const quarters = findTimes(context, question, distinctTimes(days), QUARTER_HOUR_MILLIS);
  const ledgerStart = context.ledgerStartMillis() ?? 0;
  const kept = distinctTimes([...quarters.values()].flatMap(({ first, last }) => [first, last])).filter(
    ({ startMillis }) => startMillis >= ledgerStart,
  );
  const exact = readMoments(context, question, kept);
  return (agent) => {
    const times = quarters.get(agent);
    if (times === undefined) return undefined;
    const moments = exact(agent);
    // What the ledger no longer holds is known by the quarter hour.
    const isKept = (time: TimeRange): boolean => time.startMillis >= ledgerStart;
    return {
      firstMillis: isKept(times.first) ? (moments?.firstMillis ?? times.first.startMillis) : times.first.startMillis,
      lastMillis: isKept(times.last) ? (moments?.lastMillis ?? times.last.startMillis) : times.last.startMillis,
    };
  };
}

/** A stretch in which agents did something, and the facts that show it. */
interface BusyTime extends TimeRange {
  readonly populations: readonly Population[];
}

interface FirstLast {
  readonly first: BusyTime;
  readonly last: BusyTime;
}

/** Most agents are seen within so many days of either end. */
const FIRST_DAYS = 4;

/** The days in which an agent did anything first or last. */
function findDays(context: QueryContext, question: SeenQuestion): readonly BusyTime[] {
  const { startMillis, endMillis } = question.range;
  if (endMillis - startMillis <= 2 * FIRST_DAYS * DAY_MILLIS) {
    const found = findTimes(context, question, [question.range], DAY_MILLIS);
    return [...found.values()].flatMap(({ first, last }) => [first, last]);
  }
  return [...searchDays(context, question, "first"), ...searchDays(context, question, "last")];
}

/** Looks at a few days at one end of the range, and at twice as many behind them as long as agents are missing. */
function searchDays(context: QueryContext, question: SeenQuestion, side: keyof FirstLast): readonly BusyTime[] {
  const missing = new Set(question.agents);
  const found: BusyTime[] = [];
  let { startMillis, endMillis } = question.range;
  for (let days = FIRST_DAYS; missing.size > 0 && startMillis < endMillis; days *= 2) {
    const part =
      side === "first"
        ? { startMillis, endMillis: Math.min(endMillis, (Math.floor(startMillis / DAY_MILLIS) + days) * DAY_MILLIS) }
        : { startMillis: Math.max(startMillis, (Math.ceil(endMillis / DAY_MILLIS) - days) * DAY_MILLIS), endMillis };
    for (const [agent, times] of findTimes(context, question, [part], DAY_MILLIS)) {
      if (missing.delete(agent)) found.push(times[side]);
    }
    if (side === "first") startMillis = part.endMillis;
    else endMillis = part.startMillis;
  }
  return found;
}

/** Per agent, the first and the last stretch of a step's length in which it did anything. */
function findTimes(
  context: QueryContext,
  { method, filter, signal, presence }: SeenQuestion,
  ranges: readonly TimeRange[],
  step: number,
): Map<string, FirstLast> {
  const found = new Map<string, FirstLast>();
  for (const range of ranges) {
    const edges = edgesEvery(step, range);
    const { cells } = collect(context, { method, range, edges, filter, groupBy: ["agent"], want: presence, signal });
    for (const cell of cells) {
      const populations = populationsOf(filter).filter((each) => PRESENCE[each].some((name) => cell.sum(name) > 0));
      if (populations.length === 0) continue;
      const { bucket, key } = cell;
      const [agent = ""] = key;
      const time = { startMillis: edges[bucket] ?? 0, endMillis: edges[bucket + 1] ?? 0, populations };
      const { first, last } = found.get(agent) ?? { first: time, last: time };
      found.set(agent, {
        first: time.startMillis < first.startMillis ? time : first,
        last: time.startMillis > last.startMillis ? time : last,
      });
    }
  }
  return found;
}

function edgesEvery(step: number, { startMillis, endMillis }: TimeRange): number[] {
  const edges = [startMillis];
  for (let edge = (Math.floor(startMillis / step) + 1) * step; edge < endMillis; edge += step) edges.push(edge);
  edges.push(endMillis);
  return edges;
}

/** Ascending, each once, with what any of the agents did in it. */
function distinctTimes(times: readonly BusyTime[]): BusyTime[] {
  const byStart = new Map<number, BusyTime>();
  for (const time of times) {
    const known = byStart.get(time.startMillis);
    const populations = known === undefined ? time.populations : [...known.populations, ...time.populations];
    byStart.set(time.startMillis, { ...time, populations });
  }
  return [...byStart.values()].sort((a, b) => a.startMillis - b.startMillis);
}

/** The exact moments inside some times, none of which is longer than a quarter hour when there are several. */
function readMoments(
  context: QueryContext,
  { filter, signal }: SeenQuestion,
  times: readonly BusyTime[],
): (agent: string) => Seen | undefined {
  const scope = findScope(context, filter);
  const found = new Map<string, Seen>();
  for (const population of populationsOf(filter)) {
    const busy = times.filter(({ populations }) => populations.includes(population));
    for (const { span, quarterHours } of togetherInRows(busy)) {
      signal?.throwIfAborted();
      const { from, time, agent, isCounted } = FACT_TABLES[population];
      const selection = planSelection(population, filter, scope, span, { task: true });
      const where = joinConditions([selection.where, isInOneOf(time, quarterHours)]);
      const sql = `SELECT ${agent} AS agent, min(${time}) AS first, max(${time}) AS last FROM ${from} ${selection.joins}
        WHERE ${isCounted} AND ${where.condition} GROUP BY 1`;
      const rows = context.statement(sql).all(...where.parameters) as { agent: number; first: number; last: number }[];
      for (const { agent: id, first, last } of rows) {
        const name = context.nameOf(id);
        const { firstMillis, lastMillis } = found.get(name) ?? { firstMillis: first, lastMillis: last };
        found.set(name, { firstMillis: Math.min(first, firstMillis), lastMillis: Math.max(last, lastMillis) });
      }
    }
  }
  return (agent) => found.get(agent);
}

/** Quarter hours whose rows are read together. */
interface RowsTogether {
  readonly span: TimeRange;
  /** Undefined: all of the span. */
  readonly quarterHours: readonly number[] | undefined;
}

/** Rows may lie away from their time: of quarter hours that are near to each other mostly the same rows are read. */
function togetherInRows(ascending: readonly TimeRange[]): readonly RowsTogether[] {
  const groups: TimeRange[][] = [];
  for (const range of ascending) {
    const group = groups.at(-1);
    const gap = range.startMillis - (group?.at(-1)?.endMillis ?? Number.NEGATIVE_INFINITY);
    if (group === undefined || gap > 2 * MAX_STRAY * QUARTER_HOUR_MILLIS) groups.push([range]);
    else group.push(range);
  }
  return groups.map((group) => ({
    span: { startMillis: group[0]?.startMillis ?? 0, endMillis: group.at(-1)?.endMillis ?? 0 },
    quarterHours: group.length === 1 ? undefined : group.map(({ startMillis }) => quarterHourOf(startMillis)),
  }));
}

function isInOneOf(time: string, quarterHours: readonly number[] | undefined): Condition {
  if (quarterHours === undefined) return { condition: "true", parameters: [] };
  return {
    condition: `${time} / ${QUARTER_HOUR_MILLIS} IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(quarterHours)],
  };
}
