/** Summaries as rows of `series_summary`: each holds neighbouring series of one UTC day at one resolution. */
import { crc32 } from "node:zlib";
import type { Database } from "better-sqlite3";
import { StoreError } from "../../errors.ts";
import { decodeSummaries, encodeSummaries, SUMMARY_CODEC, type SummaryRecord } from "./encode.ts";
import type { Resolution } from "./types.ts";

/** `series_summary.resolution`. */
export const RESOLUTION_NUMBERS: Readonly<Record<Resolution, number>> = { hour: 1, day: 2 };

/** Series numbers, both inclusive. */
export interface SeriesRange {
  readonly first: number;
  readonly last: number;
}

/** The highest series number that a range can reach: the last row of a day ends with it. */
const LAST_SERIES = Number.MAX_SAFE_INTEGER;

/** Which series a row of summaries holds, and where it lies. */
export interface SummaryHead extends SeriesRange {
  readonly id: number;
  readonly day: number;
}

export function insertSummaries(
  database: Database,
  resolution: Resolution,
  day: number,
  range: SeriesRange,
  records: readonly SummaryRecord[],
): void {
  const data = encodeSummaries(records);
  database
    .prepare(
      `INSERT INTO series_summary (resolution, day, first_series, last_series, codec, crc, data)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      RESOLUTION_NUMBERS[resolution],
      day,
      range.first,
      range.last,
      SUMMARY_CODEC,
      crcOf(resolution, day, range, SUMMARY_CODEC, data),
      data,
    );
}

/** Rows of summaries of the days from `from` to `to` (inclusive), in order of day and series. */
export function summaryHeads(database: Database, resolution: Resolution, from: number, to: number): SummaryHead[] {
  return database
    .prepare<[number, number, number], SummaryHead>(
      `SELECT id, day, first_series AS first, last_series AS last FROM series_summary
       WHERE resolution = ? AND day BETWEEN ? AND ? ORDER BY day, first_series`,
    )
    .all(RESOLUTION_NUMBERS[resolution], from, to);
}

/** @throws StoreError `damaged` that names the row and the day. */
export function readSummaries(database: Database, resolution: Resolution, head: SummaryHead): SummaryRecord[] {
  const row = database
    .prepare<[number], { codec: number; crc: number; data: Buffer }>(
      "SELECT codec, crc, data FROM series_summary WHERE id = ?",
    )
    .get(head.id);
  const where = `summary ${head.id} (${resolution}s of ${new Date(head.day * 86_400_000).toISOString().slice(0, 10)})`;
  if (row !== undefined && row.codec > SUMMARY_CODEC) {
    throw new StoreError("newer_version", `${database.name} has codec ${row.codec} in ${where}. Upgrade moai-metrics.`);
  }
  if (row === undefined || crcOf(resolution, head.day, head, row.codec, row.data) !== row.crc) {
    throw new StoreError(
      "damaged",
      `${database.name} is damaged: the checksum of ${where} of series ${head.first} to ${head.last} does not hold. ` +
        "Restore a backup, or read another range.",
    );
  }
  return decodeSummaries(row.data);
}

/** The first range of series that no row covers, or undefined when the day is complete. */
export function firstGap(heads: readonly SeriesRange[]): SeriesRange | undefined {
  let next = 0;
  for (const { first, last } of heads) {
    if (first > next) return { first: next, last: first - 1 };
    next = last + 1;
  }
  return next > LAST_SERIES ? undefined : { first: next, last: LAST_SERIES };
}

function crcOf(resolution: Resolution, day: number, { first, last }: SeriesRange, codec: number, data: Buffer): number {
  return crc32(data, crc32(`${codec} ${resolution} ${day} ${first} ${last}`));
}
