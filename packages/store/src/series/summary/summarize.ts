/** Points as hourly and daily summaries. Pure. */
import type { ExponentialHistogramValue, HistogramValue, PointValue, SeriesIdentity, SeriesPoint } from "../types.ts";
import { mergeDistributions, subtractDistributions, withoutExtremes } from "./distributions.ts";
import { add, subtract } from "./exact-sum.ts";
import { growthOf, haveOneStart, joinStarts, startsOf } from "./starts.ts";
import type { DistributionSummary, NumberSummary, SeriesSummary } from "./types.ts";

type Numeric = number | bigint;
type Distribution = HistogramValue | ExponentialHistogramValue;
type Kind = Pick<SeriesIdentity, "kind" | "temporality" | "isMonotonic">;

/** Points of one bucket and the time at which the bucket begins. */
export interface SummaryBucket {
  readonly fromNano: bigint;
  readonly summary: SeriesSummary;
}

/** Takes the points of one series, in order of time and start, and sums them up. */
export interface Summarizer {
  add(point: SeriesPoint): void;
  /** One summary per bucket that had any points. */
  buckets(): readonly SummaryBucket[];
}

/** @param widthNano buckets begin at multiples of it since the Unix epoch, UTC. */
export function createSummarizer(series: Kind, widthNano: bigint): Summarizer {
  const buckets: { readonly fromNano: bigint; readonly parts: Part[] }[] = [];
  return {
    add(point) {
      const fromNano = floorTo(point.timeUnixNano, widthNano);
      let last = buckets.at(-1);
      if (last?.fromNano !== fromNano) {
        last = { fromNano, parts: [] };
        buckets.push(last);
      }
      addPart(series, last.parts, { points: 1, summary: summaryOfPoint(series, point) });
    },
    buckets: () =>
      buckets.map(({ fromNano, parts }) => ({
        fromNano,
        summary: parts.map(({ summary }) => summary).reduce((sum, next) => joinSummaries(series, sum, next)),
      })),
  };
}

/** Some points of a bucket, one behind the other. */
interface Part {
  readonly points: number;
  readonly summary: SeriesSummary;
}

/**
 * Joins parts of equal size only: a summary lists its starts, and joining each point to all before it would copy the list
 * of a day that has thousands of them for every point.
 */
function addPart(series: Kind, parts: Part[], part: Part): void {
  let joined = part;
  for (let last = parts.at(-1); last?.points === joined.points; last = parts.at(-1)) {
    parts.pop();
    joined = { points: 2 * joined.points, summary: joinSummaries(series, last.summary, joined.summary) };
  }
  parts.push(joined);
}

/** The start of the bucket that holds a time. */
export function floorTo(timeNano: bigint, widthNano: bigint): bigint {
  const rest = timeNano % widthNano;
  return timeNano - (rest < 0n ? rest + widthNano : rest);
}

/**
 * Two summaries of one series as one, `later` directly behind `earlier`: what was counted between them is added.
 * Associative, so that hours make the same day as its points do (sums of doubles: but for rounding).
 */
export function joinSummaries(series: Kind, earlier: SeriesSummary, later: SeriesSummary): SeriesSummary {
  if (earlier.kind === "number" && later.kind === "number") return joinNumbers(series, earlier, later);
  if (earlier.kind === "distribution" && later.kind === "distribution") {
    return joinDistributions(series, earlier, later);
  }
  throw new TypeError("A series has numbers and distributions.");
}

function summaryOfPoint({ kind, temporality }: Kind, point: SeriesPoint): SeriesSummary {
  const { value } = point;
  if (value.kind === "number") {
    const increase = kind === "sum" && temporality === "cumulative" ? 0 : undefined;
    const number = value.value;
    return { kind: "number", points: 1, sum: number, min: number, max: number, first: point, last: point, increase };
  }
  const merged = temporality === "cumulative" ? undefined : value;
  return { kind: "distribution", points: 1, merged, first: point, last: point };
}

function joinNumbers(series: Kind, earlier: NumberSummary, later: NumberSummary): NumberSummary {
  const joined = {
    kind: "number",
    points: earlier.points + later.points,
    sum: add(earlier.sum, later.sum),
    min: later.min < earlier.min ? later.min : earlier.min,
    max: later.max > earlier.max ? later.max : earlier.max,
    first: earlier.first,
    last: later.last,
  } as const;
  if (earlier.increase === undefined) return { ...joined, increase: undefined };
  const rise = (before: SeriesPoint, after: SeriesPoint): Numeric =>
    riseBetween(series, before, after, numberOf, subtract);
  if (haveOneStart(earlier, later)) {
    const between = rise(earlier.last, later.first);
    return { ...joined, increase: add(add(earlier.increase, between), later.increase ?? 0) };
  }
  const growing = { totalAt: (point: SeriesPoint) => numberOf(point.value), add, rise };
  const less = (growth: Numeric, { value }: SeriesPoint): Numeric => subtract(growth, numberOf(value));
  const starts = joinStarts(startsOf(earlier, earlier.increase, less), startsOf(later, later.increase, less), growing);
  return { ...joined, increase: growthOf(starts, growing) ?? 0, starts };
}

function joinDistributions(
  series: Kind,
  earlier: DistributionSummary,
  later: DistributionSummary,
): DistributionSummary {
  const joined = {
    kind: "distribution",
    points: earlier.points + later.points,
    first: earlier.first,
    last: later.last,
  } as const;
  const merge = (...parts: readonly (Distribution | undefined)[]): Distribution | undefined =>
    parts.reduce((sum, part) =>
      sum === undefined || part === undefined ? (sum ?? part) : mergeDistributions(sum, part),
    );
  if (series.temporality !== "cumulative") return { ...joined, merged: merge(earlier.merged, later.merged) };
  const rise = (before: SeriesPoint, after: SeriesPoint): Distribution =>
    withoutExtremes(riseBetween(series, before, after, distributionOf, subtractDistributions));
  if (haveOneStart(earlier, later)) {
    return { ...joined, merged: merge(earlier.merged, rise(earlier.last, later.first), later.merged) };
  }
  const growing = {
    totalAt: ({ value }: SeriesPoint) => withoutExtremes(distributionOf(value)),
    add: mergeDistributions,
    rise,
  };
  const less = (growth: Distribution, { value }: SeriesPoint): Distribution =>
    subtractDistributions(growth, distributionOf(value));
  const starts = joinStarts(startsOf(earlier, earlier.merged, less), startsOf(later, later.merged, less), growing);
  return { ...joined, merged: growthOf(starts, growing), starts };
}

/**
 * What a cumulative total gained between two points of one start: the difference, or all that the later one has when the
 * total fell although it never should.
 */
function riseBetween<T extends Numeric | Distribution>(
  { isMonotonic, kind }: Kind,
  before: SeriesPoint,
  after: SeriesPoint,
  read: (value: PointValue) => T,
  difference: (later: T, earlier: T) => T,
): T {
  const [earlier, later] = [read(before.value), read(after.value)];
  const hasFallen = (isMonotonic || kind !== "sum") && sizeOf(later) < sizeOf(earlier);
  return hasFallen ? later : difference(later, earlier);
}

function sizeOf(value: Numeric | Distribution): Numeric {
  return typeof value === "object" ? value.count : value;
}

function numberOf(value: PointValue): Numeric {
  if (value.kind !== "number") throw new TypeError(`A sum has a ${value.kind}.`);
  return value.value;
}

function distributionOf(value: PointValue): Distribution {
  if (value.kind === "number") throw new TypeError("A histogram has a number.");
  return value;
}
