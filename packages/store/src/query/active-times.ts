/**
 * Where facts lie that a filter by dimensions asks for, newest first: a page of a project that rested for a month need
 * not look at every fact of that month.
 */
import { QUARTER_HOUR_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import { dayOfQuarterHour, QUARTER_HOURS_A_DAY } from "../rollup/places.ts";
import { readRollups } from "../rollup/read-rollups.ts";
import type { QueryContext } from "./context.ts";
import { type Population, PRESENCE } from "./measures.ts";
import { intersect } from "./selection.ts";
import { readSpan } from "./span.ts";
import type { FactFilter } from "./types.ts";

/** Times in which facts may lie. */
export interface ActiveTimes {
  /**
   * The newest stretch that begins before a moment, cut off there; between the two lies none of the facts. Moments must
   * not ascend from one call to the next.
   * @param wanted the stretch need not hold more facts than this. Default: all of one piece.
   * @returns undefined when there is none.
   */
  before(millis: number, wanted?: number): TimeRange | undefined;
}

export interface ActiveTimesOptions {
  readonly population: Population;
  readonly filter: FactFilter;
  /** Nothing is asked for outside of it. */
  readonly range: TimeRange;
  /** The time of the newest fact of all before a moment, or a later one. */
  newestBefore(millis: number): number | undefined;
}

/** Most filters find enough in the newest hours, and looking there at once is quicker than asking where to look. */
const FIRST_LOOK_MILLIS = 6 * 3_600_000;
/** Days that are asked for together; grows while there is nothing in them. */
const FIRST_DAYS = 4;
const MAX_DAYS = 512;
/** Pieces that lie closer together are looked at as one. */
const MAX_GAP_MILLIS = 3_600_000;

/** @returns undefined when the filter has no dimension: then facts lie everywhere. */
export function createActiveTimes(context: QueryContext, options: ActiveTimesOptions): ActiveTimes | undefined {
  const { population, filter, newestBefore } = options;
  const { products, projects, agents } = filter;
  // Tasks have no model of their own.
  const models = population === "calls" ? filter.models : undefined;
  if ([products, projects, agents, models].every((names) => names === undefined)) return undefined;
  const kept = { startMillis: context.ledgerStartMillis() ?? 0, endMillis: Number.MAX_SAFE_INTEGER };
  const range = intersect(options.range, intersect(kept, readSpan(context) ?? { startMillis: 0, endMillis: 0 }));
  let quarterHours: Iterator<Activity> | undefined;
  let next: Activity | undefined;
  let last: TimeRange | undefined;

  const count = (edges: readonly number[]): Activity[] =>
    readRollups(context.database, {
      edges,
      timeZone: "UTC",
      filter: { products, projects, agents, models },
      groupBy: [],
      sums: PRESENCE[population],
      extremes: [],
      histograms: [],
    })
      .map(({ bucket, sums }) => ({ first: edges[bucket] ?? 0, facts: sums.reduce((all, sum) => all + sum, 0) }))
      .filter(({ facts }) => facts > 0)
      .reverse();

  function* findQuarterHours(endMillis: number): Generator<Activity, undefined> {
    const firstDay = dayOfQuarterHour(quarterHourOf(range.startMillis));
    let days = FIRST_DAYS;
    for (let behind = dayOfQuarterHour(quarterHourOf(endMillis - 1)) + 1; behind > firstDay; ) {
      const from = Math.max(firstDay, behind - days);
      for (const { first } of count(edgesEvery(QUARTER_HOURS_A_DAY, from * QUARTER_HOURS_A_DAY, behind - from))) {
        yield* count(edgesEvery(1, first, QUARTER_HOURS_A_DAY));
      }
      behind = from;
      days = Math.min(2 * days, MAX_DAYS);
    }
    return undefined;
  }

  const lookFirst = (millis: number): TimeRange | undefined => {
    const newest = millis <= range.startMillis ? undefined : newestBefore(millis);
    if (newest === undefined || newest < range.startMillis) return undefined;
    return { startMillis: Math.max(range.startMillis, newest - FIRST_LOOK_MILLIS), endMillis: millis };
  };

  const search = (millis: number, wanted: number): TimeRange | undefined => {
    quarterHours ??= findQuarterHours(millis);
    next ??= quarterHours.next().value;
    let found: TimeRange | undefined;
    let facts = 0;
    while (next !== undefined && facts < wanted) {
      const startMillis = next.first * QUARTER_HOUR_MILLIS;
      const endMillis = startMillis + QUARTER_HOUR_MILLIS;
      if (startMillis < millis) {
        if (found !== undefined && found.startMillis - endMillis > MAX_GAP_MILLIS) break;
        found = { startMillis, endMillis: found?.endMillis ?? Math.min(millis, endMillis) };
        facts += next.facts;
      }
      next = quarterHours.next().value;
    }
    return found && intersect(found, range);
  };

  return {
    before(millis, wanted = Number.POSITIVE_INFINITY) {
      if (last === undefined) last = lookFirst(millis);
      else if (millis > last.startMillis) last = { ...last, endMillis: Math.min(millis, last.endMillis) };
      else last = millis <= range.startMillis ? undefined : search(millis, wanted);
      return last;
    },
  };
}

/** A time in which something was done. */
interface Activity {
  /** First quarter hour. */
  readonly first: number;
  readonly facts: number;
}

function edgesEvery(step: number, first: number, steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, i) => first + i * step);
}
