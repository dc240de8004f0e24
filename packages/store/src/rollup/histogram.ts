/**
 * Histograms of whole numbers from 0 up, in OpenTelemetry's base-2 exponential buckets at scale 5.
 *
 * Bucket `i` holds the numbers above 2^(i/32) and up to 2^((i+1)/32); so 1 lies in bucket -1. Zero has a bucket of its
 * own, {@link ZERO_BUCKET}. Up to 45 every bucket holds a single whole number. Whatever is read from a histogram is
 * therefore exact up to 45, and above that within {@link RELATIVE_ERROR} of the true number.
 *
 * https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
import type { HistogramScale, SparseHistogram } from "./types.ts";

const BUCKETS_PER_DOUBLING = 32;

/** Holds the zeros. */
export const ZERO_BUCKET = -2;

/** Ratio of the limits of a bucket. */
const BASE = 2 ** (1 / BUCKETS_PER_DOUBLING);

/** The farthest that {@link bucketValue} lies from a number of its bucket, relative to that number: 1.0831 %. */
export const RELATIVE_ERROR: number = (BASE - 1) / (BASE + 1);

/** The bucket of a whole number from 0 up. */
export function bucketOf(value: number): number {
  if (value >= REMEMBERED_BUCKETS.length) return workOutBucket(value);
  const known = REMEMBERED_BUCKETS[value] as number;
  if (known !== 0) return known - REMEMBERED_FROM;
  const bucket = workOutBucket(value);
  REMEMBERED_BUCKETS[value] = bucket + REMEMBERED_FROM;
  return bucket;
}

function workOutBucket(value: number): number {
  return value === 0 ? ZERO_BUCKET : Math.ceil(Math.log2(value) * BUCKETS_PER_DOUBLING) - 1;
}

/** Buckets of durations up to a minute, which most are: looking one up takes a fifth of a logarithm. 0: not known yet. */
const REMEMBERED_BUCKETS = new Uint16Array(2 ** 16);
const REMEMBERED_FROM = 3;

/** The number that a bucket stands for: the one whose relative error is least at both limits. */
export function bucketValue(bucket: number): number {
  if (bucket === ZERO_BUCKET) return 0;
  // Limits that are powers of two come out whole this way.
  const lower = 2 ** (bucket / BUCKETS_PER_DOUBLING);
  const upper = 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING);
  const least = Math.floor(lower) + 1;
  if (least + 1 > upper) return least;
  return (2 * upper) / (BASE + 1);
}

/** What makes a bucket of scale 5 one of that scale: so many of its lowest bits go. */
const SHIFT_OF_SCALE: Readonly<Record<HistogramScale, number>> = { 5: 0, 0: 5 };

/** A histogram that is being added up: an array over the span of buckets in use. */
export class DenseHistogram implements SparseHistogram {
  /** Number of values. */
  count = 0;
  private first = 0;
  private values: Float64Array = NO_COUNTS;
  private readonly shift: number;

  /** @param scale of the buckets that it keeps; those that are added are at scale 5. */
  constructor(scale: HistogramScale = 5) {
    this.shift = SHIFT_OF_SCALE[scale];
  }

  /** Made when asked for, which costs more than finding a percentile does. */
  get buckets(): ReadonlyMap<number, number> {
    const buckets = new Map<number, number>();
    for (const [i, count] of this.values.entries()) if (count !== 0) buckets.set(this.first + i, count);
    return buckets;
  }

  add(bucket: number, count: number): void {
    this.addKept(bucket >> this.shift, count);
  }

  /** Adds all values of another one of the same scale. */
  addAll({ first, values }: DenseHistogram): void {
    for (const [i, count] of values.entries()) if (count !== 0) this.addKept(first + i, count);
  }

