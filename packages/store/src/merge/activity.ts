/** Activity of a session: a set of intervals that are at least ten minutes apart. */
import type { ActivityInterval } from "@moai-metrics/model";

/** Gaps up to this long count as active time. */
export const MAX_ACTIVE_GAP_MILLIS = 600_000;

/**
 * The union of intervals, with gaps of up to ten minutes closed. Joining early or late gives the same set, so that
 * partial imports in any order agree.
 */
export function joinActivity(intervals: readonly ActivityInterval[]): ActivityInterval[] {
  const sorted = areInOrder(intervals) ? intervals : intervals.toSorted((a, b) => a.startMillis - b.startMillis);
  const joined: ActivityInterval[] = [];
  for (const interval of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && interval.startMillis - last.endMillis <= MAX_ACTIVE_GAP_MILLIS) {
      joined[joined.length - 1] = {
        startMillis: last.startMillis,
        endMillis: Math.max(last.endMillis, interval.endMillis),
      };
    } else {
      joined.push(interval);
    }
  }
  return joined;
}

/** Mostly they are: facts come in the order of their times. */
function areInOrder(intervals: readonly ActivityInterval[]): boolean {
  for (let i = 1; i < intervals.length; i++) {
    if ((intervals[i] as ActivityInterval).startMillis < (intervals[i - 1] as ActivityInterval).startMillis)
      return false;
  }
  return true;
}

/** Active time inside intervals, in milliseconds. */
export function activeMillis(intervals: readonly ActivityInterval[]): number {
  return intervals.reduce((sum, { startMillis, endMillis }) => sum + endMillis - startMillis, 0);
}

/** The parts of intervals that lie inside a range. */
export function clipActivity(
  intervals: readonly ActivityInterval[],
  { startMillis, endMillis }: ActivityInterval,
): ActivityInterval[] {
  return intervals
    .map((interval) => ({
      startMillis: Math.max(interval.startMillis, startMillis),
      endMillis: Math.min(interval.endMillis, endMillis),
    }))
    .filter((interval) => interval.startMillis <= interval.endMillis);
}

/** Text form for the file: `[[start, end], …]`. */
export function encodeActivity(intervals: readonly ActivityInterval[]): string {
  return `[${intervals.map(({ startMillis, endMillis }) => `[${startMillis},${endMillis}]`).join(",")}]`;
}

/** Reads the text form back. */
export function decodeActivity(text: string): ActivityInterval[] {
  const pairs = JSON.parse(text) as [number, number][];
  return pairs.map(([startMillis, endMillis]) => ({ startMillis, endMillis }));
}
