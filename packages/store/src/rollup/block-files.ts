/** Blocks in the file: which columns lie in which row, and their checksums. */
import { crc32 } from "node:zlib";
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { type Block, isHistogramColumn } from "./block.ts";
import { ByteReader, createByteWriter } from "./bytes.ts";
import { LEVEL_QUARTER_HOURS, partId } from "./places.ts";

/** The encoding described in docs/format/rollups.md. */
const CODEC = 1;

/** Part of a block that holds everything but the histograms, where columns do not have a row each. */
const SUMS_PART = 0;
const MAX_PART = 63;

/** Blocks of one connection. */
export interface BlockFiles {
  /**
   * The wanted columns of a block that is closed, as far as it has them.
   * @throws RangeError when a row is damaged or missing.
   */
  read(level: number, firstQuarterHour: number, columns: readonly number[]): Block;
  /** Every column of a block; undefined when the day is not closed. */
  readAll(level: number, firstQuarterHour: number): Block | undefined;
  /** Replaces a block; one without entries is removed. */
  write(level: number, firstQuarterHour: number, block: Block): void;
  remove(level: number, firstQuarterHour: number): void;
}

interface PartRow {
  readonly codec: number;
  readonly crc: number;
  readonly data: Buffer;
}

/** A quarter hour's columns are long and have a row each; a whole day's sums are short and lie together. */
function partOf(level: number, column: number): number {
  return level === LEVEL_QUARTER_HOURS || isHistogramColumn(column) ? column : SUMS_PART;
}

export function createBlockFiles(database: Database): BlockFiles {
  const select = database.prepare<[number], PartRow>("SELECT codec, crc, data FROM rollup_column WHERE id = ?");
  const selectAll = database.prepare<[number, number], PartRow>(
    "SELECT codec, crc, data FROM rollup_column WHERE id BETWEEN ? AND ?",
  );
  let writing:
    | { insert: (id: number, data: Buffer) => void; remove: (first: number, last: number) => void }
    | undefined;

  /** Prepared when first used: a reader's connection cannot prepare what writes. */
  const prepareWriting = (): NonNullable<typeof writing> => {
    if (writing !== undefined) return writing;
    const insert = database.prepare<[number, number, number, Buffer]>(
      "INSERT INTO rollup_column (id, codec, crc, data) VALUES (?, ?, ?, ?)",
    );
    const remove = database.prepare<[number, number]>("DELETE FROM rollup_column WHERE id BETWEEN ? AND ?");
    writing = {
      insert: (id, data) => insert.run(id, CODEC, crc32(data), data),
      remove: (first, last) => remove.run(first, last),
    };
    return writing;
  };

  const remove = (level: number, firstQuarterHour: number): void =>
    prepareWriting().remove(partId(level, firstQuarterHour, 0), partId(level, firstQuarterHour, MAX_PART));

  return {
    read(level, firstQuarterHour, columns) {
      const block = new Map<number, Uint8Array>();
      const wanted = new Set(columns.map((column) => partOf(level, column)));
      for (const part of wanted) {
        const row = select.get(partId(level, firstQuarterHour, part));
        if (row !== undefined) unpack(row, level, firstQuarterHour, block);
        else if (part === SUMS_PART) throw damagedError(level, firstQuarterHour);
      }
      return block;
    },
    readAll(level, firstQuarterHour) {
      const rows = selectAll.all(partId(level, firstQuarterHour, 0), partId(level, firstQuarterHour, MAX_PART));
      if (rows.length === 0) return undefined;
      const block = new Map<number, Uint8Array>();
      for (const row of rows) unpack(row, level, firstQuarterHour, block);
      return block;
    },
    write(level, firstQuarterHour, block) {
      remove(level, firstQuarterHour);
      const parts = new Map<number, ReturnType<typeof createByteWriter>>();
      for (const [column, data] of block) {
        const part = partOf(level, column);
        const writer = parts.get(part) ?? createByteWriter();
        parts.set(part, writer);
        writer.varint(column);
        writer.varint(data.length);
        writer.bytes(data);
      }
      for (const [part, writer] of parts) {
        prepareWriting().insert(partId(level, firstQuarterHour, part), writer.take());
      }
    },
    remove,
  };
}

function unpack(
  { codec, crc, data }: PartRow,
  level: number,
  firstQuarterHour: number,
  into: Map<number, Uint8Array>,
): void {
  if (codec !== CODEC || crc32(data) !== crc) throw damagedError(level, firstQuarterHour);
  const reader = new ByteReader(data);
  while (!reader.isAtEnd) {
    const column = reader.varint();
    into.set(column, reader.bytes(reader.varint()));
  }
}

function damagedError(level: number, firstQuarterHour: number): RangeError {
  const time = new Date(firstQuarterHour * QUARTER_HOUR_MILLIS).toISOString();
  return new RangeError(
    `The rollups of ${time} (level ${level}) are damaged. Run "moai-metrics db rebuild" to make them anew from the ledger.`,
  );
}
