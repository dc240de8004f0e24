/** Adding and subtracting distributions. */
import type { ExponentialHistogramValue, HistogramValue } from "../types.ts";

type Distribution = HistogramValue | ExponentialHistogramValue;
type Buckets = ExponentialHistogramValue["positive"];

/** Buckets on one side of a merged exponential histogram: more are brought to a lower scale, as the SDKs do. */
const MAX_BUCKETS = 320;

/**
 * Both distributions as one. Explicit buckets are added when the bounds agree, exponential ones at the lower scale of
 * the two; where buckets do not fit together, one bucket without bounds keeps the count.
 */
export function mergeDistributions(a: Distribution, b: Distribution): Distribution {
  return combine(a, b, 1);
}

/** What was added to a cumulative distribution since `earlier`. Its min and max cannot be known. */
export function subtractDistributions(later: Distribution, earlier: Distribution): Distribution {
  return { ...combine(later, earlier, -1), min: undefined, max: undefined };
}

/** Without min and max, which say nothing about an increase. */
export function withoutExtremes(value: Distribution): Distribution {
  return { ...value, min: undefined, max: undefined };
}

function combine(a: Distribution, b: Distribution, sign: 1 | -1): Distribution {
  const summary = {
    count: a.count + sign * b.count,
    sum: a.sum === undefined || b.sum === undefined ? undefined : a.sum + sign * b.sum,
    min: extreme(a.min, b.min, Math.min),
    max: extreme(a.max, b.max, Math.max),
  };
  if (a.kind === "exponential_histogram" && b.kind === "exponential_histogram") {
    return { kind: a.kind, ...summary, zeroCount: a.zeroCount + sign * b.zeroCount, ...combineSides(a, b, sign) };
  }
  if (a.kind === "histogram" && b.kind === "histogram" && haveSameBounds(a, b)) {
    const counts = a.counts.map((count, i) => count + sign * (b.counts[i] ?? 0));
    return { kind: a.kind, ...summary, bounds: a.bounds, counts };
  }
  return { kind: "histogram", ...summary, bounds: [], counts: [summary.count] };
}

function extreme(
  a: number | undefined,
  b: number | undefined,
  pick: (a: number, b: number) => number,
): number | undefined {
  return a === undefined || b === undefined ? undefined : pick(a, b);
}

function haveSameBounds(a: HistogramValue, b: HistogramValue): boolean {
  return a.bounds.length === b.bounds.length && a.bounds.every((bound, i) => bound === b.bounds[i]);
}

function combineSides(
  a: ExponentialHistogramValue,
  b: ExponentialHistogramValue,
  sign: 1 | -1,
): Pick<ExponentialHistogramValue, "scale" | "positive" | "negative"> {
  let scale = Math.min(a.scale, b.scale);
  const isTooWide = (side: "positive" | "negative"): boolean => {
    const ranges = [rangeAt(a[side], a.scale - scale), rangeAt(b[side], b.scale - scale)].filter(
      (range) => range !== undefined,
    );
    const low = Math.min(...ranges.map((range) => range.first));
    const high = Math.max(...ranges.map((range) => range.last));
    return high - low >= MAX_BUCKETS;
  };
  while (isTooWide("positive") || isTooWide("negative")) scale -= 1;
  const side = (name: "positive" | "negative"): Buckets =>
    combineBuckets(a[name], a.scale - scale, b[name], b.scale - scale, sign);
  return { scale, positive: side("positive"), negative: side("negative") };
}

function rangeAt({ offset, counts }: Buckets, shift: number): { first: number; last: number } | undefined {
  const isFilled = (count: number): boolean => count !== 0;
  const first = counts.findIndex(isFilled);
  if (first < 0) return undefined;
  const last = counts.findLastIndex(isFilled);
  return { first: Math.floor((offset + first) / 2 ** shift), last: Math.floor((offset + last) / 2 ** shift) };
}

function combineBuckets(a: Buckets, shiftOfA: number, b: Buckets, shiftOfB: number, sign: 1 | -1): Buckets {
  const ranges = [rangeAt(a, shiftOfA), rangeAt(b, shiftOfB)].filter((range) => range !== undefined);
  if (ranges.length === 0) return { offset: 0, counts: [] };
  const offset = Math.min(...ranges.map(({ first }) => first));
  const last = Math.max(...ranges.map((range) => range.last));
  const counts = new Array<number>(last - offset + 1).fill(0);
  const addAll = (buckets: Buckets, shift: number, factor: 1 | -1): void => {
    for (const [i, count] of buckets.counts.entries()) {
      if (count === 0) continue;
      const index = Math.floor((buckets.offset + i) / 2 ** shift) - offset;
      counts[index] = (counts[index] ?? 0) + factor * count;
    }
  };
  addAll(a, shiftOfA, 1);
  addAll(b, shiftOfB, sign);
  return trimmed({ offset, counts });
}

/** Without empty buckets at the ends, which a difference leaves. */
function trimmed({ offset, counts }: Buckets): Buckets {
  const isFilled = (count: number): boolean => count !== 0;
  const first = counts.findIndex(isFilled);
  if (first < 0) return { offset: 0, counts: [] };
  return { offset: offset + first, counts: counts.slice(first, counts.findLastIndex(isFilled) + 1) };
}
