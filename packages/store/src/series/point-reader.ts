/** Reads series and their points. */
import type { Database } from "better-sqlite3";
import { decodeIdentity } from "./identity.ts";
import type { SeriesPoint, StoredSeries } from "./types.ts";
import { decodeValue } from "./value.ts";

interface PointRow {
  readonly time_nano: bigint;
  readonly start_nano: bigint;
  readonly value: number | bigint | null;
  readonly distribution: string | null;
}

/** Every series of a metric, in the order in which they first appeared, with its points, oldest first. */
export function readPoints(database: Database, metric: string): StoredSeries[] {
  const series = database
    .prepare<[string], { id: number; identity: string }>(
      "SELECT id, identity FROM series WHERE identity ->> 0 = ? ORDER BY id",
    )
    .all(metric);
  const select = database
    .prepare<[number], PointRow>(
      "SELECT time_nano, start_nano, value, distribution FROM point WHERE series_id = ? ORDER BY time_nano, start_nano",
    )
    .safeIntegers(true);
  return series.map(({ id, identity }) => ({
    identity: decodeIdentity(identity),
    points: select.all(id).map(
      (row): SeriesPoint => ({
        startTimeUnixNano: row.start_nano,
        timeUnixNano: row.time_nano,
        value: decodeValue(row),
      }),
    ),
  }));
}
