/**
 * Blocks: one closed day, column by column.
 *
 * A block lists its cells, and for each cell the slots (quarter hours, or the one slot of a whole day) in which it has
 * facts; cell by cell, slot by slot, these are its entries. A column holds one number, or one histogram, per entry.
 * It begins with a bit per cell and leaves out the cells in which it is 0 throughout; a column that is 0 throughout is
 * left out altogether.
 */
import {
  extremesColumn,
  FIRST_BUCKET,
  histogramColumn,
  type OpenBlock,
  openBlock,
  openExtremes,
  openHistograms,
  openSums,
  sumColumn,
} from "./block-columns.ts";
import { type Block, type BlockKeys, cellAt, encodeKeys, KEYS_COLUMN, packBits, readSlots } from "./block-keys.ts";
import { BucketCounts } from "./bucket-counts.ts";
import { createByteWriter } from "./bytes.ts";
import { encodePlanes } from "./planes.ts";
import { type Cell, createSummaryTable, type Summary, type SummaryTable, summaryAt } from "./summary.ts";
import { DISTRIBUTION_COUNT, SUM_COUNT, VALUE_SUM_PLACES } from "./sums.ts";

export function encodeBlock(table: SummaryTable): Map<number, Buffer> {
  const rows = [...table.cells.values()].sort((a, b) => compareCells(a.cell, b.cell));
  const cells = rows.map(({ slots }) => usedCell(slots));
  const columns = new Map<number, Buffer>([[KEYS_COLUMN, encodeKeys(table.slotCount, rows)]]);
  for (let place = 0; place < SUM_COUNT; place++) {
    const chosen = choose(cells, place);
    if (chosen === undefined) continue;
    const values = sumsOf(chosen.summaries, place);
    columns.set(sumColumn(place), Buffer.concat([chosen.bits, encodePlanes([values])]));
  }
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    const counted = choose(cells, HISTOGRAM_USES + d);
    if (counted !== undefined) {
      columns.set(histogramColumn(d), Buffer.concat([counted.bits, encodeHistograms(counted.summaries, d)]));
    }
    const valued = choose(cells, EXTREMES_USES + d);
    if (valued !== undefined) {
      columns.set(extremesColumn(d), Buffer.concat([valued.bits, encodeExtremes(valued.summaries, d)]));
    }
  }
  return columns;
}

/** The entries of a cell, and for each column whether any of them is in it. */
interface UsedCell {
  readonly summaries: readonly Summary[];
  /** 1 for sums by place, then for histograms, then for extremes by distribution. */
  readonly uses: Uint8Array;
}

const HISTOGRAM_USES = SUM_COUNT;
const EXTREMES_USES: number = HISTOGRAM_USES + DISTRIBUTION_COUNT;

/** Looks at every entry once, not once for every column. */
function usedCell(slots: readonly (Summary | undefined)[]): UsedCell {
  const summaries: Summary[] = [];
  const uses = new Uint8Array(EXTREMES_USES + DISTRIBUTION_COUNT);
  for (let slot = 0; slot < slots.length; slot++) {
    const summary = slots[slot];
    if (summary === undefined) continue;
    summaries.push(summary);
    const { sums, buckets, min } = summary;
    for (let place = 0; place < SUM_COUNT; place++) if (sums[place] !== 0) uses[place] = 1;
    for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
      if ((buckets[d]?.size ?? 0) > 0) uses[HISTOGRAM_USES + d] = 1;
      if (min[d] !== Infinity) uses[EXTREMES_USES + d] = 1;
    }
  }
  return { summaries, uses };
}

/** The whole block as it was encoded. */
export function decodeBlock(block: Block): SummaryTable {
  const open = openBlock(block);
  const { keys } = open;
  const table = createSummaryTable(keys.slotCount);
  for (let place = 0; place < SUM_COUNT; place++) {
    const column = openSums(open, place);
    if (column === undefined) continue;
    const values = column.values.numbers(column.count);
    eachEntry(table, keys, column.places, ({ sums }, i) => {
      sums[place] = values[i] ?? 0;
    });
  }
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    decodeHistograms(table, open, d);
    decodeExtremes(table, open, d);
  }
  return table;
}

/** Goes through the entries of the cells that a column has; `i` is the place in the column. */
function eachEntry(
  table: SummaryTable,
  keys: BlockKeys,
  places: Int32Array,
  visit: (summary: Summary, i: number, cell: number, entry: number) => void,
): void {
  const slots = new Uint8Array(keys.slotCount);
  for (let cell = 0; cell < keys.cellCount; cell++) {
    const place = places[cell] ?? -1;
    if (place < 0) continue;
    const own = cellAt(keys, cell);
    const count = readSlots(keys, cell, slots);
    for (let entry = 0; entry < count; entry++) {
      visit(summaryAt(table, own, slots[entry] ?? 0), place + entry, cell, entry);
    }
  }
}

