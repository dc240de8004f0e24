/** What the series tables hold, as far as planning needs it. Reads heads and index entries, never points. */
import type { Database } from "better-sqlite3";
import { dayOfNano, nanoOfDay } from "../chunk/types.ts";
import { RESOLUTION_NUMBERS } from "../summary/rows.ts";
import type { Resolution } from "../summary/types.ts";

/** The state of the series, by UTC days since 1970-01-01. */
export interface SeriesState {
  /** The newest days with points up to today, newest first, at most two. */
  readonly newestDays: readonly number[];
  /** Days with plain points, oldest first; a long list is cut off. */
  readonly plainDays: readonly number[];
  /** Days with chunks, oldest first. */
  readonly chunkDays: readonly number[];
  /** Days with at least one summary, oldest first. */
  readonly summaryDays: Readonly<Record<Resolution, readonly number[]>>;
  /** Days with chunks whose daily summaries do not cover every series yet, oldest first. */
  readonly unsummarizedDays: readonly number[];
  /** Before this day the single points are gone. */
  readonly detailedFromDay: number;
}

/** The row of `series_state`. */
export interface SeriesStateRow {
  /** Rises with every step, so that a step notices that another process was faster. */
  readonly generation: number;
  readonly detailedFromDay: number;
  /** The time of the newest point in any chunk, nanoseconds since the Unix epoch. */
  readonly packedToNano: bigint;
}

const MAX_PLAIN_DAYS = 200;

/** @param nowMillis points of later days are left out of account: a clock that was wrong must not age the others. */
export function readSeriesState(database: Database, nowMillis: number): SeriesState {
  const days = (sql: string, ...values: number[]): number[] =>
    database
      .prepare<number[], number>(sql)
      .pluck()
      .all(...values);
  const summaries = "SELECT DISTINCT day FROM series_summary WHERE resolution = ? ORDER BY day";
  return {
    newestDays: newestDays(database, Math.floor(nowMillis / 86_400_000)),
    plainDays: plainDays(database),
    chunkDays: days("SELECT DISTINCT day FROM series_chunk ORDER BY day"),
    summaryDays: {
      hour: days(summaries, RESOLUTION_NUMBERS.hour),
      day: days(summaries, RESOLUTION_NUMBERS.day),
    },
    // The ranges of a day never overlap, so a day is complete exactly when their lengths add up to all numbers.
    unsummarizedDays: days(
      `SELECT day FROM (SELECT DISTINCT day FROM series_chunk) AS chunk
       WHERE COALESCE((SELECT sum(last_series - first_series + 1) FROM series_summary AS summary
         WHERE summary.resolution = ? AND summary.day = chunk.day), 0) <= ${Number.MAX_SAFE_INTEGER} ORDER BY day`,
      RESOLUTION_NUMBERS.day,
    ),
    detailedFromDay: readStateRow(database).detailedFromDay,
  };
}

export function readStateRow(database: Database): SeriesStateRow {
  return createStateRowReader(database)();
}

/** For who asks again and again. */
export function createStateRowReader(database: Database): () => SeriesStateRow {
  const select = database
    .prepare<[], { generation: bigint; detailed_from_day: bigint; packed_to_nano: bigint }>(
      "SELECT generation, detailed_from_day, packed_to_nano FROM series_state",
    )
    .safeIntegers(true);
  return () => {
    const row = select.get();
    if (row === undefined) throw new Error(`${database.name} has no state of its series. Restore a backup.`);
    return {
      generation: Number(row.generation),
      detailedFromDay: Number(row.detailed_from_day),
      packedToNano: row.packed_to_nano,
    };
  };
}

function newestDays(database: Database, today: number): number[] {
  const newestPlain = database
    .prepare<[bigint], bigint | null>("SELECT max(time_nano) FROM point WHERE time_nano < ?")
    .safeIntegers(true)
    .pluck();
  const newestChunk = database
    .prepare<[number], number | null>("SELECT max(day) FROM series_chunk WHERE day < ?")
    .pluck();
  const newestSummary = database
    .prepare<[number], number | null>(
      `SELECT max(day) FROM series_summary WHERE resolution = ${RESOLUTION_NUMBERS.day} AND day < ?`,
    )
    .pluck();
  const found: number[] = [];
  let before = today + 1;
  while (found.length < 2) {
    const plain = newestPlain.get(nanoOfDay(before)) ?? undefined;
    const candidates = [newestChunk.get(before), newestSummary.get(before), plain && dayOfNano(plain)];
    const known = candidates.filter((day) => typeof day === "number");
    if (known.length === 0) break;
    before = Math.max(...known);
    found.push(before);
  }
  return found;
}

/** One look-up per day: the rows lie in order of time. */
function plainDays(database: Database): number[] {
  const next = database
    .prepare<[bigint], bigint | null>("SELECT min(time_nano) FROM point WHERE time_nano >= ?")
    .safeIntegers(true)
    .pluck();
  const days: number[] = [];
  let from = -(2n ** 63n);
  while (days.length < MAX_PLAIN_DAYS) {
    const time = next.get(from) ?? undefined;
    if (time === undefined) break;
    const day = dayOfNano(time);
    days.push(day);
    from = nanoOfDay(day + 1);
    if (from >= 2n ** 63n) break;
  }
  return days;
}