  /**
   * Adds the buckets of an entry.
   * @param distances from each bucket to the next, beginning at `distance`.
   * @param counts less 1, beginning at `from`; `length` of them.
   */
  addEntry(
    bucket: number,
    distances: ArrayLike<number>,
    distance: number,
    counts: ArrayLike<number>,
    from: number,
    length: number,
  ): void {
    // Kept to whole numbers of 32 bits, which arrays are indexed by fastest.
    let last = bucket | 0;
    for (let i = distance; i < distance + length - 1; i++) last = (last + (distances[i] as number)) | 0;
    const { shift } = this;
    this.reach(bucket >> shift, last >> shift);
    const { values, first } = this;
    let current = bucket | 0;
    let added = length;
    for (let i = 0; i < length; i++) {
      if (i > 0) current = (current + (distances[distance + i - 1] as number)) | 0;
      const further = counts[from + i] as number;
      const place = (current >> shift) - first;
      values[place] = (values[place] as number) + further + 1;
      added += further;
    }
    this.count += added;
  }

  /** The bucket that holds the value at a place, counted from 1. */
  bucketAt(place: number): number | undefined {
    let passed = 0;
    for (let i = 0; i < this.values.length; i++) {
      passed += this.values[i] as number;
      if (passed >= place) return this.first + i;
    }
    return undefined;
  }

  /** @param bucket at its own scale. */
  private addKept(bucket: number, count: number): void {
    this.reach(bucket, bucket);
    const place = bucket - this.first;
    this.values[place] = (this.values[place] as number) + count;
    this.count += count;
  }

  /** Widens the span to hold the buckets from `low` to `high`, at its own scale. */
  private reach(low: number, high: number): void {
    const { first, values, shift } = this;
    const behind = first + values.length;
    if (low >= first && high < behind) return;
    const isFirst = values.length === 0;
    // Room for more on the side that was too short, so that a wide span is not reached bucket by bucket.
    const slack = Math.max(FIRST_SLACK >> shift, isFirst ? 0 : values.length >> 2);
    const newFirst = isFirst || low < first ? Math.max(ZERO_BUCKET >> shift, low - slack) : first;
    const newBehind = isFirst || high >= behind ? high + 1 + slack : behind;
    this.values = takeNumbers(newBehind - newFirst);
    this.values.set(values, isFirst ? 0 : first - newFirst);
    this.first = newFirst;
  }
}

/** Thousands of histograms are made for an answer, and memory of its own costs each of them more than its numbers do. */
const SHARED_NUMBERS = 16_384;
let shared = new Float64Array(0);
let sharedInUse = 0;

/** So many zeros, mostly out of an array that others use as well. */
function takeNumbers(length: number): Float64Array {
  if (length > SHARED_NUMBERS / 4) return new Float64Array(length);
  if (sharedInUse + length > shared.length) {
    shared = new Float64Array(SHARED_NUMBERS);
    sharedInUse = 0;
  }
  sharedInUse += length;
  return shared.subarray(sharedInUse - length, sharedInUse);
}

const FIRST_SLACK = 16;
const NO_COUNTS = new Float64Array(0);

/**
 * The value below or at which `percentile` percent of the values lie, by nearest rank: the value at place
 * ⌈percentile / 100 × count⌉, counted from 1. Within {@link RELATIVE_ERROR} of it; never beyond `extremes`, when given.
 * @param percentile from 0 (the least value) to 100 (the greatest).
 * @returns undefined when there is no value.
 */
export function percentileOf(
  histogram: SparseHistogram,
  percentile: number,
  extremes?: { readonly min: number; readonly max: number },
): number | undefined {
  const { count } = histogram;
  if (count <= 0) return undefined;
  // A percentage such as 99.9 is no exact double: what is a whole place must not become the next one.
  const place = Math.min(count, Math.max(1, Math.ceil((percentile / 100) * count - count * 1e-12)));
  if (extremes !== undefined && place === 1) return extremes.min;
  if (extremes !== undefined && place === count) return extremes.max;
  const bucket = histogram instanceof DenseHistogram ? histogram.bucketAt(place) : bucketAt(histogram, place);
  if (bucket === undefined) return undefined;
  const value = bucketValue(bucket);
  return extremes === undefined ? value : Math.min(extremes.max, Math.max(extremes.min, value));
}

function bucketAt({ buckets }: SparseHistogram, place: number): number | undefined {
  let passed = 0;
  for (const [bucket, count] of buckets) {
    passed += count;
    if (passed >= place) return bucket;
  }
  return undefined;
}
