/** When agents were first and last seen: the rollups say in which quarter hours, the ledger at which moments. */
import { DAY_MILLIS, QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import type { Want } from "./cells.ts";
import { type CollectQuestion, collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters } from "./filter-rules.ts";
import { FACT_TABLES } from "./ledger-sql.ts";
import { isAboutCallsOnly } from "./overall.ts";
import { findScope, planSelection } from "./selection.ts";

/** First and last fact of an agent. */
export interface Seen {
  readonly firstMillis: number;
  readonly lastMillis: number;
}

/** What to look through, and which sums show that an agent did anything. */
export type SeenQuestion = Pick<CollectQuestion, "method" | "range" | "filter" | "signal"> & {
  readonly presence: Want;
};

/** Looks up every agent; undefined for one without facts. */
export function readSeen(context: QueryContext, question: SeenQuestion): (agent: string) => Seen | undefined {
  const { range, filter } = question;
  if (ledgerFilters(filter).length > 0) return readMoments(context, question, [range]);
  const days = findTimes(context, question, [range], DAY_MILLIS);
  const quarters = findTimes(context, question, distinctTimes(days.values()), QUARTER_HOUR_MILLIS);
  const ledgerStart = context.ledgerStartMillis() ?? 0;
  const kept = distinctTimes(quarters.values()).filter(({ startMillis }) => startMillis >= ledgerStart);
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

interface FirstLast {
  readonly first: TimeRange;
  readonly last: TimeRange;
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
      if (!presence.sums.some((name) => cell.sum(name) > 0)) continue;
      const { bucket, key } = cell;
      const [agent = ""] = key;
      const time = { startMillis: edges[bucket] ?? 0, endMillis: edges[bucket + 1] ?? 0 };
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

function distinctTimes(times: Iterable<FirstLast>): TimeRange[] {
  const byStart = new Map<number, TimeRange>();
  for (const { first, last } of times) {
    byStart.set(first.startMillis, first);
    byStart.set(last.startMillis, last);
  }
  return [...byStart.values()];
}

/** The exact moments inside some ranges. */
function readMoments(
  context: QueryContext,
  { filter, signal }: SeenQuestion,
  ranges: readonly TimeRange[],
): (agent: string) => Seen | undefined {
  const scope = findScope(context, filter);
  const populations = isAboutCallsOnly(filter) ? (["calls"] as const) : (["calls", "tools", "tasks"] as const);
  const found = new Map<string, Seen>();
  for (const range of ranges) {
    for (const population of populations) {
      signal?.throwIfAborted();
      const { from, time, agent, isCounted } = FACT_TABLES[population];
      const { joins, where } = planSelection(population, filter, scope, range, { task: true });
      const sql = `SELECT ${agent} AS agent, min(${time}) AS first, max(${time}) AS last FROM ${from} ${joins}
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
