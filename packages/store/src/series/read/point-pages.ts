/** Single points in order of time, from plain rows and chunks alike. */
import type { Database } from "better-sqlite3";
import { pointsOfEntries, pointValueOf } from "../chunk/points.ts";
import { type ChunkCache, type ChunkHead, chunksBetween } from "../chunk/rows.ts";
import { dayOfNano, nanoOfDay } from "../chunk/types.ts";
import { type PointPlace, plainPointsBehind } from "../plain-rows.ts";
import type { SeriesPoint } from "../types.ts";

/** A point with the number of its series. */
export interface NumberedPoint {
  readonly seriesId: number;
  readonly point: SeriesPoint;
}

/** What to read. */
export interface PointRange {
  readonly metric: string;
  readonly seriesIds: readonly number[];
  /** Only points behind this place. */
  readonly after: PointPlace;
  readonly toNano: bigint;
  readonly limit: number;
}

export const EARLIEST_NANO = -(2n ** 63n);
export const LATEST_NANO = 2n ** 63n - 1n;

/** Before every point of a time. */
export function placeBefore(timeNano: bigint): PointPlace {
  return { timeNano, seriesId: -1, startNano: EARLIEST_NANO };
}

export function placeOf({ seriesId, point }: NumberedPoint): PointPlace {
  return { timeNano: point.timeUnixNano, seriesId, startNano: point.startTimeUnixNano };
}

/**
 * The first points of a range in order of time, series and start. To be called inside a transaction: a step of
 * maintenance between two of its reads would hide points.
 */
export function readPage(database: Database, chunks: ChunkCache, range: PointRange): NumberedPoint[] {
  const { after, toNano, limit } = range;
  const found: NumberedPoint[] = plainPointsBehind(database, range.seriesIds, after, toNano, limit).map(
    ({ seriesId, timeNano, startNano, value }) => ({
      seriesId,
      point: { startTimeUnixNano: startNano, timeUnixNano: timeNano, value: pointValueOf(value) },
    }),
  );
  const days = { from: dayOfNano(after.timeNano), to: dayOfNano(toNano) };
  for (const head of chunksBetween(database, after.timeNano, toNano, days)) {
    // Chunks come in order of their first point: once a page is full of earlier ones, the rest cannot be on it.
    const earlier = found.reduce((sum, { point }) => (point.timeUnixNano < head.minNano ? sum + 1 : sum), 0);
    if (earlier >= limit) break;
    for (const each of pointsOfChunk(chunks, head, range)) found.push(each);
  }
  return found.sort(compareNumbered).slice(0, limit);
}

function* pointsOfChunk(chunks: ChunkCache, head: ChunkHead, range: PointRange): Generator<NumberedPoint> {
  const { after, metric } = range;
  const opened = chunks.open(head, metric);
  const dayStart = nanoOfDay(head.day);
  const from = after.timeNano > dayStart ? after.timeNano : dayStart;
  const dayEnd = nanoOfDay(head.day + 1);
  const to = range.toNano < dayEnd ? range.toNano : dayEnd;
  for (const seriesId of range.seriesIds) {
    for (const point of pointsOfEntries(head.day, opened.entriesOf(seriesId), from, to)) {
      const each = { seriesId, point };
      if (comparePlaces(placeOf(each), after) > 0) yield each;
    }
  }
}

function compareNumbered(a: NumberedPoint, b: NumberedPoint): number {
  if (a.point.timeUnixNano !== b.point.timeUnixNano) return a.point.timeUnixNano < b.point.timeUnixNano ? -1 : 1;
  if (a.seriesId !== b.seriesId) return a.seriesId - b.seriesId;
  return a.point.startTimeUnixNano < b.point.startTimeUnixNano ? -1 : 1;
}

function comparePlaces(a: PointPlace, b: PointPlace): number {
  if (a.timeNano !== b.timeNano) return a.timeNano < b.timeNano ? -1 : 1;
  if (a.seriesId !== b.seriesId) return a.seriesId - b.seriesId;
  if (a.startNano === b.startNano) return 0;
  return a.startNano < b.startNano ? -1 : 1;
}
