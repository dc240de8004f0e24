/** Which sessions the points of a batch tell tokens of, and everything that was told of one. */
import type { ProductTelling, TokenMetric } from "@moai-metrics/model";
import type { PointReader } from "../series/point-reader.ts";
import type { PointBatch, SeriesPoint, StoredSeries } from "../series/types.ts";
import { planMetricUsage } from "./plan-usage.ts";
import type { SessionMetricUsage } from "./types.ts";

/** A session, and the metric that tells its tokens. */
export interface ToldSession {
  readonly product: string;
  readonly sessionId: string;
  readonly metric: TokenMetric;
}

const NANOS_PER_MILLI = 1_000_000n;

/** Each session once. */
export function toldSessions({ series }: PointBatch, tellings: readonly ProductTelling[]): ToldSession[] {
  const told = new Map<string, ToldSession>();
  for (const { identity } of series) {
    const telling = tellings.find(({ tokenMetric }) => tokenMetric?.metric === identity.metric);
    const metric = telling?.tokenMetric;
    if (telling === undefined || metric === undefined) continue;
    const sessionId = identity.attributes[metric.sessionAttribute];
    if (typeof sessionId !== "string" || sessionId === "") continue;
    told.set(`${telling.product}\0${sessionId}`, { product: telling.product, sessionId, metric });
  }
  return [...told.values()];
}

/** What all points of a session tell. */
export function readMetricUsage(points: PointReader, { product, sessionId, metric }: ToldSession): SessionMetricUsage {
  const series = new Map<string, StoredSeries & { readonly points: SeriesPoint[] }>();
  let fromNano: bigint | undefined;
  const question = { metric: metric.metric, attributes: { [metric.sessionAttribute]: sessionId } };
  for (const page of points.iterate(question)) {
    fromNano = page.keptFromNano;
    for (const { identity, points: found } of page.series) {
      const key = JSON.stringify(identity);
      const known = series.get(key);
      if (known === undefined) series.set(key, { identity, points: [...found] });
      else known.points.push(...found);
    }
  }
  return {
    product,
    sessionId,
    usages: planMetricUsage(metric, [...series.values()], fromNano),
    fromMillis: fromNano === undefined ? 0 : Number(fromNano / NANOS_PER_MILLI),
  };
}
