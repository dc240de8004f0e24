/** Which closed blocks answer a question, and which bucket each of their slots belongs to. Pure. */
import { dayOfQuarterHour, QUARTER_HOURS_A_DAY } from "./places.ts";

/** What the file holds of the asked span. */
export interface ClosedState {
  /** UTC days that are closed, ascending. */
  readonly closedDays: readonly number[];
  /** Whole days of the asked zone, ascending; none when the zone is not kept. */
  readonly zoneDays: readonly { readonly first: number; readonly behind: number }[];
}

/** One block to read. */
interface BlockRead {
  readonly firstQuarterHour: number;
  /** Bucket of each slot; -1: the slot is not asked for. */
  readonly buckets: Int32Array;
}

export interface RollupReads {
  /** Blocks of whole days of the zone. */
  readonly days: readonly BlockRead[];
  /** Blocks of quarter hours, by UTC day. */
  readonly quarterHours: readonly BlockRead[];
}

/** Days of the zone that lie in one bucket are read whole, everything else by the quarter hour. */
export function planRollupReads(edges: readonly number[], state: ClosedState): RollupReads {
  const whole: { first: number; behind: number; bucket: number }[] = [];
  const bucketOf = createBucketFinder(edges);
  for (const { first, behind } of state.zoneDays) {
    const bucket = bucketOf(first);
    if (bucket >= 0 && behind <= (edges[bucket + 1] ?? 0)) whole.push({ first, behind, bucket });
  }
  return {
    days: whole.map(({ first, bucket }) => ({ firstQuarterHour: first, buckets: Int32Array.of(bucket) })),
    quarterHours: planQuarterHours(edges, state.closedDays, whole),
  };
}

function planQuarterHours(
  edges: readonly number[],
  days: readonly number[],
  whole: readonly { first: number; behind: number }[],
): BlockRead[] {
  const from = edges[0] ?? 0;
  const behind = edges.at(-1) ?? 0;
  const bucketOf = createBucketFinder(edges);
  const reads: BlockRead[] = [];
  let next = 0;
  for (const day of days) {
    if (day < dayOfQuarterHour(from) || day * QUARTER_HOURS_A_DAY >= behind) continue;
    const firstQuarterHour = day * QUARTER_HOURS_A_DAY;
    while ((whole[next]?.behind ?? Infinity) <= firstQuarterHour) next += 1;
    const { first = Infinity, behind: wholeBehind = Infinity } = whole[next] ?? {};
    if (first <= firstQuarterHour && wholeBehind >= firstQuarterHour + QUARTER_HOURS_A_DAY) continue;
    const buckets = new Int32Array(QUARTER_HOURS_A_DAY).fill(-1);
    let isUsed = false;
    for (let slot = 0; slot < QUARTER_HOURS_A_DAY; slot++) {
      const quarterHour = firstQuarterHour + slot;
      while ((whole[next]?.behind ?? Infinity) <= quarterHour) next += 1;
      if ((whole[next]?.first ?? Infinity) <= quarterHour) continue;
      const bucket = bucketOf(quarterHour);
      buckets[slot] = bucket;
      if (bucket >= 0) isUsed = true;
    }
    if (isUsed) reads.push({ firstQuarterHour, buckets });
  }
  return reads;
}

/** Finds the bucket of ascending quarter hours; -1 outside of all. */
export function createBucketFinder(edges: readonly number[]): (quarterHour: number) => number {
  let bucket = 0;
  return (quarterHour) => {
    if (quarterHour < (edges[bucket] ?? Infinity)) bucket = 0;
    while (bucket < edges.length - 1 && (edges[bucket + 1] ?? Infinity) <= quarterHour) bucket += 1;
    return bucket < edges.length - 1 && quarterHour >= (edges[bucket] ?? Infinity) ? bucket : -1;
  };
}
