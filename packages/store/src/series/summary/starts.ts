/**
 * What each start of a cumulative series counted. Processes that share an identity write into one series, each with a
 * start of its own and one beside the other: another start is no reset of the one before. The increase of a series is
 * the sum over its starts. Pure.
 */
import type { SeriesPoint } from "../types.ts";
import type { StartGrowth } from "./types.ts";

type Total = number | bigint | object;

/** How the values of a series grow. */
export interface Growing<T> {
  totalAt(point: SeriesPoint): T;
  add(a: T, b: T): T;
  /** What was counted between two points of one start. */
  rise(before: SeriesPoint, after: SeriesPoint): T;
}

/** A summary as far as its starts go. */
interface Counted<T> {
  readonly first: SeriesPoint;
  readonly last: SeriesPoint;
  readonly starts?: readonly StartGrowth<T>[] | undefined;
}

/**
 * Whether all points of two summaries have the same start; `starts` are left out then.
 */
export function haveOneStart<T extends Total>(earlier: Counted<T>, later: Counted<T>): boolean {
  return isOfOneStart(earlier) && isOfOneStart(later) && startOf(earlier.first) === startOf(later.first);
}

/**
 * The starts of a summary.
 *
 * @param growth what it says to have grown from its first point to its last.
 * @param less takes away from a growth what a later start began with.
 */
export function startsOf<T extends Total>(
  counted: Counted<T>,
  growth: T | undefined,
  less: (growth: T, point: SeriesPoint) => T,
): readonly StartGrowth<T>[] {
  const { first, last, starts } = counted;
  if (starts !== undefined) return starts;
  if (startOf(first) === startOf(last)) return [{ first, last, growth }];
  // Written before starts were told apart: whatever lies between belongs to the first one.
  return [
    { first, last: first, growth: growth === undefined ? undefined : less(growth, last) },
    { first: last, last, growth: undefined },
  ];
}

/** The starts of two summaries, `later` directly behind `earlier`, in the order in which they first appeared. */
export function joinStarts<T extends Total>(
  earlier: readonly StartGrowth<T>[],
  later: readonly StartGrowth<T>[],
  { rise, add }: Growing<T>,
): StartGrowth<T>[] {
  const joined = new Map(earlier.map((each) => [startOf(each.first), each]));
  for (const next of later) {
    const start = startOf(next.first);
    const before = joined.get(start);
    if (before === undefined) {
      joined.set(start, next);
      continue;
    }
    const parts = [before.growth, rise(before.last, next.first), next.growth].filter((part) => part !== undefined);
    joined.set(start, { first: before.first, last: next.last, growth: parts.reduce(add) });
  }
  return [...joined.values()];
}

/**
 * How much was counted from a series' first point on: what each start grew, and all that a later one began with. A
 * start of 0 is one that is not known: its first point is where counting begins.
 */
export function growthOf<T extends Total>(
  starts: readonly StartGrowth<T>[],
  { totalAt, add }: Growing<T>,
): T | undefined {
  const parts = starts.flatMap(({ first, growth }, at) => {
    const isBaseline = at === 0 || startOf(first) === 0n;
    return [isBaseline ? undefined : totalAt(first), growth].filter((part) => part !== undefined);
  });
  return parts.length === 0 ? undefined : parts.reduce(add);
}

function isOfOneStart({ first, last, starts }: Counted<unknown>): boolean {
  return starts === undefined && startOf(first) === startOf(last);
}

function startOf({ startTimeUnixNano }: SeriesPoint): bigint {
  return startTimeUnixNano;
}
