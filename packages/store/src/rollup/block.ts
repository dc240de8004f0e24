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
import { createByteWriter } from "./bytes.ts";
import { encodePlanes } from "./planes.ts";
import { type Cell, createSummaryTable, type Summary, type SummaryTable, summaryAt } from "./summary.ts";
import { DISTRIBUTION_COUNT, SUM_COUNT, VALUE_SUM_PLACES } from "./sums.ts";

export function encodeBlock(table: SummaryTable): Map<number, Buffer> {
  const rows = [...table.cells.values()].sort((a, b) => compareCells(a.cell, b.cell));
  const entries = rows.map(({ slots }) => slots.filter((summary) => summary !== undefined));
  const columns = new Map<number, Buffer>([[KEYS_COLUMN, encodeKeys(table.slotCount, rows)]]);
  for (let place = 0; place < SUM_COUNT; place++) {
    const chosen = choose(entries, (summary) => summary.sums[place] !== 0);
    if (chosen === undefined) continue;
    const values = numbersOf(chosen.summaries, ({ sums }) => sums[place] ?? 0);
    columns.set(sumColumn(place), Buffer.concat([chosen.bits, encodePlanes([values])]));
  }
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    const counted = choose(entries, ({ buckets }) => (buckets[d]?.size ?? 0) > 0);
    if (counted !== undefined) {
      columns.set(histogramColumn(d), Buffer.concat([counted.bits, encodeHistograms(counted.summaries, d)]));
    }
    const valued = choose(entries, ({ min }) => min[d] !== Infinity);
    if (valued !== undefined) {
      columns.set(extremesColumn(d), Buffer.concat([valued.bits, encodeExtremes(valued.summaries, d)]));
    }
  }
  return columns;
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
    const buckets = new Map<number, number>();
    let bucket = FIRST_BUCKET + (firsts[used] ?? 0);
    for (let j = 0; j < length; j++) {
      if (j > 0) bucket += distances[place - used + j - 1] ?? 0;
      buckets.set(bucket, (counts[place + j] ?? 0) + 1);
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
function choose(
  entries: readonly (readonly Summary[])[],
  isUsed: (summary: Summary) => boolean,
): { bits: Buffer; summaries: Summary[] } | undefined {
  const has = entries.map((summaries) => summaries.some(isUsed));
  if (!has.includes(true)) return undefined;
  const chosen: Summary[] = [];
  for (let i = 0; i < has.length; i++) if (has[i]) for (const summary of entries[i] ?? []) chosen.push(summary);
  return { bits: packBits(has), summaries: chosen };
}

/** A loop, because `Float64Array.from` takes several times as long. */
function numbersOf(summaries: readonly Summary[], numberOf: (summary: Summary) => number): Float64Array {
  const numbers = new Float64Array(summaries.length);
  for (let i = 0; i < summaries.length; i++) numbers[i] = numberOf(summaries[i] as Summary);
  return numbers;
}

/** Number of buckets per entry; first bucket of each entry in use; distances of the further ones; counts less 1. */
function encodeHistograms(summaries: readonly Summary[], distribution: number): Buffer {
  const lengths = new Float64Array(summaries.length);
  const firsts: number[] = [];
  const distances: number[] = [];
  const counts: number[] = [];
  for (const [i, { buckets }] of summaries.entries()) {
    const own = buckets[distribution];
    if (own === undefined) continue;
    lengths[i] = own.size;
    let previous: number | undefined;
    for (const bucket of ascending([...own.keys()])) {
      if (previous === undefined) firsts.push(bucket - FIRST_BUCKET);
      else distances.push(bucket - previous);
      counts.push((own.get(bucket) ?? 1) - 1);
      previous = bucket;
    }
  }
  const writer = createByteWriter();
  writer.varint(firsts.length);
  writer.varint(counts.length);
  writer.bytes(encodePlanes([lengths, ...[firsts, distances, counts].map((each) => Float64Array.from(each))]));
  return writer.take();
}

/** Sorts in place. Most histograms have few buckets, which are in order sooner than a sort has begun. */
function ascending(buckets: number[]): readonly number[] {
  if (buckets.length > FEW_BUCKETS) return buckets.sort((a, b) => a - b);
  for (let i = 1; i < buckets.length; i++) {
    const bucket = buckets[i] as number;
    let place = i;
    for (; place > 0 && (buckets[place - 1] as number) > bucket; place--) buckets[place] = buckets[place - 1] as number;
    buckets[place] = bucket;
  }
  return buckets;
}

const FEW_BUCKETS = 16;

/**
 * A single value is the sum itself; of two, the greater one is the sum less the smaller one. So the least is written
 * from two values on, the greatest from three values on.
 */
function encodeExtremes(summaries: readonly Summary[], distribution: number): Buffer {
  const place = VALUE_SUM_PLACES[distribution] ?? 0;
  const countOf = ({ sums }: Summary): number => sums[place + 1] ?? 0;
  const several = summaries.filter((summary) => countOf(summary) >= 2);
  const many = several.filter((summary) => countOf(summary) >= 3);
  return encodePlanes([
    numbersOf(several, ({ min }) => min[distribution] ?? 0),
    numbersOf(many, ({ max }) => max[distribution] ?? 0),
  ]);
}
