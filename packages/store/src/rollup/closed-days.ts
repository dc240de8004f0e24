/** Which days are closed, per zone: each answer asks several times. */
import type { Database } from "better-sqlite3";
import type { OpenBlocks } from "./open-blocks.ts";

/** A closed day, as quarter hours. */
export interface ClosedDay {
  readonly first: number;
  /** Exclusive. */
  readonly behind: number;
}

/** Days of a zone that begin in a span of quarter hours, both ends included; ascending. */
export type ClosedDays = (zoneId: number, from: number, to: number) => readonly ClosedDay[];

const EVERY_DAY = [0, Number.MAX_SAFE_INTEGER] as const;

/** Days are remembered as long as blocks are: no day is closed or opened without a new generation. */
export function createClosedDays(database: Database, blocks: OpenBlocks): ClosedDays {
  const select = database.prepare<[number, number, number], ClosedDay>(
    `SELECT first_quarter_hour AS first, first_quarter_hour + quarter_hours AS behind FROM rollup_day
     WHERE zone_id = ? AND first_quarter_hour BETWEEN ? AND ? ORDER BY first_quarter_hour`,
  );
  const known = new Map<number, readonly ClosedDay[]>();
  let generation: number | undefined;

  return (zoneId, from, to) => {
    if (blocks.generation === undefined) return select.all(zoneId, from, to);
    if (blocks.generation !== generation) known.clear();
    generation = blocks.generation;
    let days = known.get(zoneId);
    if (days === undefined) {
      days = select.all(zoneId, ...EVERY_DAY);
      known.set(zoneId, days);
    }
    return days.slice(countBefore(days, from), countBefore(days, to + 1));
  };
}

/** How many days begin before a quarter hour. */
function countBefore(days: readonly ClosedDay[], quarterHour: number): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] as ClosedDay).first < quarterHour) low = middle + 1;
    else high = middle;
  }
  return low;
}
