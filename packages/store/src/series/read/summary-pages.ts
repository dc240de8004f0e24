/** Hourly and daily points: from the summaries where those are complete, else from single points. */
import type { Database } from "better-sqlite3";
import type { ChunkCache } from "../chunk/rows.ts";
import { dayOfNano, nanoOfDay } from "../chunk/types.ts";
import { hasPlainPoints } from "../plain-rows.ts";
import type { NumberedSeries } from "../series-index.ts";
import { readSummaries, type SummaryHead, summaryHeads } from "../summary/rows.ts";
import { createSummarizer, type SummaryBucket } from "../summary/summarize.ts";
import { type Resolution, WIDTHS_NANO } from "../summary/types.ts";
import { placeBefore, placeOf, readPage } from "./point-pages.ts";

/** What to read. */
export interface SummaryRange {
  readonly metric: string;
  readonly resolution: Resolution;
  readonly series: readonly NumberedSeries[];
  readonly fromNano: bigint;
  readonly toNano: bigint;
  /** Days before it have no single points any more. */
  readonly detailedFromDay: number;
}

/** Buckets by the number of their series, oldest first. */
export type BucketsBySeries = ReadonlyMap<number, readonly SummaryBucket[]>;

const POINTS_AT_ONCE = 16_384;

/** Days of a range that hold anything, oldest first. */
export function daysWithPoints(database: Database, { resolution, fromNano, toNano }: SummaryRange): number[] {
  const [from, to] = [dayOfNano(fromNano), dayOfNano(toNano - 1n)];
  const days = new Set(summaryHeads(database, resolution, from, to).map(({ day }) => day));
  const chunkDays = database
    .prepare<[number, number], number>("SELECT DISTINCT day FROM series_chunk WHERE day BETWEEN ? AND ?")
    .pluck();
  for (const day of chunkDays.all(from, to)) days.add(day);
  const nextPlain = database
    .prepare<[bigint, bigint], bigint | null>("SELECT min(time_nano) FROM point WHERE time_nano >= ? AND time_nano < ?")
    .safeIntegers(true)
    .pluck();
  for (let next = nextPlain.get(fromNano, toNano); typeof next === "bigint"; ) {
    const day = dayOfNano(next);
    days.add(day);
    if (nanoOfDay(day + 1) >= toNano) break;
    next = nextPlain.get(nanoOfDay(day + 1), toNano);
  }
  return [...days].toSorted((a, b) => a - b);
}

/** The buckets of a day. To be called inside a transaction. */
export function bucketsOfDay(
  database: Database,
  chunks: ChunkCache,
  day: number,
  range: SummaryRange,
): BucketsBySeries {
  const { series, resolution, detailedFromDay } = range;
  const heads = summaryHeads(database, resolution, day, day);
  const isSettled = day < detailedFromDay || !hasPlainPoints(database, nanoOfDay(day), nanoOfDay(day + 1));
  const isCovered = ({ id }: NumberedSeries): boolean =>
    isSettled && heads.some(({ first, last }) => id >= first && id <= last);
  const covered = series.filter(isCovered);
  const rest = day < detailedFromDay ? [] : series.filter((each) => !isCovered(each));
  const found = new Map<number, SummaryBucket[]>();
  readCovered(database, heads, range, new Set(covered.map(({ id }) => id)), found);
  sumUp(database, chunks, day, { ...range, series: rest }, found);
  return found;
}

function readCovered(
  database: Database,
  heads: readonly SummaryHead[],
  { resolution, fromNano, toNano }: SummaryRange,
  seriesIds: ReadonlySet<number>,
  found: Map<number, SummaryBucket[]>,
): void {
  const ids = [...seriesIds];
  for (const head of heads) {
    if (!ids.some((id) => id >= head.first && id <= head.last)) continue;
    for (const { seriesId, fromNano: at, summary } of readSummaries(database, resolution, head)) {
      if (!seriesIds.has(seriesId) || at < fromNano || at >= toNano) continue;
      const buckets = found.get(seriesId);
      if (buckets === undefined) found.set(seriesId, [{ fromNano: at, summary }]);
      else buckets.push({ fromNano: at, summary });
    }
  }
  for (const buckets of found.values()) buckets.sort((a, b) => (a.fromNano < b.fromNano ? -1 : 1));
}

function sumUp(
  database: Database,
  chunks: ChunkCache,
  day: number,
  { series, metric, resolution, fromNano, toNano }: SummaryRange,
  found: Map<number, readonly SummaryBucket[]>,
): void {
  if (series.length === 0) return;
  const [dayStart, dayEnd] = [nanoOfDay(day), nanoOfDay(day + 1)];
  const to = toNano < dayEnd ? toNano : dayEnd;
  const summarizers = new Map(
    series.map(({ id, identity }) => [id, createSummarizer(identity, WIDTHS_NANO[resolution])] as const),
  );
  const seriesIds = series.map(({ id }) => id);
  let after = placeBefore(fromNano > dayStart ? fromNano : dayStart);
  for (;;) {
    const page = readPage(database, chunks, { metric, seriesIds, after, toNano: to, limit: POINTS_AT_ONCE });
    for (const { seriesId, point } of page) summarizers.get(seriesId)?.add(point);
    const last = page.at(-1);
    if (last === undefined || page.length < POINTS_AT_ONCE) break;
    after = placeOf(last);
  }
  for (const [id, summarizer] of summarizers) {
    const buckets = summarizer.buckets();
    if (buckets.length > 0) found.set(id, buckets);
  }
}
