/**
 * Blocks: one closed day, column by column.
 *
 * A block lists its cells, and for each cell the slots (quarter hours, or the one slot of a whole day) in which it has
 * facts; cell by cell, slot by slot, these are its entries. A column holds one number, or one histogram, per entry.
 * It begins with a bit per cell and leaves out the cells in which it is 0 throughout; a column that is 0 throughout is
 * left out altogether.
 */
import { ByteReader, createByteWriter } from "./bytes.ts";
import { ZERO_BUCKET } from "./histogram.ts";
import { encodePlanes, openPlanes, type PlaneArray } from "./planes.ts";
import { type Cell, cellOf, createSummaryTable, type Summary, type SummaryTable, summaryAt } from "./summary.ts";
import { DISTRIBUTION_COUNT, SUM_COUNT, VALUE_SUM_PLACES } from "./sums.ts";

/** Numbers of columns. Part of the file format. */
export const KEYS_COLUMN = 0;
const FIRST_SUM_COLUMN = 1;
const FIRST_HISTOGRAM_COLUMN = 32;
const FIRST_EXTREMES_COLUMN = 40;

export const sumColumn = (place: number): number => FIRST_SUM_COLUMN + place;
export const histogramColumn = (distribution: number): number => FIRST_HISTOGRAM_COLUMN + distribution;
export const extremesColumn = (distribution: number): number => FIRST_EXTREMES_COLUMN + distribution;
export const isHistogramColumn = (column: number): boolean =>
  column >= FIRST_HISTOGRAM_COLUMN && column < FIRST_EXTREMES_COLUMN;

/** Columns by number. */
export type Block = ReadonlyMap<number, Uint8Array>;

export interface BlockKeys {
  readonly slotCount: number;
  readonly cellCount: number;
  /** Product, project, agent and model of each cell. */
  readonly ids: Float64Array;
  /** First entry of each cell; one more at the end. */
  readonly starts: Int32Array;
  /** Slot of each entry. */
  readonly slots: Uint8Array;
}

/** A column, read: its cells, and the numbers of their entries one behind the other. */
export interface SumColumn {
  /** 1 for the cells that are in it. */
  readonly has: Uint8Array;
  readonly values: PlaneArray;
  readonly count: number;
}

export interface HistogramColumn {
  readonly has: Uint8Array;
  /** Number of buckets per entry. */
  readonly lengths: Float64Array;
  /** First bucket of each entry that has any, counted from {@link FIRST_BUCKET}. */
  readonly firsts: PlaneArray;
  /** Distance of each further bucket from the one before it. */
  readonly distances: PlaneArray;
  /** How many values a bucket holds, less 1. */
  readonly counts: PlaneArray;
  readonly entriesInUse: number;
  readonly total: number;
}

/** Per entry of the cells of the histogram; Infinity and -Infinity where there is no value. */
export interface ExtremesColumn {
  readonly has: Uint8Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** Where buckets begin. */
export const FIRST_BUCKET: number = ZERO_BUCKET;

export function encodeBlock(table: SummaryTable): Map<number, Buffer> {
  const rows = [...table.cells.values()].sort((a, b) => compareCells(a.cell, b.cell));
  const entries = rows.map(({ slots }) => slots.filter((summary) => summary !== undefined));
  const columns = new Map<number, Buffer>([[KEYS_COLUMN, encodeKeys(table.slotCount, rows)]]);
  for (let place = 0; place < SUM_COUNT; place++) {
    const chosen = choose(entries, (summary) => summary.sums[place] !== 0);
    if (chosen === undefined) continue;
    const values = Float64Array.from(chosen.summaries, ({ sums }) => sums[place] ?? 0);
    columns.set(sumColumn(place), Buffer.concat([chosen.bits, encodePlanes([values])]));
  }
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    const chosen = choose(entries, ({ buckets }) => (buckets[d]?.size ?? 0) > 0);
    if (chosen === undefined) continue;
    columns.set(histogramColumn(d), Buffer.concat([chosen.bits, encodeHistograms(chosen.summaries, d)]));
    columns.set(extremesColumn(d), Buffer.concat([chosen.bits, encodeExtremes(chosen.summaries, d)]));
  }
  return columns;
}

