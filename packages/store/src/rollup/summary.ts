/** In memory: what the facts of one cell in one span of time add up to. */
import { BucketCounts } from "./bucket-counts.ts";
import { bucketOf } from "./histogram.ts";
import type { SheetCell } from "./sheet.ts";
import { DISTRIBUTION_COUNT, noSums, SUM_COUNT, VALUE_SUM_PLACES } from "./sums.ts";
import type { RollupDimensions } from "./types.ts";

/** A cell: facts of one product, project, agent and model. */
export interface Cell extends RollupDimensions {
  /** The four numbers as text. */
  readonly key: string;
}

export interface Summary {
  /** In the order of ROLLUP_SUMS. */
  readonly sums: number[];
  /** Values by bucket, per distribution. */
  readonly buckets: (BucketCounts | undefined)[];
  /** Least and greatest value per distribution; Infinity and -Infinity where there is none. */
  readonly min: number[];
  readonly max: number[];
}

/** The facts of one day: per cell, a summary for each slot that has any. */
export interface SummaryTable {
  /** 96 quarter hours, or one slot for a whole day. */
  readonly slotCount: number;
  readonly cells: Map<string, { readonly cell: Cell; readonly slots: (Summary | undefined)[] }>;
}

/**
 * Takes its numbers one by one: where they were worked out, or read from a block, V8 keeps them as doubles, and from then on
 * would do so in every object of these four fields, also in those that are made for each fact that is written.
 */
export function cellOf(productId: number, projectId: number, agentId: number, modelId: number): Cell {
  return { productId, projectId, agentId, modelId, key: `${productId}|${projectId}|${agentId}|${modelId}` };
}

/** The cell of what all cells add up to. */
export const EVERYTHING: Cell = Object.freeze(cellOf(0, 0, 0, 0));

export function createSummaryTable(slotCount: number): SummaryTable {
  return { slotCount, cells: new Map() };
}

/** The summary of a cell in a slot, made when it is not there yet. */
export function summaryAt(table: SummaryTable, cell: Cell, slot: number): Summary {
  let row = table.cells.get(cell.key);
  if (row === undefined) {
    row = { cell, slots: Array.from({ length: table.slotCount }, () => undefined) };
    table.cells.set(cell.key, row);
  }
  let summary = row.slots[slot];
  if (summary === undefined) {
    summary = createSummary();
    row.slots[slot] = summary;
  }
  return summary;
}

const NO_BUCKETS: readonly undefined[] = Array.from({ length: DISTRIBUTION_COUNT }, () => undefined);
const NO_MIN: readonly number[] = Array.from({ length: DISTRIBUTION_COUNT }, () => Infinity);
const NO_MAX: readonly number[] = Array.from({ length: DISTRIBUTION_COUNT }, () => -Infinity);

export function createSummary(): Summary {
  return { sums: noSums(), buckets: NO_BUCKETS.slice(), min: NO_MIN.slice(), max: NO_MAX.slice() };
}

export function addSummary(into: Summary, added: Summary): void {
  addTotals(into, added);
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    const buckets = added.buckets[d];
    if (buckets !== undefined) bucketsOf(into, d).addAll(buckets);
  }
}

function addSums(into: number[], added: readonly number[]): void {
  for (let i = 0; i < SUM_COUNT; i++) into[i] = (into[i] as number) + (added[i] as number);
}

/** The same without histograms. */
export function addTotals(into: Summary, added: Summary): void {
  addSums(into.sums, added.sums);
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    into.min[d] = Math.min(into.min[d] ?? Infinity, added.min[d] ?? Infinity);
    into.max[d] = Math.max(into.max[d] ?? -Infinity, added.max[d] ?? -Infinity);
  }
}

/**
 * Adds differences. Returns a bit for each distribution whose least or greatest value was among those taken back: then
 * only the ledger knows which one is now.
 */
export function addDifferences(into: Summary, cell: SheetCell): number {
  let lost = 0;
  addSums(into.sums, cell.sums);
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    const values = cell.values[d];
    if (values === undefined || values.size === 0) continue;
    const buckets = bucketsOf(into, d);
    const place = VALUE_SUM_PLACES[d] as number;
    for (const [value, count] of values) {
      into.sums[place] = (into.sums[place] as number) + value * count;
      into.sums[place + 1] = (into.sums[place + 1] as number) + count;
      buckets.add(bucketOf(value), count);
      if (count < 0) continue;
      into.min[d] = Math.min(into.min[d] ?? Infinity, value);
      into.max[d] = Math.max(into.max[d] ?? -Infinity, value);
    }
    if (buckets.size === 0) {
      into.buckets[d] = undefined;
      into.min[d] = Infinity;
      into.max[d] = -Infinity;
    } else if (into.sums[place + 1] === 1) {
      // The only value that is left is the sum of all.
      into.min[d] = into.sums[place] as number;
      into.max[d] = into.sums[place] as number;
    } else {
      for (const [value, count] of values) {
        if (count < 0 && (value <= (into.min[d] ?? 0) || value >= (into.max[d] ?? 0))) lost |= 1 << d;
      }
    }
  }
  return lost;
}

/** Whether nothing is left in it. */
function isEmptySummary({ sums, buckets }: Summary): boolean {
  for (let i = 0; i < SUM_COUNT; i++) if (sums[i] !== 0) return false;
  return buckets.every((each) => each === undefined || each.size === 0);
}

/** Whether it could be the sum of facts: nothing is negative. */
export function isPossible({ sums, buckets }: Summary): boolean {
  for (let i = 0; i < SUM_COUNT; i++) if ((sums[i] as number) < 0) return false;
  return buckets.every((each) => each === undefined || each.counts.every((count) => count > 0));
}

/** Removes what is empty. */
export function dropEmpty(table: SummaryTable): void {
  for (const [key, { slots }] of table.cells) {
    let isUsed = false;
    for (let slot = 0; slot < slots.length; slot++) {
      const summary = slots[slot];
      if (summary === undefined) continue;
      if (isEmptySummary(summary)) slots[slot] = undefined;
      else isUsed = true;
    }
    if (!isUsed) table.cells.delete(key);
  }
}

/** The buckets of a distribution, made when there are none yet. */
function bucketsOf({ buckets }: Summary, distribution: number): BucketCounts {
  const known = buckets[distribution];
  if (known !== undefined) return known;
  const made = new BucketCounts();
  buckets[distribution] = made;
  return made;
}
