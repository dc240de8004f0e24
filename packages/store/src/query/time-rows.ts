/** Rows of a time series: bucket by bucket, group by group, with gaps filled when that is wanted. Pure. */
import type { Dimension } from "../read/types.ts";
import type { Bucket } from "./buckets.ts";
import type { Cell } from "./cells.ts";
import { compareKeys, namesOf } from "./groups.ts";
import { hasFacts, type MeasuredValue } from "./measure-value.ts";
import type { GroupNames, TimeBucketRow } from "./types.ts";

/** What stands where a group has no value. */
export interface TimeGaps {
  readonly isFilled: boolean;
  /** Whether a range was given: all of it is filled then, and otherwise what lies between the first and last value. */
  readonly hasRange: boolean;
  readonly empty: MeasuredValue;
}

/** Rows of cells and what was measured in them; cells without facts have none. */
export function toTimeRows(
  cells: readonly Pick<Cell, "bucket" | "group" | "key">[],
  values: readonly MeasuredValue[],
  buckets: readonly Bucket[],
  groupBy: readonly Dimension[],
  gaps: TimeGaps,
): TimeBucketRow[] {
  const shown = placesOf(values);
  const keys = new Map<number, readonly string[]>();
  for (const i of shown) {
    const cell = cells[i];
    if (cell !== undefined && !keys.has(cell.group)) keys.set(cell.group, cell.key);
  }
  const groups = [...keys].sort(([, a], [, b]) => compareKeys(a, b));
  const names = groups.map(([, key]) => namesOf(groupBy, key));
  const ranks = new Map(groups.map(([group], rank) => [group, rank]));
  // Looked up once for each of them: there may be a hundred thousand, and each is asked for several times.
  const rankOf = new Int32Array(values.length);
  const bucketOf = new Int32Array(values.length);
  for (const i of shown) {
    const { group, bucket } = cells[i] ?? NOWHERE;
    rankOf[i] = ranks.get(group) ?? 0;
    bucketOf[i] = bucket;
  }
  const ordered = orderBy(orderBy(shown, rankOf, groups.length), bucketOf, buckets.length);
  const rowOf = (i: number): TimeBucketRow =>
    toRow(buckets[bucketOf[i] ?? 0], names[rankOf[i] ?? 0], values[i] ?? gaps.empty);
  if (!gaps.isFilled) return Array.from(ordered, rowOf);
  if (groups.length === 0 && groupBy.length === 0) names.push({});
  const [oldest, newest] = [ordered[0], ordered.at(-1)];
  const first = gaps.hasRange || oldest === undefined ? 0 : (bucketOf[oldest] ?? 0);
  const last = gaps.hasRange ? buckets.length - 1 : newest === undefined ? -1 : (bucketOf[newest] ?? 0);
  const rows: TimeBucketRow[] = [];
  let next = 0;
  for (let bucket = first; bucket <= last; bucket++) {
    for (const [rank, groupNames] of names.entries()) {
      const i = ordered[next];
      const isHere = i !== undefined && bucketOf[i] === bucket && rankOf[i] === rank;
      if (isHere) next += 1;
      rows.push(isHere ? rowOf(i) : toRow(buckets[bucket], groupNames, gaps.empty));
    }
  }
  return rows;
}

const NOWHERE = { group: 0, bucket: 0 } as const;

/** The places of values that were made from anything. */
function placesOf(values: readonly MeasuredValue[]): Int32Array {
  const places = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (hasFacts(values[i] as MeasuredValue)) places[count++] = i;
  return places.subarray(0, count);
}

/** Items by the whole number below `count` that is theirs, equal ones in their order: counting is quicker than comparing. */
function orderBy(items: Int32Array, keyOf: Int32Array, count: number): Int32Array {
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < items.length; i++) {
    const key = (keyOf[items[i] as number] as number) + 1;
    starts[key] = (starts[key] as number) + 1;
  }
  for (let key = 1; key <= count; key++) starts[key] = (starts[key] as number) + (starts[key - 1] as number);
  const ordered = new Int32Array(items.length);
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as number;
    const key = keyOf[item] as number;
    const place = starts[key] as number;
    starts[key] = place + 1;
    ordered[place] = item;
  }
  return ordered;
}

function toRow(bucket: Bucket | undefined, names: GroupNames = {}, { value, count }: MeasuredValue): TimeBucketRow {
  const { label = "", startMillis = 0, endMillis = 0 } = bucket ?? {};
  return { label, startMillis, endMillis, ...names, value, count };
}
