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
  const shown = [...values.keys()].filter((i) => hasFacts(values[i] ?? gaps.empty));
  const keys = new Map<number, readonly string[]>();
  for (const i of shown) {
    const cell = cells[i];
    if (cell !== undefined && !keys.has(cell.group)) keys.set(cell.group, cell.key);
  }
  const groups = [...keys].sort(([, a], [, b]) => compareKeys(a, b));
  const names = groups.map(([, key]) => namesOf(groupBy, key));
  const ranks = new Map(groups.map(([group], rank) => [group, rank]));
  const rankOf = (i: number): number => ranks.get(cells[i]?.group ?? 0) ?? 0;
  const bucketOf = (i: number): number => cells[i]?.bucket ?? 0;
  const ordered = orderBy(orderBy(shown, rankOf, groups.length), bucketOf, buckets.length);
  const measuredAt = (i: number): MeasuredValue => values[i] ?? gaps.empty;
  if (!gaps.isFilled) return ordered.map((i) => toRow(buckets[bucketOf(i)], names[rankOf(i)], measuredAt(i)));
  if (groups.length === 0 && groupBy.length === 0) names.push({});
  const [oldest, newest] = [ordered[0], ordered.at(-1)];
  const first = gaps.hasRange || oldest === undefined ? 0 : bucketOf(oldest);
  const last = gaps.hasRange ? buckets.length - 1 : newest === undefined ? -1 : bucketOf(newest);
  const rows: TimeBucketRow[] = [];
  let next = 0;
  for (let bucket = first; bucket <= last; bucket++) {
    for (const [rank, groupNames] of names.entries()) {
      const i = ordered[next];
      const isHere = i !== undefined && bucketOf(i) === bucket && rankOf(i) === rank;
      if (isHere) next += 1;
      rows.push(toRow(buckets[bucket], groupNames, isHere ? measuredAt(i) : gaps.empty));
    }
  }
  return rows;
}

/** Items by a whole number below `count`, equal ones in their order: counting is quicker than comparing. */
function orderBy(items: readonly number[], keyOf: (item: number) => number, count: number): number[] {
  const starts = new Int32Array(count + 1);
  for (const item of items) {
    const key = keyOf(item) + 1;
    starts[key] = (starts[key] as number) + 1;
  }
  for (let key = 1; key <= count; key++) starts[key] = (starts[key] as number) + (starts[key - 1] as number);
  const ordered = items.slice();
  for (const item of items) {
    const key = keyOf(item);
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
