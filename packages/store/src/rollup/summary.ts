/** In memory: what the facts of one cell in one span of time add up to. */
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
  readonly buckets: (Map<number, number> | undefined)[];
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

export function cellOf({ productId, projectId, agentId, modelId }: RollupDimensions): Cell {
  return { productId, projectId, agentId, modelId, key: `${productId}|${projectId}|${agentId}|${modelId}` };
}

/** The cell of what all cells add up to. */
export const EVERYTHING: Cell = Object.freeze(cellOf({ productId: 0, projectId: 0, agentId: 0, modelId: 0 }));

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
    for (const [bucket, count] of added.buckets[d] ?? []) addToBucket(into, d, bucket, count);
  }
}

/** The same without histograms. */
export function addTotals(into: Summary, added: Summary): void {
  for (let i = 0; i < SUM_COUNT; i++) into.sums[i] = (into.sums[i] ?? 0) + (added.sums[i] ?? 0);
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    into.min[d] = Math.min(into.min[d] ?? Infinity, added.min[d] ?? Infinity);
    into.max[d] = Math.max(into.max[d] ?? -Infinity, added.max[d] ?? -Infinity);
  }
}

/**
 * Adds differences. Returns whether a removed value was the least or greatest of its distribution: then only the
 * ledger knows which one is now.
 */
export function addDifferences(into: Summary, cell: SheetCell): boolean {
  let hasLostExtreme = false;
  for (let i = 0; i < SUM_COUNT; i++) into.sums[i] = (into.sums[i] ?? 0) + (cell.sums[i] ?? 0);
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    const values = cell.values[d];
    if (values === undefined) continue;
    for (const [value, count] of values) {
      const place = VALUE_SUM_PLACES[d] ?? 0;
      into.sums[place] = (into.sums[place] ?? 0) + value * count;
      into.sums[place + 1] = (into.sums[place + 1] ?? 0) + count;
      addToBucket(into, d, bucketOf(value), count);
      if (count < 0) continue;
      into.min[d] = Math.min(into.min[d] ?? Infinity, value);
      into.max[d] = Math.max(into.max[d] ?? -Infinity, value);
    }
    for (const [value, count] of values) {
      if (count < 0 && (value <= (into.min[d] ?? 0) || value >= (into.max[d] ?? 0))) hasLostExtreme = true;
    }
    if (into.buckets[d]?.size === 0) {
      into.buckets[d] = undefined;
      into.min[d] = Infinity;
      into.max[d] = -Infinity;
    }
  }
  return hasLostExtreme;
}

/** Whether nothing is left in it. */
function isEmptySummary({ sums, buckets }: Summary): boolean {
  return sums.every((sum) => sum === 0) && buckets.every((each) => each === undefined || each.size === 0);
}

/** Whether it could be the sum of facts: nothing is negative. */
export function isPossible({ sums, buckets }: Summary): boolean {
  if (sums.some((sum) => sum < 0)) return false;
  return buckets.every((each) => each === undefined || [...each.values()].every((count) => count > 0));
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

function addToBucket(into: Summary, distribution: number, bucket: number, count: number): void {
  let buckets = into.buckets[distribution];
  if (buckets === undefined) {
    buckets = new Map();
    into.buckets[distribution] = buckets;
  }
  const sum = (buckets.get(bucket) ?? 0) + count;
  if (sum === 0) buckets.delete(bucket);
  else buckets.set(bucket, sum);
}
