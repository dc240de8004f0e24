/** Sums up the points of a day, some series at a time. */
import type { Database } from "better-sqlite3";
import { pointsOfEntries } from "../chunk/points.ts";
import { chunksOfDay, createChunkCache } from "../chunk/rows.ts";
import { nanoOfDay } from "../chunk/types.ts";
import { hasPlainPoints } from "../plain-rows.ts";
import { createSeriesIndex } from "../series-index.ts";
import type { SummaryRecord } from "../summary/encode.ts";
import { firstGap, insertSummaries, RESOLUTION_NUMBERS, type SeriesRange, summaryHeads } from "../summary/rows.ts";
import { createSummarizer } from "../summary/summarize.ts";
import { type Resolution, WIDTHS_NANO } from "../summary/types.ts";
import type { SeriesSettings } from "./settings.ts";
import { readStateRow } from "./state.ts";

/**
 * Sums up the next series of a day by hour and by day; as many as have about `maxChunkPoints` points. The transaction
 * only inserts; when the day has changed meanwhile nothing is done and the step is due again.
 * @returns whether the file changed.
 */
export function summarizeDay(database: Database, day: number, settings: SeriesSettings): boolean {
  const { generation, summed } = database.transaction(() => {
    const gap = firstGap(summaryHeads(database, "day", day, day));
    return {
      ...readStateRow(database),
      summed: gap && summarizeSeries(database, day, gap, settings.maxChunkPoints),
    };
  })();
  if (summed === undefined) return false;
  const { range, records } = summed;
  return database
    .transaction(() => {
      const isOutpaced = readStateRow(database).generation !== generation;
      if (isOutpaced || hasPlainPoints(database, nanoOfDay(day), nanoOfDay(day + 1))) return false;
      for (const resolution of ["hour", "day"] as const) {
        database
          .prepare(
            "DELETE FROM series_summary WHERE day = ? AND first_series <= ? AND last_series >= ? AND resolution = ?",
          )
          .run(day, range.last, range.first, RESOLUTION_NUMBERS[resolution]);
        insertSummaries(database, resolution, day, range, records[resolution]);
      }
      database.prepare("UPDATE series_state SET generation = generation + 1").run();
      return true;
    })
    .immediate();
}

function summarizeSeries(
  database: Database,
  day: number,
  gap: SeriesRange,
  maxPoints: number,
): { readonly range: SeriesRange; readonly records: Readonly<Record<Resolution, SummaryRecord[]>> } {
  const index = createSeriesIndex(database);
  const records: Record<Resolution, SummaryRecord[]> = { hour: [], day: [] };
  const heads = chunksOfDay(database, day);
  const cache = createChunkCache(database, heads.length);
  const chunks = heads.map((head) => cache.open(head, `summing up day ${day}`));
  const seriesIds = [...new Set(chunks.flatMap((chunk) => chunk.seriesIds))]
    .filter((id) => id >= gap.first && id <= gap.last)
    .toSorted((a, b) => a - b);
  let taken = 0;
  for (const [position, seriesId] of seriesIds.entries()) {
    if (taken >= maxPoints) return { range: { first: gap.first, last: seriesIds[position - 1] ?? seriesId }, records };
    const points = pointsOfEntries(
      day,
      chunks.flatMap((chunk) => chunk.entriesOf(seriesId)),
    );
    taken += points.length;
    const series = index.identityOf(seriesId);
    for (const resolution of ["hour", "day"] as const) {
      const summarizer = createSummarizer(series, WIDTHS_NANO[resolution]);
      for (const point of points) summarizer.add(point);
      for (const bucket of summarizer.buckets()) records[resolution].push({ seriesId, ...bucket });
    }
  }
  return { range: gap, records };
}
