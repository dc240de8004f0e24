/** Writes data points: one transaction, each point once. */
import type { Database } from "better-sqlite3";
import { encodeIdentity } from "./identity.ts";
import type { PointBatch, PointWriteResult, SeriesIdentity } from "./types.ts";
import { encodeValue, refusalOfValue } from "./value.ts";

export interface PointWriter {
  write(batch: PointBatch): PointWriteResult;
}

const MAX_REMEMBERED = 20_000;

export function createPointWriter(database: Database): PointWriter {
  const findSeries = database.prepare<[string], number>("SELECT id FROM series WHERE identity = ?").pluck();
  const insertSeries = database.prepare<[string]>("INSERT INTO series (identity) VALUES (?)");
  const insertPoint = database.prepare<(number | bigint | string | null)[]>(
    `INSERT INTO point (time_nano, series_id, start_nano, value, distribution) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const seriesIds = new Map<string, number>();
  // An exporter hands in the same object for a series again and again; making its text each time would be the most
  // expensive part.
  let idsOfObjects = new WeakMap<SeriesIdentity, number>();

  const seriesIdOf = (identity: SeriesIdentity): number => {
    const known = idsOfObjects.get(identity);
    if (known !== undefined) return known;
    const text = encodeIdentity(identity);
    const id = seriesIds.get(text) ?? findSeries.get(text) ?? Number(insertSeries.run(text).lastInsertRowid);
    if (seriesIds.size >= MAX_REMEMBERED) seriesIds.clear();
    seriesIds.set(text, id);
    idsOfObjects.set(identity, id);
    return id;
  };

  const writeBatch = database.transaction((batch: PointBatch): PointWriteResult => {
    let inserted = 0;
    let repeated = 0;
    const refused: Record<string, number> = {};
    for (const { identity, points } of batch.series) {
      const seriesId = seriesIdOf(identity);
      for (const point of points) {
        const refusal = refusalOfValue(point.value);
        if (refusal !== undefined) {
          refused[refusal] = (refused[refusal] ?? 0) + 1;
          continue;
        }
        const { value, distribution } = encodeValue(point.value, identity.valueType);
        const { changes } = insertPoint.run(point.timeUnixNano, seriesId, point.startTimeUnixNano, value, distribution);
        if (changes === 1) inserted += 1;
        else repeated += 1;
      }
    }
    return { inserted, repeated, refused };
  });

  return {
    write(batch) {
      try {
        return writeBatch.immediate(batch);
      } catch (error) {
        seriesIds.clear();
        idsOfObjects = new WeakMap();
        throw error;
      }
    },
  };
}
