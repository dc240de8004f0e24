/** Blocks in the file: which columns lie in which row, and their checksums. */
import { crc32 } from "node:zlib";
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
   * The wanted columns of a block, as far as it has them; undefined when there is no such block.
   * @throws RangeError when a row is damaged.
   */
  read(level: number, firstQuarterHour: number, columns: readonly number[]): Block | undefined;
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
        else if (part === SUMS_PART) return undefined;
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
  if (codec !== CODEC || crc32(data) !== crc) {
    throw new RangeError(
      `The rollups of ${new Date(firstQuarterHour * 900_000).toISOString()} (level ${level}) are damaged. ` +
        'Run "moai-metrics db rebuild" to make them anew from the ledger.',
    );
  }
  const reader = new ByteReader(data);
  while (!reader.isAtEnd) {
    const column = reader.varint();
    into.set(column, reader.bytes(reader.varint()));
  }
}
