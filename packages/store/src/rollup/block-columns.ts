/** Columns of a block, opened: numbers are read where they are needed. */
import { type Block, type BlockKeys, type ColumnBytes, decodeKeys } from "./block-keys.ts";
import { ByteReader } from "./bytes.ts";
import { ZERO_BUCKET } from "./histogram.ts";
import { type Numbers, openPlanes, type PlaneArray } from "./planes.ts";
import { DISTRIBUTION_PLACES, SUM_PLACES, VALUE_SUM_PLACES } from "./sums.ts";
import { CALL_SUMS, type Distribution, type RollupSum, TASK_SUMS } from "./types.ts";

/** Numbers of columns. Part of the file format. */
const FIRST_SUM_COLUMN = 1;
const FIRST_HISTOGRAM_COLUMN = 32;
const FIRST_EXTREMES_COLUMN = 40;

export const sumColumn = (place: number): number => FIRST_SUM_COLUMN + place;
export const histogramColumn = (distribution: number): number => FIRST_HISTOGRAM_COLUMN + distribution;
export const extremesColumn = (distribution: number): number => FIRST_EXTREMES_COLUMN + distribution;
export const isHistogramColumn = (column: number): boolean =>
  column >= FIRST_HISTOGRAM_COLUMN && column < FIRST_EXTREMES_COLUMN;

/** What questions are about, each with the columns that they ask for together. Part of the file format. */
const TOPICS: readonly { readonly sums: readonly RollupSum[]; readonly distributions: readonly Distribution[] }[] = [
  { sums: CALL_SUMS, distributions: [] },
  { sums: [], distributions: ["call_ms", "first_chunk_ms"] },
  { sums: ["tool_calls", "tool_errors"], distributions: ["tool_ms"] },
  { sums: [...TASK_SUMS, "undivided_tokens"], distributions: ["task_ms", "task_tokens"] },
];

/** By column, one more than the place of its topic; 0 for the keys. */
const TOPIC_OF_COLUMN: ReadonlyMap<number, number> = new Map(
  TOPICS.flatMap(({ sums, distributions }, i) =>
    [
      ...sums.map((name) => sumColumn(SUM_PLACES[name])),
      ...distributions.flatMap((name) => {
        const place = SUM_PLACES[name];
        return [sumColumn(place), sumColumn(place + 1), extremesColumn(DISTRIBUTION_PLACES[name])];
      }),
    ].map((column) => [column, i + 1] as const),
  ),
);

export function topicOf(column: number): number {
  return TOPIC_OF_COLUMN.get(column) ?? 0;
}

/** Where buckets begin. */
export const FIRST_BUCKET: number = ZERO_BUCKET;

interface Column {
  /** Per cell the place of its first entry in the column; -1 for cells that are not in it. */
  readonly places: Int32Array;
  /** How many entries the column has. */
  readonly count: number;
}

export interface SumColumn extends Column {
  readonly values: PlaneArray;
}

export interface HistogramColumn extends Column {
  /** Number of buckets per entry. */
  readonly lengths: Numbers;
  /** First bucket of each entry that has any, counted from {@link FIRST_BUCKET}. */
  readonly firsts: Numbers;
  /** Distance of each further bucket from the one before it. */
  readonly distances: Numbers;
  /** How many values a bucket holds, less 1. */
  readonly counts: Numbers;
}

export interface ExtremesColumn extends Column {
  /**
   * Writes the least and greatest values of a cell's entries to the beginning of `min` and `max`; Infinity and
   * -Infinity where there is no value.
   * @param targets per entry of the block; entries where it is negative may be passed over. Default: all are read.
   */
  read(cell: number, min: Float64Array, max: Float64Array, targets?: Int32Array): void;
}

/** Reads the bits at the beginning of a column. Most columns of a block are in the same cells. */
function openColumn(
  { buffer, start, end }: ColumnBytes,
  open: OpenBlock,
): { readonly reader: ByteReader; readonly cells: KnownCells } {
  const length = Math.ceil(open.keys.cellCount / 8);
  const reader = new ByteReader(buffer, start, end);
  reader.pass(length);
  for (const cells of open.cells) if (isAt(cells.bits, buffer, start)) return { reader, cells };
  const bits = buffer.subarray(start, start + length);
  const cells = { bits, ...placeEntries(bits, open.keys) };
  open.cells.push(cells);
  open.openedBytes += cells.places.byteLength;
  return { reader, cells };
}

function isAt(bits: Uint8Array, buffer: Uint8Array, start: number): boolean {
  for (let i = 0; i < bits.length; i++) if (bits[i] !== buffer[start + i]) return false;
  return true;
}

function placeEntries(bits: Uint8Array, { cellCount, starts }: BlockKeys): Column {
  const places = new Int32Array(cellCount).fill(-1);
  let count = 0;
  for (let i = 0; i < cellCount; i++) {
    if (((bits[i >> 3] as number) & (1 << (i & 7))) === 0) continue;
    places[i] = count;
    count += (starts[i + 1] as number) - (starts[i] as number);
  }
  return { places, count };
}

