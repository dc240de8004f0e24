/** Blocks in the file: which columns lie in which row, and their checksums. */
import { crc32 } from "node:zlib";
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { isHistogramColumn, topicOf } from "./block-columns.ts";
import type { Block, ColumnBytes } from "./block-keys.ts";
import { ByteReader, createByteWriter } from "./bytes.ts";
import { LEVEL_QUARTER_HOUR_MARGINS, LEVEL_QUARTER_HOURS, partId } from "./places.ts";

/** The encoding described in docs/format/rollups.md. */
const CODEC = 2;
/** The same with zstd frames instead of planes of bits. */
const FRAMED_CODEC = 1;

/** Part of a block that holds the keys and, where columns do not have a row each, everything but the histograms. */
const SUMS_PART = 0;
const MAX_PART = 63;

/** Blocks of one connection. */
export interface BlockFiles {
  /**
   * The wanted columns of a block that is closed, as far as it has them.
   * @throws RangeError when a row is damaged or missing.
   */
  read(level: number, firstQuarterHour: number, columns: readonly number[]): Block;
  /** The same of a block that may not be there. */
  find(level: number, firstQuarterHour: number, columns: readonly number[]): Block | undefined;
  /**
   * The row that holds the keys and sums of a whole day that is closed; undefined where it has frames.
   * @throws RangeError when the row is damaged or missing.
   */
  readDay(level: number, firstQuarterHour: number): Uint8Array | undefined;
  /** Every column of a block; undefined when the day is not closed. */
  readAll(level: number, firstQuarterHour: number): Block | undefined;
  /** Replaces a block; one without parts is removed. */
  write(block: PackedBlock): void;
}

/** Columns that are asked for, and the rows that hold them. */
interface WantedColumns {
  readonly level: number;
  readonly parts: ReadonlySet<number>;
  readonly columns: ReadonlySet<number>;
}

/** A block as it lies in the file. */
export interface PackedBlock {
  readonly level: number;
  readonly firstQuarterHour: number;
  readonly parts: readonly { readonly id: number; readonly crc: number; readonly data: Buffer }[];
}

interface PartRow {
  readonly codec: number;
  readonly crc: number;
  readonly data: Buffer;
}

/**
 * A quarter hour's columns are long and have a row each; a whole day's sums are short and lie together. On margins of
 * quarter hours lies together what is asked together.
 */
function partOf(level: number, column: number): number {
  if (level === LEVEL_QUARTER_HOURS || isHistogramColumn(column)) return column;
  return level === LEVEL_QUARTER_HOUR_MARGINS ? topicOf(column) : SUMS_PART;
}

export function createBlockFiles(database: Database): BlockFiles {
  const select = database.prepare<[number], PartRow>("SELECT codec, crc, data FROM rollup_column WHERE id = ?");
  const selectAll = database.prepare<[number, number], PartRow>(
    "SELECT codec, crc, data FROM rollup_column WHERE id BETWEEN ? AND ?",
  );
  let writing: ReturnType<typeof prepareToWrite> | undefined;
  /** Prepared when first used: a reader's connection cannot prepare what writes. */
  const prepareWriting = (): NonNullable<typeof writing> => {
    writing ??= prepareToWrite(database);
    return writing;
  };

  /** The same columns are asked of a year of blocks, one after the other. */
  const wanted = new WeakMap<readonly number[], WantedColumns>();
  const wantedOf = (level: number, asked: readonly number[]): WantedColumns => {
    const known = wanted.get(asked);
    if (known?.level === level) return known;
    const found = { level, parts: new Set(asked.map((column) => partOf(level, column))), columns: new Set(asked) };
    wanted.set(asked, found);
    return found;
  };

  const find = (level: number, firstQuarterHour: number, columns: readonly number[]): Block | undefined => {
    const block = new Map<number, ColumnBytes>();
    const { parts, columns: asked } = wantedOf(level, columns);
    for (const part of parts) {
      const row = select.get(partId(level, firstQuarterHour, part));
      if (row !== undefined) unpack(row, level, firstQuarterHour, block, asked);
      else if (part === SUMS_PART) return undefined;
    }
    return block;
  };

  return {
    find,
    read(level, firstQuarterHour, columns) {
      const block = find(level, firstQuarterHour, columns);
      if (block === undefined) throw damagedError(level, firstQuarterHour);
      return block;
    },
    readDay(level, firstQuarterHour) {
      const row = select.get(partId(level, firstQuarterHour, SUMS_PART));
      if (row === undefined || !isSound(row)) throw damagedError(level, firstQuarterHour);
      return row.codec === CODEC ? row.data : undefined;
    },
    readAll(level, firstQuarterHour) {
      const rows = selectAll.all(partId(level, firstQuarterHour, 0), partId(level, firstQuarterHour, MAX_PART));
      if (rows.length === 0) return undefined;
      const block = new Map<number, ColumnBytes>();
      for (const row of rows) unpack(row, level, firstQuarterHour, block);
      return block;
    },
    write({ level, firstQuarterHour, parts }) {
      const { insert, remove } = prepareWriting();
      remove.run(partId(level, firstQuarterHour, 0), partId(level, firstQuarterHour, MAX_PART));
      for (const { id, crc, data } of parts) insert.run(id, CODEC, crc, data);
    },
  };
}

/** Arranges the columns of a block as rows; without a block there are none. */
export function packBlock(
  level: number,
  firstQuarterHour: number,
  block: ReadonlyMap<number, Uint8Array> | undefined,
): PackedBlock {
  const writers = new Map<number, ReturnType<typeof createByteWriter>>();
  for (const [column, data] of block ?? []) {
    const part = partOf(level, column);
    const writer = writers.get(part) ?? createByteWriter();
    writers.set(part, writer);
    writer.varint(column);
    writer.varint(data.length);
    writer.bytes(data);
  }
  const parts = [...writers].map(([part, writer]) => {
    const data = writer.take();
    return { id: partId(level, firstQuarterHour, part), crc: crc32(data), data };
  });
  return { level, firstQuarterHour, parts };
}

function prepareToWrite(database: Database) {
  return {
    insert: database.prepare<[number, number, number, Buffer]>(
      "INSERT INTO rollup_column (id, codec, crc, data) VALUES (?, ?, ?, ?)",
    ),
    remove: database.prepare<[number, number]>("DELETE FROM rollup_column WHERE id BETWEEN ? AND ?"),
  };
}

function isSound({ codec, crc, data }: PartRow): boolean {
  return (codec === CODEC || codec === FRAMED_CODEC) && crc32(data) === crc;
}

function unpack(
  row: PartRow,
  level: number,
  firstQuarterHour: number,
  into: Map<number, ColumnBytes>,
  wanted?: ReadonlySet<number>,
): void {
  if (!isSound(row)) throw damagedError(level, firstQuarterHour);
  const { data } = row;
  const reader = new ByteReader(data);
  while (!reader.isAtEnd) {
    const column = reader.varint();
    const length = reader.varint();
    const start = reader.pass(length);
    if (wanted === undefined || wanted.has(column)) into.set(column, { buffer: data, start, end: start + length });
  }
}

function damagedError(level: number, firstQuarterHour: number): RangeError {
  const time = new Date(firstQuarterHour * QUARTER_HOUR_MILLIS).toISOString();
  return new RangeError(
    `The rollups of ${time} (level ${level}) are damaged. Run "moai-metrics db rebuild" to make them anew from the ledger.`,
  );
}
