/**
 * What Prometheus works out of samples, as its documentation and source say (promql/functions.go, promql/quantile.go):
 * https://prometheus.io/docs/prometheus/latest/querying/functions/
 */

/** The samples of a series inside a range, as far as they decide how much is added for its edges. */
export interface SampledStretch {
  /** Ascending. */
  readonly timesMillis: readonly number[];
  readonly first: number;
  readonly last: number;
}

/** From when to when is asked. */
export interface AskedRange {
  readonly fromMillis: number;
  readonly toMillis: number;
}

/**
 * `rate()` is what a counter grew by, from the first sample in the range to the last one, times this. It stands for the
 * stretches between the edges of the range and these samples: an edge nearer than 1.1 steps is taken to belong to the
 * series, else half a step is added; before the time at which the counter would have been 0, nothing is.
 */
export function rateFactor({ timesMillis, first, last }: SampledStretch, { fromMillis, toMillis }: AskedRange): number {
  const [begins = 0, ends = 0] = [timesMillis[0], timesMillis.at(-1)];
  const sampled = ends - begins;
  const step = sampled / (timesMillis.length - 1);
  const sinceZero = last > first ? (sampled * first) / (last - first) : Number.POSITIVE_INFINITY;
  const added = (gap: number): number => (gap < step * 1.1 ? gap : step / 2);
  const extrapolated = sampled + added(Math.min(begins - fromMillis, sinceZero)) + added(toMillis - ends);
  return extrapolated / sampled / ((toMillis - fromMillis) / 1000);
}

/** `histogram_quantile()`: inside of a bucket values are taken to lie evenly. Bounds ascend and end with infinity. */
export function histogramQuantile(q: number, buckets: readonly (readonly [bound: number, reached: number])[]): number {
  const rank = q * (buckets.at(-1)?.[1] ?? 0);
  const place = Math.min(
    buckets.findIndex(([, reached]) => reached >= rank),
    buckets.length - 1,
  );
  const [end = 0, reached = 0] = buckets[place] ?? [];
  const [begin, below] = buckets[place - 1] ?? [0, 0];
  if (place === buckets.length - 1) return begin;
  return begin + (end - begin) * ((rank - below) / (reached - below));
}
