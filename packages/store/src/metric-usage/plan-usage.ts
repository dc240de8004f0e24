/** Points of a token metric → tokens by quarter hour and model. Pure: the order in which points came makes no difference. */
import { QUARTER_HOUR_MILLIS, type TokenMetric } from "@moai-metrics/model";
import type { SeriesPoint, StoredSeries } from "../series/types.ts";
import type { MetricUsage } from "./types.ts";

const NANOS_PER_MILLI = 1_000_000n;

interface Bucket {
  readonly model: string;
  readonly parts: Map<string, number>;
  atMillis: number;
}

/**
 * @param series of one session.
 * @param fromNano the first moment of which points are kept: a start before it was counted up to there.
 */
export function planMetricUsage(
  metric: TokenMetric,
  series: readonly StoredSeries[],
  fromNano: bigint | undefined,
): MetricUsage[] {
  const buckets = new Map<string, Bucket>();
  for (const { identity, points } of series) {
    const part = identity.attributes[metric.partAttribute];
    if (typeof part !== "string" || identity.kind !== "sum") continue;
    const model = modelName(identity.attributes[metric.modelAttribute]);
    const grown = identity.temporality === "cumulative" ? increases(points, fromNano) : points.map(wholeOf);
    for (const { atMillis, count } of grown) {
      if (!(count > 0)) continue;
      const key = `${Math.floor(atMillis / QUARTER_HOUR_MILLIS)} ${model}`;
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        bucket = { model, parts: new Map(), atMillis };
        buckets.set(key, bucket);
      }
      bucket.parts.set(part, (bucket.parts.get(part) ?? 0) + count);
      bucket.atMillis = Math.max(bucket.atMillis, atMillis);
    }
  }
  return [...buckets.values()].map(({ model, parts, atMillis }) => ({
    model,
    atMillis,
    tokens: metric.tokensOf(parts),
  }));
}

/** Metrics name models with a suffix such as `[1m]` that calls are told without, and prices as well. */
function modelName(given: unknown): string {
  return typeof given === "string" ? given.replace(/\[[^\]]*\]$/, "") : "";
}

interface Growth {
  readonly atMillis: number;
  readonly count: number;
}

function wholeOf(point: SeriesPoint): Growth {
  return { atMillis: millisOf(point), count: numberOf(point) };
}

/** What each point adds to the one before it of the same start; a lower value is a reset. */
function increases(points: readonly SeriesPoint[], fromNano: bigint | undefined): Growth[] {
  const byStart = Map.groupBy(points, ({ startTimeUnixNano }) => startTimeUnixNano);
  return [...byStart].flatMap(([start, ofStart]) => {
    const isCountedBefore = start === 0n || (fromNano !== undefined && start < fromNano);
    return ofStart.toSorted(byTime).map((point, at, sorted): Growth => {
      const before = sorted[at - 1];
      const now = numberOf(point);
      const last = before === undefined ? (isCountedBefore ? now : 0) : numberOf(before);
      return { atMillis: millisOf(point), count: now < last ? now : now - last };
    });
  });
}

function byTime(a: SeriesPoint, b: SeriesPoint): number {
  return a.timeUnixNano < b.timeUnixNano ? -1 : 1;
}

function millisOf({ timeUnixNano }: SeriesPoint): number {
  return Number(timeUnixNano / NANOS_PER_MILLI);
}

function numberOf({ value }: SeriesPoint): number {
  return value.kind === "number" ? Number(value.value) : 0;
}