/** A block that is being read. Columns are opened once, however many ask for them. */
export interface OpenBlock {
  readonly block: Block;
  readonly keys: BlockKeys;
  /** Columns of sums that were opened, by place. */
  readonly sums: Map<number, SumColumn>;
  /** Columns of distributions that were opened, by place. */
  readonly histograms: Map<number, HistogramColumn>;
  readonly extremes: Map<number, ExtremesColumn>;
  /** The cells that columns were found to be in. */
  readonly cells: KnownCells[];
  /** Memory that opened columns take beside the block's own bytes; grows as they are opened. */
  openedBytes: number;
}

interface KnownCells extends Column {
  readonly bits: Uint8Array;
}

export function openBlock(block: Block): OpenBlock {
  const keys = decodeKeys(block);
  const openedBytes = keys.ids.byteLength + keys.starts.byteLength + keys.masks.byteLength;
  return { block, keys, sums: new Map(), histograms: new Map(), extremes: new Map(), cells: [], openedBytes };
}

export function openSums(open: OpenBlock, place: number): SumColumn | undefined {
  const { block, sums } = open;
  const known = sums.get(place);
  if (known !== undefined) return known;
  const data = block.get(sumColumn(place));
  if (data === undefined) return undefined;
  const { reader, cells } = openColumn(data, open);
  const { places, count } = cells;
  const column = { places, count, values: openPlanes(reader).next(count) };
  sums.set(place, column);
  open.openedBytes += column.values.ownBytes;
  return column;
}

export function openHistograms(open: OpenBlock, distribution: number): HistogramColumn | undefined {
  const known = open.histograms.get(distribution);
  if (known !== undefined) return known;
  const data = open.block.get(histogramColumn(distribution));
  if (data === undefined) return undefined;
  const { reader, cells } = openColumn(data, open);
  const { places, count } = cells;
  const entriesInUse = reader.varint();
  const total = reader.varint();
  const planes = openPlanes(reader);
  const column = {
    places,
    count,
    lengths: planes.next(count).numbers(count),
    firsts: planes.next(entriesInUse).numbers(entriesInUse),
    distances: planes.next(total - entriesInUse).numbers(total - entriesInUse),
    counts: planes.next(total).numbers(total),
  };
  open.histograms.set(distribution, column);
  for (const { byteLength } of [column.lengths, column.firsts, column.distances, column.counts]) {
    open.openedBytes += byteLength;
  }
  return column;
}

export function openExtremes(open: OpenBlock, distribution: number): ExtremesColumn | undefined {
  const known = open.extremes.get(distribution);
  if (known !== undefined) return known;
  const { block, keys } = open;
  const data = block.get(extremesColumn(distribution));
  const sumPlace = VALUE_SUM_PLACES[distribution] ?? 0;
  const counts = openSums(open, sumPlace + 1);
  if (data === undefined || counts === undefined) return undefined;
  const sums = openSums(open, sumPlace);
  const { reader, cells } = openColumn(data, open);
  const { places, count } = cells;
  const countOf = counts.values.numbers(count);
  // How many entries before each cell have their least, and their greatest value written.
  const firstLeast = new Int32Array(keys.cellCount);
  const firstGreatest = new Int32Array(keys.cellCount);
  let several = 0;
  let many = 0;
  for (let cell = 0; cell < keys.cellCount; cell++) {
    const place = places[cell] as number;
    if (place < 0) continue;
    firstLeast[cell] = several;
    firstGreatest[cell] = many;
    const behind = place + (keys.starts[cell + 1] as number) - (keys.starts[cell] as number);
    for (let i = place; i < behind; i++) {
      const values = countOf[i] as number;
      if (values >= 2) several += 1;
      if (values >= 3) many += 1;
    }
  }
  const planes = openPlanes(reader);
  const least = planes.next(several);
  const greatest = planes.next(many);
  const column: ExtremesColumn = {
    places,
    count,
    read(cell, min, max, targets) {
      const place = places[cell] as number;
      const start = keys.starts[cell] as number;
      // The cells of the counts are those of the values; the sums may miss cells whose values are all 0.
      const sumFrom = sums?.places[cell] ?? -1;
      const length = (keys.starts[cell + 1] as number) - start;
      let nextLeast = firstLeast[cell] as number;
      let nextGreatest = firstGreatest[cell] as number;
      for (let i = 0; i < length; i++) {
        const values = countOf[place + i] as number;
        const isPassed = targets !== undefined && (targets[start + i] as number) < 0;
        if (values === 0 || isPassed) {
          if (values >= 2) nextLeast += 1;
          if (values >= 3) nextGreatest += 1;
          min[i] = Infinity;
          max[i] = -Infinity;
          continue;
        }
        const isTold = values >= 3;
        const sum = isTold || sumFrom < 0 || sums === undefined ? 0 : sums.values.at(sumFrom + i);
        const low = values === 1 ? sum : least.at(nextLeast++);
        min[i] = low;
        max[i] = isTold ? greatest.at(nextGreatest++) : values === 1 ? sum : sum - low;
      }
    },
  };
  open.extremes.set(distribution, column);
  open.openedBytes +=
    least.ownBytes + greatest.ownBytes + countOf.byteLength + firstLeast.byteLength + firstGreatest.byteLength;
  return column;
}
