/** Which cells a block has, and in which slots each of them has facts. */
import { ByteReader, createByteWriter } from "./bytes.ts";
import { type Cell, cellOf } from "./summary.ts";

/** Where a column lies: an array for each of thousands would take longer to make than most are long. */
export interface ColumnBytes {
  readonly buffer: Uint8Array;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Columns by number. */
export type Block = ReadonlyMap<number, ColumnBytes>;

/** The column that holds the keys. Part of the file format. */
export const KEYS_COLUMN = 0;

export interface BlockKeys {
  readonly slotCount: number;
  readonly cellCount: number;
  /** Product, project, agent and model of each cell. */
  readonly ids: Float64Array;
  /** First entry of each cell; one more at the end. */
  readonly starts: Int32Array;
  /** Per cell a bit for each slot that has an entry. */
  readonly masks: Uint8Array;
}

export function encodeKeys(slotCount: number, rows: readonly { cell: Cell; slots: readonly unknown[] }[]): Buffer {
  const writer = createByteWriter();
  writer.varint(slotCount);
  writer.varint(rows.length);
  for (const { cell, slots } of rows) {
    writer.varint(cell.productId);
    writer.varint(cell.projectId);
    writer.varint(cell.agentId);
    writer.varint(cell.modelId);
    writer.bytes(packBits(slots.map((summary) => summary !== undefined)));
  }
  return writer.take();
}

export function decodeKeys(block: Block): BlockKeys {
  const data = block.get(KEYS_COLUMN);
  if (data === undefined) throw new RangeError("A rollup has no keys.");
  const reader = new ByteReader(data.buffer, data.start, data.end);
  const slotCount = reader.varint();
  const cellCount = reader.varint();
  const ids = new Float64Array(cellCount * 4);
  const starts = new Int32Array(cellCount + 1);
  const maskBytes = Math.ceil(slotCount / 8);
  const masks = new Uint8Array(cellCount * maskBytes);
  let entries = 0;
  let maskPlace = 0;
  for (let cell = 0; cell < cellCount; cell++) {
    for (let i = cell * 4; i < cell * 4 + 4; i++) ids[i] = reader.varint();
    for (let i = 0; i < maskBytes; i++) {
      const bits = reader.byte();
      masks[maskPlace++] = bits;
      entries += BIT_COUNTS[bits] as number;
    }
    starts[cell + 1] = entries;
  }
  return { slotCount, cellCount, ids, starts, masks };
}

/** How many bits of a byte are set. */
export function countBits(byte: number): number {
  return BIT_COUNTS[byte] as number;
}

const BIT_COUNTS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** Writes the slots of a cell's entries to the beginning of `into`; returns how many there are. */
export function readSlots({ masks, slotCount }: BlockKeys, cell: number, into: Uint8Array): number {
  const maskBytes = Math.ceil(slotCount / 8);
  let count = 0;
  for (let i = 0; i < maskBytes; i++) {
    const bits = masks[cell * maskBytes + i] as number;
    for (let bit = 0; bits >> bit !== 0; bit++) if (((bits >> bit) & 1) === 1) into[count++] = i * 8 + bit;
  }
  return count;
}

/** A cell of a block. */
export function cellAt({ ids }: BlockKeys, cell: number): Cell {
  const [productId = 0, projectId = 0, agentId = 0, modelId = 0] = ids.subarray(cell * 4, cell * 4 + 4);
  return cellOf(productId, projectId, agentId, modelId);
}

export function packBits(flags: readonly boolean[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(flags.length / 8));
  for (const [i, flag] of flags.entries()) if (flag) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}
