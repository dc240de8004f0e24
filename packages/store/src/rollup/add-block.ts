/** Adds closed blocks to an answer, column by column. */
import type { AnswerCells } from "./answer-cells.ts";
import type { AskedColumns } from "./asked-columns.ts";
import {
  FIRST_BUCKET,
  type HistogramColumn,
  type OpenBlock,
  openExtremes,
  openHistograms,
  openSums,
  type SumColumn,
} from "./block-columns.ts";
import { type BlockKeys, readSlots } from "./block-keys.ts";
import { QUARTER_HOURS_A_DAY } from "./places.ts";

/** A block whose entries know where they go. */
export interface PlacedBlock {
  readonly open: OpenBlock;
  /** Cells of the block that are asked for. */
  readonly wanted: Int32Array;
  /** Per entry the cell of the answer; -1 for none. */
  readonly targets: Int32Array;
}

/**
 * Finds the cell of the answer for every entry of a block.
 * @param groups group of each cell of the block; -1 for none.
 * @param buckets bucket of each slot; -1 for none.
 */
export function placeBlock(open: OpenBlock, groups: Int32Array, buckets: Int32Array, cells: AnswerCells): PlacedBlock {
  const { keys } = open;
  const { cellCount, slotCount, starts } = keys;
  const targets = new Int32Array(starts[cellCount] as number).fill(-1);
  const wanted = new Int32Array(cellCount);
  let count = 0;
  if (slotCount === 1) {
    const bucket = buckets[0] as number;
    for (let cell = 0; bucket >= 0 && cell < cellCount; cell++) {
      const group = groups[cell] as number;
      const start = starts[cell] as number;
      if (group < 0 || start === starts[cell + 1]) continue;
      targets[start] = cells.at(group, bucket);
      wanted[count++] = cell;
    }
    return { open, wanted: wanted.subarray(0, count), targets };
  }
  const slots = new Uint8Array(slotCount);
  const asked = packSlots(buckets);
  for (let cell = 0; cell < cellCount; cell++) {
    const group = groups[cell] as number;
    if (group < 0 || !hasAny(keys, cell, asked)) continue;
    const start = starts[cell] as number;
    const length = readSlots(keys, cell, slots);
    // Neighbours share their bucket mostly.
    let last = -1;
    let target = -1;
    for (let entry = 0; entry < length; entry++) {
      const bucket = buckets[slots[entry] as number] as number;
      if (bucket < 0) continue;
      if (bucket !== last) target = cells.at(group, bucket);
      last = bucket;
      targets[start + entry] = target;
    }
    wanted[count++] = cell;
  }
  return { open, wanted: wanted.subarray(0, count), targets };
}

/** A bit for each slot that has a bucket. */
function packSlots(buckets: Int32Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(buckets.length / 8));
  for (let slot = 0; slot < buckets.length; slot++) {
    if ((buckets[slot] as number) >= 0) bits[slot >> 3] = (bits[slot >> 3] as number) | (1 << (slot & 7));
  }
  return bits;
}

/** Whether a cell has an entry in any of the asked slots. */
function hasAny({ masks }: BlockKeys, cell: number, asked: Uint8Array): boolean {
  const start = cell * asked.length;
  for (let i = 0; i < asked.length; i++) if (((masks[start + i] as number) & (asked[i] as number)) !== 0) return true;
  return false;
}

export function addBlockSums(placed: PlacedBlock, asked: AskedColumns, cells: AnswerCells): void {
  const { cellCount, slotCount } = placed.open.keys;
  const scratch = new Float64Array(slotCount === 1 ? cellCount : slotCount);
  for (let index = 0; index < asked.sumPlaces.length; index++) {
    const column = openSums(placed.open, asked.sumPlaces[index] as number);
    if (column !== undefined) addSums(placed, column, cells.sums[index] as Float64Array, scratch);
  }
}

/** @param scratch room for the entries of one cell; for all entries, when each cell has one. */
function addSums(
  { open, wanted, targets }: PlacedBlock,
  { places, count, values }: SumColumn,
  into: Float64Array,
  scratch: Float64Array,
): void {
  const { starts, slotCount } = open.keys;
  if (slotCount === 1) {
    // Reading all of them at once takes a fraction of reading one by one.
    const areMany = wanted.length * 2 > count;
    if (areMany) values.read(0, count, scratch);
    for (const cell of wanted) {
      const place = places[cell] as number;
      if (place < 0) continue;
      const target = targets[starts[cell] as number] as number;
      into[target] = (into[target] as number) + (areMany ? (scratch[place] as number) : values.at(place));
    }
    return;
  }
  for (const cell of wanted) {
    const place = places[cell] as number;
    if (place < 0) continue;
    const start = starts[cell] as number;
    const length = (starts[cell + 1] as number) - start;
    values.read(place, place + length, scratch);
    for (let entry = 0; entry < length; entry++) {
      const target = targets[start + entry] as number;
      if (target >= 0) into[target] = (into[target] as number) + (scratch[entry] as number);
    }
  }
}

export function addBlockHistograms(placed: PlacedBlock, asked: AskedColumns, cells: AnswerCells): void {
  for (const [index, distribution] of asked.histogramPlaces.entries()) {
    const column = openHistograms(placed.open, distribution);
    if (column !== undefined) addHistograms(placed, column, index, cells);
  }
}

function addHistograms(
  { open, wanted, targets }: PlacedBlock,
  { places, lengths, firsts, distances, counts }: HistogramColumn,
  index: number,
  cells: AnswerCells,
): void {
  const { starts } = open.keys;
  // The next entry of the column, its place among those in use, and that of its first bucket.
  let next = 0;
  let used = 0;
  let bucketPlace = 0;
  for (const cell of wanted) {
    const place = places[cell] as number;
    if (place < 0) continue;
    for (; next < place; next++) {
      const length = lengths[next] as number;
      bucketPlace += length;
      if (length > 0) used += 1;
    }
    const behind = starts[cell + 1] as number;
    for (let entry = starts[cell] as number; entry < behind; entry++) {
      const target = targets[entry] as number;
      const length = lengths[next++] as number;
      if (length === 0) continue;
      if (target >= 0) {
        const first = FIRST_BUCKET + (firsts[used] as number);
        cells.histogramAt(index, target).addEntry(first, distances, bucketPlace - used, counts, bucketPlace, length);
      }
      bucketPlace += length;
      used += 1;
    }
  }
}

export function addBlockExtremes(placed: PlacedBlock, asked: AskedColumns, cells: AnswerCells): void {
  if (asked.extremePlaces.length === 0) return;
  const { open, wanted, targets } = placed;
  const { starts } = open.keys;
  const min = new Float64Array(QUARTER_HOURS_A_DAY);
  const max = new Float64Array(QUARTER_HOURS_A_DAY);
  for (const [index, distribution] of asked.extremePlaces.entries()) {
    const column = openExtremes(open, distribution);
    if (column === undefined) continue;
    for (const cell of wanted) {
      if ((column.places[cell] as number) < 0) continue;
      const start = starts[cell] as number;
      const length = (starts[cell + 1] as number) - start;
      column.read(cell, min, max, targets);
      for (let entry = 0; entry < length; entry++) {
        const target = targets[start + entry] as number;
        if (target < 0 || min[entry] === Infinity) continue;
        cells.include(index, target, min[entry] as number);
        cells.include(index, target, max[entry] as number);
      }
    }
  }
}
