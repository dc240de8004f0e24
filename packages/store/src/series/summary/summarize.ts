/** Points as hourly and daily summaries. Pure. */
import type { ExponentialHistogramValue, HistogramValue, PointValue, SeriesIdentity, SeriesPoint } from "../types.ts";
import { mergeDistributions, subtractDistributions, withoutExtremes } from "./distributions.ts";
import { add, subtract } from "./exact-sum.ts";
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
  const buckets: { readonly fromNano: bigint; summary: SeriesSummary }[] = [];
  return {
    add(point) {
      const fromNano = floorTo(point.timeUnixNano, widthNano);
      const last = buckets.at(-1);
      const single = summaryOfPoint(series, point);
      if (last?.fromNano === fromNano) last.summary = joinSummaries(series, last.summary, single);
      else buckets.push({ fromNano, summary: single });
    },
    buckets: () => buckets,
  };
}

/** The start of the bucket that holds a time. */
export function floorTo(timeNano: bigint, widthNano: bigint): bigint {
  const rest = timeNano % widthNano;
  return timeNano - (rest < 0n ? rest + widthNano : rest);
}

/**
 * Two summaries of one series as one, `later` directly behind `earlier`: what the total rose between them is counted.
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
  const between =
    earlier.increase === undefined ? undefined : riseBetween(series, earlier.last, later.first, numberOf, subtract);
  return {
    kind: "number",
    points: earlier.points + later.points,
    sum: add(earlier.sum, later.sum),
    min: later.min < earlier.min ? later.min : earlier.min,
    max: later.max > earlier.max ? later.max : earlier.max,
    first: earlier.first,
    last: later.last,
    increase: between === undefined ? undefined : add(add(earlier.increase ?? 0, between), later.increase ?? 0),
  };
}

function joinDistributions(
  series: Kind,
  earlier: DistributionSummary,
  later: DistributionSummary,
): DistributionSummary {
  const between =
    series.temporality === "cumulative"
      ? withoutExtremes(riseBetween(series, earlier.last, later.first, distributionOf, subtractDistributions))
      : undefined;
  const merged = [earlier.merged, between, later.merged].reduce((sum, each) =>
    sum === undefined || each === undefined ? (sum ?? each) : mergeDistributions(sum, each),
  );
  return {
    kind: "distribution",
    points: earlier.points + later.points,
    merged,
    first: earlier.first,
    last: later.last,
  };
}

/**
 * What a cumulative total gained between two points: the difference, or after a reset all that the later one has.
 * A reset shows as another start, or as a total that fell although it never should.
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
  return before.startTimeUnixNano !== after.startTimeUnixNano || hasFallen ? later : difference(later, earlier);
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