function decodeHistograms(table: SummaryTable, open: OpenBlock, distribution: number): void {
  const histograms = openHistograms(open, distribution);
  if (histograms === undefined) return;
  const { lengths, firsts, distances, counts } = histograms;
  let used = 0;
  let place = 0;
  eachEntry(table, open.keys, histograms.places, (summary, i) => {
    const length = lengths[i] ?? 0;
    if (length === 0) return;
    const buckets = new BucketCounts();
    let bucket = FIRST_BUCKET + (firsts[used] ?? 0);
    for (let j = 0; j < length; j++) {
      if (j > 0) bucket += distances[place - used + j - 1] ?? 0;
      buckets.add(bucket, (counts[place + j] ?? 0) + 1);
    }
    place += length;
    used += 1;
    summary.buckets[distribution] = buckets;
  });
}

function decodeExtremes(table: SummaryTable, open: OpenBlock, distribution: number): void {
  const { keys } = open;
  const extremes = openExtremes(open, distribution);
  if (extremes === undefined) return;
  const min = new Float64Array(keys.slotCount);
  const max = new Float64Array(keys.slotCount);
  eachEntry(table, keys, extremes.places, (summary, _, cell, entry) => {
    if (entry === 0) extremes.read(cell, min, max);
    summary.min[distribution] = min[entry] ?? Infinity;
    summary.max[distribution] = max[entry] ?? -Infinity;
  });
}

function compareCells(a: Cell, b: Cell): number {
  return a.productId - b.productId || a.projectId - b.projectId || a.agentId - b.agentId || a.modelId - b.modelId;
}

/** The cells in which a column is used, as bits, and the entries of those cells. */
function choose(cells: readonly UsedCell[], use: number): { bits: Buffer; summaries: Summary[] } | undefined {
  const has = cells.map(({ uses }) => uses[use] === 1);
  if (!has.includes(true)) return undefined;
  const chosen: Summary[] = [];
  for (let i = 0; i < cells.length; i++) {
    const { summaries } = cells[i] as UsedCell;
    if (has[i]) for (let j = 0; j < summaries.length; j++) chosen.push(summaries[j] as Summary);
  }
  return { bits: packBits(has), summaries: chosen };
}

/** A loop, because `Float64Array.from` takes several times as long. */
function sumsOf(summaries: readonly Summary[], place: number): Float64Array {
  const numbers = new Float64Array(summaries.length);
  for (let i = 0; i < summaries.length; i++) numbers[i] = (summaries[i] as Summary).sums[place] ?? 0;
  return numbers;
}

/** Number of buckets per entry; first bucket of each entry in use; distances of the further ones; counts less 1. */
function encodeHistograms(summaries: readonly Summary[], distribution: number): Buffer {
  const lengths = new Float64Array(summaries.length);
  const firsts: number[] = [];
  const distances: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < summaries.length; i++) {
    const histogram = (summaries[i] as Summary).buckets[distribution];
    if (histogram === undefined || histogram.size === 0) continue;
    const { buckets } = histogram;
    lengths[i] = buckets.length;
    let previous = buckets[0] as number;
    firsts.push(previous - FIRST_BUCKET);
    for (let j = 0; j < buckets.length; j++) {
      const bucket = buckets[j] as number;
      if (j > 0) distances.push(bucket - previous);
      counts.push((histogram.counts[j] as number) - 1);
      previous = bucket;
    }
  }
  const writer = createByteWriter();
  writer.varint(firsts.length);
  writer.varint(counts.length);
  writer.bytes(encodePlanes([lengths, ...[firsts, distances, counts].map((each) => Float64Array.from(each))]));
  return writer.take();
}

/**
 * A single value is the sum itself; of two, the greater one is the sum less the smaller one. So the least is written
 * from two values on, the greatest from three values on.
 */
function encodeExtremes(summaries: readonly Summary[], distribution: number): Buffer {
  const countPlace = (VALUE_SUM_PLACES[distribution] ?? 0) + 1;
  const least: number[] = [];
  const greatest: number[] = [];
  for (let i = 0; i < summaries.length; i++) {
    const { sums, min, max } = summaries[i] as Summary;
    const count = sums[countPlace] ?? 0;
    if (count >= 2) least.push(min[distribution] ?? 0);
    if (count >= 3) greatest.push(max[distribution] ?? 0);
  }
  return encodePlanes([Float64Array.from(least), Float64Array.from(greatest)]);
}
