/** Chunks as rows of `series_chunk`: their blob is read only when its CRC holds. */
import { crc32 } from "node:zlib";
import type { Database } from "better-sqlite3";
import { StoreError } from "../../errors.ts";
import { type OpenChunk, openChunk } from "./decode.ts";
import { encodeChunk } from "./encode.ts";
import { CHUNK_CODEC, type ChunkEntry, nanoOfDay } from "./types.ts";

/** A chunk without its points. Times are nanoseconds since the Unix epoch. */
export interface ChunkHead {
  readonly id: number;
  readonly day: number;
  readonly minNano: bigint;
  readonly maxNano: bigint;
  readonly points: number;
}

/** A chunk that is ready to be inserted. */
export interface NewChunk extends Omit<ChunkHead, "id"> {
  readonly codec: number;
  readonly crc: number;
  readonly data: Buffer;
}

interface ChunkRow {
  readonly id: bigint;
  readonly day: bigint;
  readonly min_nano: bigint;
  readonly max_nano: bigint;
  readonly points: bigint;
}

const HEAD_COLUMNS = "id, day, min_nano, max_nano, points";

/** Encodes entries that all lie in one UTC day. */
export function makeChunk(day: number, entries: readonly ChunkEntry[]): NewChunk {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let points = 0;
  for (const { times } of entries) {
    min = Math.min(min, times[0] ?? min);
    max = Math.max(max, times.at(-1) ?? max);
    points += times.length;
  }
  const head = { day, minNano: nanoOfDay(day) + BigInt(min), maxNano: nanoOfDay(day) + BigInt(max), points };
  const data = encodeChunk(day, entries);
  return { ...head, codec: CHUNK_CODEC, crc: crcOf(head, CHUNK_CODEC, data), data };
}

export function insertChunk(database: Database, { day, minNano, maxNano, points, codec, crc, data }: NewChunk): void {
  database
    .prepare(
      "INSERT INTO series_chunk (day, min_nano, max_nano, points, codec, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .run(day, minNano, maxNano, points, codec, crc, data);
}

/** Chunks of a UTC day, those with the earliest points first. */
export function chunksOfDay(database: Database, day: number): ChunkHead[] {
  return database
    .prepare<[number], ChunkRow>(`SELECT ${HEAD_COLUMNS} FROM series_chunk WHERE day = ? ORDER BY min_nano, id`)
    .safeIntegers(true)
    .all(day)
    .map(headOf);
}

/**
 * Chunks of the days from `fromDay` to `toDay` (inclusive) that reach into [fromNano, toNano).
 */
export function chunksBetween(database: Database, fromNano: bigint, toNano: bigint, days: DayRange): ChunkHead[] {
  return database
    .prepare<[number, number, bigint, bigint], ChunkRow>(
      `SELECT ${HEAD_COLUMNS} FROM series_chunk
       WHERE day BETWEEN ? AND ? AND max_nano >= ? AND min_nano < ? ORDER BY min_nano, id`,
    )
    .safeIntegers(true)
    .all(days.from, days.to, fromNano, toNano)
    .map(headOf);
}

/** Days since 1970-01-01, both inclusive. */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

/** Keeps the chunks that were opened last; a chunk never changes and its number is never used again. */
export interface ChunkCache {
  /**
   * @param wanted what is being read, for the message.
   * @throws StoreError `damaged` that names the chunk and what was to be read from it.
   */
  open(head: ChunkHead, wanted: string): OpenChunk;
}

const MAX_OPEN_CHUNKS = 4;

export function createChunkCache(database: Database, maxChunks: number = MAX_OPEN_CHUNKS): ChunkCache {
  const select = database.prepare<[number], { codec: number; crc: number; data: Buffer }>(
    "SELECT codec, crc, data FROM series_chunk WHERE id = ?",
  );
  const opened = new Map<number, OpenChunk>();
  return {
    open(head, wanted) {
      const known = opened.get(head.id);
      opened.delete(head.id);
      const chunk = known ?? openRow(head, select.get(head.id), wanted, database.name);
      opened.set(head.id, chunk);
      const [oldest] = opened.keys();
      if (opened.size > maxChunks && oldest !== undefined) opened.delete(oldest);
      return chunk;
    },
  };
}

/** @throws StoreError `damaged`. */
function openRow(
  head: ChunkHead,
  row: { codec: number; crc: number; data: Buffer } | undefined,
  wanted: string,
  path: string,
): OpenChunk {
  const where = `chunk ${head.id} (${new Date(head.day * 86_400_000).toISOString().slice(0, 10)}) for ${wanted}`;
  if (row === undefined) throw new StoreError("damaged", `${path} has lost ${where}. Restore a backup.`);
  if (row.codec > CHUNK_CODEC) {
    throw new StoreError("newer_version", `${path} has codec ${row.codec} in ${where}. Upgrade moai-metrics.`);
  }
  if (row.codec !== CHUNK_CODEC || crcOf(head, row.codec, row.data) !== row.crc) {
    throw new StoreError(
      "damaged",
      `${path} is damaged: the checksum of ${where} does not hold. Restore a backup, or read another range.`,
    );
  }
  return openChunk(head.day, row.data);
}

/** Covers the columns beside the blob, too: a chunk with a changed day would give wrong times. */
function crcOf({ day, minNano, maxNano, points }: Omit<ChunkHead, "id">, codec: number, data: Buffer): number {
  return crc32(data, crc32(`${codec} ${day} ${minNano} ${maxNano} ${points}`));
}

function headOf(row: ChunkRow): ChunkHead {
  return {
    id: Number(row.id),
    day: Number(row.day),
    minNano: row.min_nano,
    maxNano: row.max_nano,
    points: Number(row.points),
  };
}