/** The whole block as it was encoded. */
export function decodeBlock(block: Block): SummaryTable {
  const keys = decodeKeys(block);
  const table = createSummaryTable(keys.slotCount);
  const each = (has: Uint8Array, visit: (summary: Summary, i: number) => void): void => {
    let i = 0;
    for (let cell = 0; cell < keys.cellCount; cell++) {
      if (has[cell] === 0) continue;
      const own = cellAt(keys, cell);
      for (let entry = keys.starts[cell] ?? 0; entry < (keys.starts[cell + 1] ?? 0); entry++) {
        visit(summaryAt(table, own, keys.slots[entry] ?? 0), i);
        i += 1;
      }
    }
  };
  for (let place = 0; place < SUM_COUNT; place++) {
    const column = decodeSums(block, keys, place);
    if (column === undefined) continue;
    const values = column.values.readAll(column.count);
    each(column.has, ({ sums }, i) => {
      sums[place] = values[i] ?? 0;
    });
  }
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    const histograms = decodeHistograms(block, keys, d);
    const extremes = decodeExtremes(block, keys, d);
    if (histograms === undefined || extremes === undefined) continue;
    const { lengths, entriesInUse, total } = histograms;
    const firsts = histograms.firsts.readAll(entriesInUse);
    const distances = histograms.distances.readAll(total - entriesInUse);
    const counts = histograms.counts.readAll(total);
    let used = 0;
    let place = 0;
    each(histograms.has, (summary, i) => {
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
      summary.buckets[d] = buckets;
      summary.min[d] = extremes.min[i] ?? Infinity;
      summary.max[d] = extremes.max[i] ?? -Infinity;
    });
  }
  return table;
}

/** A cell of a block. */
export function cellAt({ ids }: BlockKeys, cell: number): Cell {
  const [productId = 0, projectId = 0, agentId = 0, modelId = 0] = ids.subarray(cell * 4, cell * 4 + 4);
  return cellOf({ productId, projectId, agentId, modelId });
}

function compareCells(a: Cell, b: Cell): number {
  return a.productId - b.productId || a.projectId - b.projectId || a.agentId - b.agentId || a.modelId - b.modelId;
}

function encodeKeys(slotCount: number, rows: readonly { cell: Cell; slots: readonly unknown[] }[]): Buffer {
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
  const reader = new ByteReader(data);
  const slotCount = reader.varint();
  const cellCount = reader.varint();
  const ids = new Float64Array(cellCount * 4);
  const starts = new Int32Array(cellCount + 1);
  const slots = new Uint8Array(cellCount * slotCount);
  const maskBytes = Math.ceil(slotCount / 8);
  let entries = 0;
  for (let cell = 0; cell < cellCount; cell++) {
    for (let i = 0; i < 4; i++) ids[cell * 4 + i] = reader.varint();
    const mask = reader.bytes(maskBytes);
    for (let i = 0; i < maskBytes; i++) {
      const bits = mask[i] as number;
      for (let bit = 0; bits >> bit !== 0; bit++) if (((bits >> bit) & 1) === 1) slots[entries++] = i * 8 + bit;
    }
    starts[cell + 1] = entries;
  }
  return { slotCount, cellCount, ids, starts, slots };
}

/** The cells in which a column is used, as bits, and the entries of those cells. */
function choose(
  entries: readonly (readonly Summary[])[],
  isUsed: (summary: Summary) => boolean,
): { bits: Buffer; summaries: Summary[] } | undefined {
  const has = entries.map((summaries) => summaries.some(isUsed));
  if (!has.includes(true)) return undefined;
  return { bits: packBits(has), summaries: entries.flatMap((summaries, i) => (has[i] ? summaries : [])) };
}

function packBits(flags: readonly boolean[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(flags.length / 8));
  for (const [i, flag] of flags.entries()) if (flag) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}

/** Reads the bits at the beginning of a column. */
function openColumn(data: Uint8Array, keys: BlockKeys): { reader: ByteReader; has: Uint8Array; count: number } {
  const reader = new ByteReader(data);
  const { cellCount } = keys;
  const bits = reader.bytes(Math.ceil(cellCount / 8));
  const has = new Uint8Array(cellCount);
  let count = 0;
  for (let i = 0; i < cellCount; i++) {
    if (((bits[i >> 3] as number) & (1 << (i & 7))) === 0) continue;
    has[i] = 1;
    count += (keys.starts[i + 1] as number) - (keys.starts[i] as number);
  }
  return { reader, has, count };
}

