/**
 * Adds sums of whole days to an answer, straight from the bytes of their rows. A command asks for a year of days once in
 * its life: opening each column of each of them, as for who asks again, would take most of it.
 */
import type { AnswerCells } from "./answer-cells.ts";
import type { AskedColumns } from "./asked-columns.ts";
import { decodeBitPlane } from "./bit-planes.ts";
import { sumColumn } from "./block-columns.ts";
import { type BlockKeys, countBits, decodeKeys, KEYS_COLUMN } from "./block-keys.ts";
import { ByteReader } from "./bytes.ts";
import { BITS, RAW, SAME } from "./planes.ts";

/** @param groupsOf the group of each cell; -1 for none. */
export type DayAdder = (data: Uint8Array, bucket: number, groupsOf: (keys: BlockKeys) => Int32Array) => void;

const MAX_COLUMNS = 64;

export function createDayAdder({ sumPlaces }: AskedColumns, cells: AnswerCells): DayAdder {
  const indexOf = new Int32Array(MAX_COLUMNS).fill(-1);
  for (const [index, place] of sumPlaces.entries()) indexOf[sumColumn(place)] = index;

  return (data, bucket, groupsOf) => {
    const row = new ByteReader(data);
    let wanted: WantedCells | undefined;
    while (!row.isAtEnd) {
      const column = row.varint();
      const length = row.varint();
      const start = row.pass(length);
      if (column === KEYS_COLUMN) {
        const keys = decodeKeys(new Map([[KEYS_COLUMN, { buffer: data, start, end: start + length }]]));
        wanted = placeCells(keys, groupsOf(keys), bucket, cells);
        if (wanted.count === 0) return;
        continue;
      }
      const index = indexOf[column] as number;
      if (index < 0 || wanted === undefined) continue;
      addColumn(new ByteReader(data, start, start + length), wanted, cells.sums[index] as Float64Array);
    }
  };
}

/** The cells of a day that are asked for. */
interface WantedCells {
  readonly cellCount: number;
  readonly count: number;
  /** Numbers of the cells, ascending. */
  readonly cells: Int32Array;
  /** Cells of the answer. */
  readonly targets: Int32Array;
  /** Of the column that is added: which value belongs to each; -1 for none. */
  readonly places: Int32Array;
}

function placeCells(keys: BlockKeys, groups: Int32Array, bucket: number, cells: AnswerCells): WantedCells {
  const { cellCount, starts } = keys;
  const wanted = new Int32Array(cellCount);
  const targets = new Int32Array(cellCount);
  let count = 0;
  for (let cell = 0; cell < cellCount; cell++) {
    const group = groups[cell] as number;
    if (group < 0 || starts[cell] === starts[cell + 1]) continue;
    targets[count] = cells.at(group, bucket);
    wanted[count++] = cell;
  }
  return { cellCount, count, cells: wanted, targets, places: new Int32Array(count) };
}

/** A column is a bit per cell, and then its values: numbers in planes, of which the first says what all have in common. */
function addColumn(reader: ByteReader, wanted: WantedCells, into: Float64Array): void {
  const { buffer } = reader;
  const { targets, places, count } = wanted;
  const bits = reader.pass(Math.ceil(wanted.cellCount / 8));
  const values = placeValues(buffer, bits, wanted);
  // No row of this encoding has a frame.
  reader.varint();
  let unit = reader.varint();
  for (let width = reader.byte(); width > 0; width--) {
    const kind = reader.byte();
    if (kind === SAME) {
      const same = reader.byte() * unit;
      for (let i = 0; i < count; i++) if ((places[i] as number) >= 0) add(into, targets[i] as number, same);
    } else {
      if (kind !== RAW && kind !== BITS) throw new RangeError("A column of the rollups is damaged.");
      const bytes = kind === RAW ? buffer : decodeBitPlane(reader, values);
      const first = kind === RAW ? reader.pass(values) : 0;
      for (let i = 0; i < count; i++) {
        const place = places[i] as number;
        if (place >= 0) add(into, targets[i] as number, (bytes[first + place] as number) * unit);
      }
    }
    unit *= 256;
  }
}

function add(into: Float64Array, target: number, value: number): void {
  into[target] = (into[target] as number) + value;
}

/** Finds which value of a column each wanted cell has; returns how many values there are. */
function placeValues(buffer: Uint8Array, bits: number, { cellCount, cells, count, places }: WantedCells): number {
  let byte = 0;
  let before = 0;
  for (let i = 0; i < count; i++) {
    const cell = cells[i] as number;
    for (; byte < cell >> 3; byte++) before += countBits(buffer[bits + byte] as number);
    const own = buffer[bits + byte] as number;
    const bit = 1 << (cell & 7);
    places[i] = (own & bit) === 0 ? -1 : before + countBits(own & (bit - 1));
  }
  for (const behind = Math.ceil(cellCount / 8); byte < behind; byte++)
    before += countBits(buffer[bits + byte] as number);
  return before;
}
