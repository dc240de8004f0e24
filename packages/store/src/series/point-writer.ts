/** Writes data points: one transaction, each point once. */
import type { Database, Statement } from "better-sqlite3";
import { encodeIdentity, refusalOfIdentity } from "./identity.ts";
import { createLatePoints } from "./late-points.ts";
import type { PointBatch, PointWriteResult, SeriesIdentity } from "./types.ts";
import { encodeValue, refusalOfValue } from "./value.ts";

export interface PointWriter {
  write(batch: PointBatch): PointWriteResult;
}

type Bound = number | bigint | string | null;

const MAX_REMEMBERED = 20_000;
/** Rows of one statement. More gain little: binding values is what is left of the time. */
const ROWS_AT_ONCE = 64;
/** What is left of a batch is written in a few statements, too: many small requests make small batches. */
const ROWS_OF_REST = 8;
const COLUMN_COUNT = 5;
const MAX_TIME = 2n ** 63n - 1n;

export function createPointWriter(database: Database): PointWriter {
  const findSeries = database.prepare<[string], number>("SELECT id FROM series WHERE identity = ?").pluck();
  const insertSeries = database.prepare<[string]>("INSERT INTO series (identity) VALUES (?)");
  const insertOne = prepareInsert(database, 1);
  const insertSome = prepareInsert(database, ROWS_OF_REST);
  const insertMany = prepareInsert(database, ROWS_AT_ONCE);
  const latePoints = createLatePoints(database);
  const seriesIds = new Map<string, number>();
  // An exporter hands in the same object for a series again and again; making its text each time would be the most
  // expensive part.
  let idsOfObjects = new WeakMap<SeriesIdentity, number>();

  /** The number of a series, or why it cannot have one. */
  const seriesIdOf = (identity: SeriesIdentity): number | string => {
    const known = idsOfObjects.get(identity);
    if (known !== undefined) return known;
    const refusal = refusalOfIdentity(identity);
    if (refusal !== undefined) return refusal;
    const text = encodeIdentity(identity);
    const id = seriesIds.get(text) ?? findSeries.get(text) ?? Number(insertSeries.run(text).lastInsertRowid);
    if (seriesIds.size >= MAX_REMEMBERED) seriesIds.clear();
    seriesIds.set(text, id);
    idsOfObjects.set(identity, id);
    return id;
  };

  const writeBatch = database.transaction((batch: PointBatch): PointWriteResult => {
    let inserted = 0;
    let accepted = 0;
    let repeated = 0;
    const refused: Record<string, number> = {};
    const late = latePoints.begin();
    let rows: Bound[] = [];
    const flush = (): void => {
      let at = 0;
      const insert = (statement: Statement<[readonly Bound[]]>, count: number): void => {
        for (const width = count * COLUMN_COUNT; rows.length - at >= width; at += width) {
          inserted += statement.run(rows.slice(at, at + width)).changes;
        }
      };
      insert(insertMany, ROWS_AT_ONCE);
      insert(insertSome, ROWS_OF_REST);
      insert(insertOne, 1);
      rows = [];
    };
    for (const { identity, points } of batch.series) {
      const seriesId = seriesIdOf(identity);
      if (typeof seriesId === "string") {
        if (points.length > 0) refused[seriesId] = (refused[seriesId] ?? 0) + points.length;
        continue;
      }
      for (const { timeUnixNano, startTimeUnixNano, value } of points) {
        const refusal =
          refusalOfTimes(timeUnixNano, startTimeUnixNano) ??
          refusalOfValue(value, identity.kind) ??
          late.refusal(timeUnixNano);
        if (refusal !== undefined) {
          refused[refusal] = (refused[refusal] ?? 0) + 1;
        } else if (late.isKnown(seriesId, timeUnixNano, startTimeUnixNano)) {
          repeated += 1;
        } else {
          const columns = encodeValue(value, identity.valueType);
          rows.push(timeUnixNano, seriesId, startTimeUnixNano, columns.value, columns.distribution);
          accepted += 1;
          if (rows.length === ROWS_AT_ONCE * COLUMN_COUNT) flush();
        }
      }
    }
    flush();
    return { inserted, repeated: repeated + accepted - inserted, refused };
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

function prepareInsert(database: Database, rows: number): Statement<[readonly Bound[]]> {
  const placeholders = new Array<string>(rows).fill("(?, ?, ?, ?, ?)").join(", ");
  return database.prepare<[readonly Bound[]]>(
    `INSERT INTO point (time_nano, series_id, start_nano, value, distribution) VALUES ${placeholders}
     ON CONFLICT DO NOTHING`,
  );
}

function refusalOfTimes(time: bigint, start: bigint): string | undefined {
  const isBeyond = time > MAX_TIME || start > MAX_TIME || time < -MAX_TIME - 1n || start < -MAX_TIME - 1n;
  return isBeyond ? "time beyond 64 bits" : undefined;
}