export function decodeSums(block: Block, keys: BlockKeys, place: number): SumColumn | undefined {
  const data = block.get(sumColumn(place));
  if (data === undefined) return undefined;
  const { reader, has, count } = openColumn(data, keys);
  return { has, values: openPlanes(reader).next(count), count };
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
    for (const [bucket, count] of [...own].sort(([a], [b]) => a - b)) {
      if (previous === undefined) firsts.push(bucket - FIRST_BUCKET);
      else distances.push(bucket - previous);
      counts.push(count - 1);
      previous = bucket;
    }
  }
  const writer = createByteWriter();
  writer.varint(firsts.length);
  writer.varint(counts.length);
  writer.bytes(encodePlanes([lengths, ...[firsts, distances, counts].map((each) => Float64Array.from(each))]));
  return writer.take();
}

export function decodeHistograms(block: Block, keys: BlockKeys, distribution: number): HistogramColumn | undefined {
  const data = block.get(histogramColumn(distribution));
  if (data === undefined) return undefined;
  const { reader, has, count } = openColumn(data, keys);
  const entriesInUse = reader.varint();
  const total = reader.varint();
  const planes = openPlanes(reader);
  return {
    has,
    lengths: planes.next(count).readAll(count),
    firsts: planes.next(entriesInUse),
    distances: planes.next(total - entriesInUse),
    counts: planes.next(total),
    entriesInUse,
    total,
  };
}

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
    Float64Array.from(several, ({ min }) => min[distribution] ?? 0),
    Float64Array.from(many, ({ max }) => max[distribution] ?? 0),
  ]);
}

export function decodeExtremes(block: Block, keys: BlockKeys, distribution: number): ExtremesColumn | undefined {
  const data = block.get(extremesColumn(distribution));
  const place = VALUE_SUM_PLACES[distribution] ?? 0;
  const counts = decodeSums(block, keys, place + 1);
  if (data === undefined || counts === undefined) return undefined;
  const sums = decodeSums(block, keys, place);
  const { reader, has, count } = openColumn(data, keys);
  // The cells of the counts are those of the values; the sums may miss cells whose values are all 0.
  const sumOf = alignedTo(counts.has, sums, keys);
  const countOf = counts.values.bytes ?? counts.values.readAll(counts.count);
  let several = 0;
  let many = 0;
  for (let i = 0; i < count; i++) {
    if ((countOf[i] as number) >= 2) several += 1;
    if ((countOf[i] as number) >= 3) many += 1;
  }
  const planes = openPlanes(reader);
  const least = planes.next(several).readAll(several);
  const greatest = planes.next(many).readAll(many);
  const min = new Float64Array(count).fill(Infinity);
  const max = new Float64Array(count).fill(-Infinity);
  let nextLeast = 0;
  let nextGreatest = 0;
  for (let i = 0; i < count; i++) {
    const values = countOf[i] as number;
    if (values === 0) continue;
    const sum = sumOf[i] as number;
    const low = values === 1 ? sum : (least[nextLeast++] as number);
    min[i] = low;
    max[i] = values === 1 ? sum : values === 2 ? sum - low : (greatest[nextGreatest++] as number);
  }
  return { has, min, max };
}

/** The numbers of a column for the entries of these cells; 0 for those that it leaves out. */
function alignedTo(has: Uint8Array, column: SumColumn | undefined, keys: BlockKeys): Float64Array {
  if (column === undefined) return new Float64Array(keys.slots.length);
  const values = column.values.readAll(column.count);
  if (Buffer.compare(column.has, has) === 0) return values;
  const aligned: number[] = [];
  let next = 0;
  for (let cell = 0; cell < keys.cellCount; cell++) {
    const size = (keys.starts[cell + 1] ?? 0) - (keys.starts[cell] ?? 0);
    if (has[cell] === 1) {
      for (let i = 0; i < size; i++) aligned.push(column.has[cell] === 1 ? (values[next + i] ?? 0) : 0);
    }
    if (column.has[cell] === 1) next += size;
  }
  return Float64Array.from(aligned);
}
