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
  // Sorted as numbers, which hold the place of a row and, behind it, which value stands there.
  const placed = Float64Array.from(shown, (i) => {
    const { bucket = 0, group = 0 } = cells[i] ?? {};
    return (bucket * groups.length + (ranks.get(group) ?? 0)) * values.length + i;
  }).sort();
  const placeOf = (code: number): number => Math.floor(code / values.length);
  const measuredAt = (code: number): MeasuredValue => values[code % values.length] ?? gaps.empty;
  if (!gaps.isFilled) {
    return Array.from(placed, (code) => {
      const place = placeOf(code);
      return toRow(buckets[Math.floor(place / groups.length)], names[place % groups.length], measuredAt(code));
    });
  }
  if (groups.length === 0 && groupBy.length === 0) names.push({});
  const bucketOf = (code: number | undefined): number | undefined =>
    code === undefined ? undefined : Math.floor(placeOf(code) / groups.length);
  const first = gaps.hasRange ? 0 : (bucketOf(placed[0]) ?? 0);
  const last = gaps.hasRange ? buckets.length - 1 : (bucketOf(placed.at(-1)) ?? -1);
  const rows: TimeBucketRow[] = [];
  let next = 0;
  for (let bucket = first; bucket <= last; bucket++) {
    for (const [rank, groupNames] of names.entries()) {
      const code = placed[next];
      const isHere = code !== undefined && placeOf(code) === bucket * names.length + rank;
      if (isHere) next += 1;
      rows.push(toRow(buckets[bucket], groupNames, isHere ? measuredAt(code) : gaps.empty));
    }
  }
  return rows;
}

function toRow(bucket: Bucket | undefined, names: GroupNames = {}, { value, count }: MeasuredValue): TimeBucketRow {
  const { label = "", startMillis = 0, endMillis = 0 } = bucket ?? {};
  return { label, startMillis, endMillis, ...names, value, count };
}
