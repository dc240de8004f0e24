/** Moves plain points of a day into a chunk. */
import type { Database } from "better-sqlite3";
import { createEntryBuilder } from "../chunk/points.ts";
import { type ChunkHead, chunksOfDay, createChunkCache, insertChunk, makeChunk, type NewChunk } from "../chunk/rows.ts";
import { nanoOfDay } from "../chunk/types.ts";
import { oldestPlainPoints, type PlainPoint } from "../plain-rows.ts";
import type { SeriesSettings } from "./settings.ts";
import { readStateRow } from "./state.ts";

/** What a step does to the file, worked out while the file is free. */
interface Packing {
  readonly chunk: NewChunk;
  /** The chunk that the new one replaces. */
  readonly replaced: ChunkHead | undefined;
  readonly from: PlainPoint;
  readonly to: PlainPoint;
  readonly taken: number;
  readonly seriesIds: readonly number[];
}

/**
 * Takes the oldest plain points of a day out of their rows and puts them into a chunk, in one transaction. Reading and
 * encoding come before it; when the rows have changed meanwhile nothing is done and the step is simply due again.
 * @returns whether the file changed.
 */
export function packDay(database: Database, day: number, settings: SeriesSettings): boolean {
  const { generation, packing } = database.transaction(() => ({
    ...readStateRow(database),
    packing: preparePacking(database, day, settings),
  }))();
  if (packing === undefined) return false;
  const { from, to, taken, chunk, replaced, seriesIds } = packing;
  const remove = database.prepare<(bigint | number)[]>(
    `DELETE FROM point WHERE (time_nano, series_id, start_nano) >= (?, ?, ?)
     AND (time_nano, series_id, start_nano) <= (?, ?, ?)`,
  );
  const dropSummaries = database.prepare<[number, number]>(
    "DELETE FROM series_summary WHERE day = ? AND ? BETWEEN first_series AND last_series",
  );
  class Outpaced extends Error {}
  try {
    database
      .transaction(() => {
        const state = readStateRow(database);
        const { changes } = remove.run(
          from.timeNano,
          from.seriesId,
          from.startNano,
          to.timeNano,
          to.seriesId,
          to.startNano,
        );
        // Rows are only ever added, except by steps: equal generation and equal number mean the very same rows.
        if (state.generation !== generation || changes !== taken) throw new Outpaced();
        if (replaced !== undefined) database.prepare("DELETE FROM series_chunk WHERE id = ?").run(replaced.id);
        insertChunk(database, chunk);
        for (const seriesId of seriesIds) dropSummaries.run(day, seriesId);
        const packedTo = chunk.maxNano > state.packedToNano ? chunk.maxNano : state.packedToNano;
        database.prepare("UPDATE series_state SET generation = generation + 1, packed_to_nano = ?").run(packedTo);
      })
      .immediate();
    return true;
  } catch (error) {
    if (error instanceof Outpaced) return false;
    throw error;
  }
}

function preparePacking(database: Database, day: number, settings: SeriesSettings): Packing | undefined {
  const { maxStepPoints, maxChunkPoints } = settings;
  const points = wholeTimes(
    oldestPlainPoints(database, nanoOfDay(day), nanoOfDay(day + 1), maxStepPoints),
    maxStepPoints,
  );
  const [from] = points;
  const to = points.at(-1);
  if (from === undefined || to === undefined) return undefined;
  const builder = createEntryBuilder(day);
  // Chunks of one day grow together, so that a trickle of late points does not leave a trail of tiny ones.
  const replaced = chunksOfDay(database, day)
    .filter((chunk) => chunk.points + points.length <= maxChunkPoints)
    .toSorted((a, b) => a.points - b.points)[0];
  if (replaced !== undefined) {
    const opened = createChunkCache(database).open(replaced, `compressing day ${day}`);
    for (const seriesId of opened.seriesIds) for (const entry of opened.entriesOf(seriesId)) builder.addEntry(entry);
  }
  const seriesIds = new Set<number>();
  for (const { timeNano, seriesId, startNano, value } of points) {
    builder.add(seriesId, timeNano, startNano, value);
    seriesIds.add(seriesId);
  }
  return {
    chunk: makeChunk(day, builder.entries()),
    replaced,
    from,
    to,
    taken: points.length,
    seriesIds: [...seriesIds],
  };
}

/** Leaves the last time to the next step when it may be cut: series collected together then share their times. */
function wholeTimes(points: PlainPoint[], limit: number): PlainPoint[] {
  const last = points.at(-1);
  if (points.length < limit || last === undefined || points[0]?.timeNano === last.timeNano) return points;
  return points.slice(
    0,
    points.findIndex(({ timeNano }) => timeNano === last.timeNano),
  );
}
