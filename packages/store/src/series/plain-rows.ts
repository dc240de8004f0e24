/** Rows of `point`: the newest points, and late ones, as they were received. */
import type { Database } from "better-sqlite3";
import type { StoredValue } from "./chunk/points.ts";
import { decodeDistribution } from "./value.ts";

/** A place in the order of time, series and start. */
export interface PointPlace {
  readonly timeNano: bigint;
  readonly seriesId: number;
  readonly startNano: bigint;
}

/** A plain point. */
export interface PlainPoint extends PointPlace {
  readonly value: StoredValue;
}

type Row = [timeNano: bigint, seriesId: bigint, startNano: bigint, value: bigint | number, distribution: string | null];

const COLUMNS = "time_nano, series_id, start_nano, value, distribution";
const ORDER = "ORDER BY time_nano, series_id, start_nano LIMIT ?";

/** The oldest `limit` plain points in [fromNano, toNano), in order of time, series and start. */
export function oldestPlainPoints(database: Database, fromNano: bigint, toNano: bigint, limit: number): PlainPoint[] {
  return database
    .prepare<[bigint, bigint, number], Row>(
      `SELECT ${COLUMNS} FROM point WHERE time_nano >= ? AND time_nano < ? ${ORDER}`,
    )
    .safeIntegers(true)
    .raw()
    .all(fromNano, toNano, limit)
    .map(plainPointOf);
}

/** Up to `limit` plain points of some series behind a place and before `toNano`, in order of time, series and start. */
export function plainPointsBehind(
  database: Database,
  seriesIds: readonly number[],
  { timeNano, seriesId, startNano }: PointPlace,
  toNano: bigint,
  limit: number,
): PlainPoint[] {
  return database
    .prepare<(bigint | number | string)[], Row>(
      `SELECT ${COLUMNS} FROM point WHERE (time_nano, series_id, start_nano) > (?, ?, ?) AND time_nano < ?
       AND series_id IN (SELECT value FROM json_each(?)) ${ORDER}`,
    )
    .safeIntegers(true)
    .raw()
    .all(timeNano, seriesId, startNano, toNano, JSON.stringify(seriesIds), limit)
    .map(plainPointOf);
}

/** Whether any plain point lies in [fromNano, toNano). */
export function hasPlainPoints(database: Database, fromNano: bigint, toNano: bigint): boolean {
  return (
    database
      .prepare<[bigint, bigint]>("SELECT 1 FROM point WHERE time_nano >= ? AND time_nano < ? LIMIT 1")
      .get(fromNano, toNano) !== undefined
  );
}

function plainPointOf([timeNano, seriesId, startNano, value, distribution]: Row): PlainPoint {
  return {
    timeNano,
    seriesId: Number(seriesId),
    startNano,
    value: distribution === null ? value : decodeDistribution(distribution),
  };
}
