/** Reads series: single points, hours and days, whatever tier they lie in. */
import type { Database } from "better-sqlite3";
import { createChunkCache } from "./chunk/rows.ts";
import { nanoOfDay } from "./chunk/types.ts";
import { encodeIdentity } from "./identity.ts";
import { readStateRow } from "./maintenance/state.ts";
import type { PointPlace } from "./plain-rows.ts";
import { EARLIEST_NANO, LATEST_NANO, type NumberedPoint, placeBefore, placeOf, readPage } from "./read/point-pages.ts";
import { bucketsOfDay, daysWithPoints, type SummaryRange } from "./read/summary-pages.ts";
import type { PointPage, PointQuestion, SummaryPage, SummaryQuestion } from "./read/types.ts";
import { createSeriesIndex, type NumberedSeries } from "./series-index.ts";
import type { SummaryBucket } from "./summary/summarize.ts";
import { WIDTHS_NANO } from "./summary/types.ts";
import type { SeriesPoint, StoredSeries } from "./types.ts";

/** Answers questions about points. Each call sees one state of the file and holds it only while it runs. */
export interface PointReader {
  /**
   * Single points in order of time, page by page. Late points, compression and other processes change no page that
   * lies before them.
   * @throws RangeError for a limit or cursor that cannot be; StoreError `damaged` that names chunk and metric.
   */
  points(question: PointQuestion): PointPage;
  /** Hourly or daily points; a page ends with a whole day. @throws as `points`, also for an edge inside a bucket. */
  summaries(question: SummaryQuestion): SummaryPage;
  /** All pages, one after the other; memory stays bounded and between two pages nothing is held. */
  iterate(question: PointQuestion): Generator<PointPage, void, undefined>;
}

const DEFAULT_LIMIT = 1000;
const ITERATED_LIMIT = 16_384;
const MAX_OPEN_CHUNKS = 8;

export function createPointReader(database: Database): PointReader {
  const index = createSeriesIndex(database);
  const chunks = createChunkCache(database, MAX_OPEN_CHUNKS);

  const points = (question: PointQuestion): PointPage => {
    const { detailedFromDay } = readStateRow(database);
    const keptFrom = nanoOfDay(detailedFromDay);
    const isAllKept = keptFrom < EARLIEST_NANO;
    const { fromNano = EARLIEST_NANO, toNano = LATEST_NANO, limit = DEFAULT_LIMIT } = question;
    requireLimit(limit);
    const series = index.find(question);
    const earliest = isAllKept || fromNano > keptFrom ? fromNano : keptFrom;
    const page = readPage(database, chunks, {
      metric: question.metric,
      seriesIds: series.map(({ id }) => id),
      after: question.cursor === undefined ? placeBefore(earliest) : placeFromCursor(question.cursor),
      toNano,
      limit,
    });
    const last = page.at(-1);
    return {
      series: grouped(series, page),
      cursor: last === undefined || page.length < limit ? undefined : cursorOf(placeOf(last)),
      keptFromNano: isAllKept ? undefined : keptFrom,
    };
  };

  const summaries = (question: SummaryQuestion): SummaryPage => {
    const { metric, resolution, cursor, limit = DEFAULT_LIMIT } = question;
    requireLimit(limit);
    requireEdges(question);
    const series = index.find(question);
    const range: SummaryRange = {
      metric,
      resolution,
      series,
      fromNano: question.fromNano ?? EARLIEST_NANO,
      toNano: question.toNano ?? LATEST_NANO,
      detailedFromDay: readStateRow(database).detailedFromDay,
    };
    const from = cursor === undefined ? range.fromNano : placeFromCursor(cursor).timeNano;
    const days = daysWithPoints(database, { ...range, fromNano: from });
    const bySeries = new Map<number, SummaryBucket[]>();
    let taken = 0;
    let next: number | undefined;
    for (const day of days) {
      if (taken >= limit) {
        next = day;
        break;
      }
      for (const [id, buckets] of bucketsOfDay(database, chunks, day, range)) {
        bySeries.set(id, [...(bySeries.get(id) ?? []), ...buckets]);
        taken += buckets.length;
      }
    }
    return {
      resolution,
      series: series.flatMap(({ id, identity }) => {
        const buckets = bySeries.get(id);
        return buckets === undefined ? [] : [{ identity, buckets }];
      }),
      cursor: next === undefined ? undefined : cursorOf(placeBefore(nanoOfDay(next))),
    };
  };

  const reader: PointReader = {
    points: (question) => database.transaction(points)(question),
    summaries: (question) => database.transaction(summaries)(question),
    *iterate(question) {
      let { cursor } = question;
      do {
        const page = reader.points({ ...question, limit: question.limit ?? ITERATED_LIMIT, cursor });
        cursor = page.cursor;
        yield page;
      } while (cursor !== undefined);
    },
  };
  return Object.freeze(reader);
}

/** Every series of a metric with its points, oldest first. */
export function readPoints(reader: PointReader, metric: string): StoredSeries[] {
  const bySeries = new Map<string, { readonly identity: StoredSeries["identity"]; readonly points: SeriesPoint[] }>();
  for (const page of reader.iterate({ metric })) {
    for (const { identity, points } of page.series) {
      const key = encodeIdentity(identity);
      const known = bySeries.get(key);
      if (known === undefined) bySeries.set(key, { identity, points: [...points] });
      else for (const point of points) known.points.push(point);
    }
  }
  return [...bySeries.values()];
}

function grouped(series: readonly NumberedSeries[], page: readonly NumberedPoint[]): StoredSeries[] {
  const points = Map.groupBy(page, ({ seriesId }) => seriesId);
  return series.flatMap(({ id, identity }) => {
    const own = points.get(id);
    return own === undefined ? [] : [{ identity, points: own.map(({ point }) => point) }];
  });
}

function cursorOf({ timeNano, seriesId, startNano }: PointPlace): string {
  return `${timeNano}.${seriesId}.${startNano}`;
}

function placeFromCursor(cursor: string): PointPlace {
  const [, time, seriesId, start] = /^(-?\d{1,19})\.(-?\d{1,16})\.(-?\d{1,19})$/.exec(cursor) ?? [];
  if (time === undefined || seriesId === undefined || start === undefined) {
    throw new RangeError(`The cursor "${cursor}" is not one of a page of points. Ask for the first page without one.`);
  }
  return { timeNano: BigInt(time), seriesId: Number(seriesId), startNano: BigInt(start) };
}

function requireLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RangeError(`limit is ${limit}. Give a whole number of points from 1 on.`);
  }
}

function requireEdges({ resolution, fromNano, toNano }: SummaryQuestion): void {
  for (const [name, edge] of Object.entries({ fromNano, toNano })) {
    if (edge !== undefined && edge % WIDTHS_NANO[resolution] !== 0n) {
      throw new RangeError(
        `${name} is ${edge}, inside a UTC ${resolution}. Give a full ${resolution}, or ask for points.`,
      );
    }
  }
}
