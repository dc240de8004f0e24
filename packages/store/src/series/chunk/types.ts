/** What a chunk holds, while it is in memory. */
import type { Integers } from "../columns/integers.ts";
import type { ExponentialHistogramValue, HistogramValue } from "../types.ts";

/** Values of one entry; integers and doubles never share one, so that 64-bit integers stay integers. */
export type EntryValues =
  | { readonly kind: "int"; readonly numbers: Integers }
  | { readonly kind: "double"; readonly numbers: Float64Array }
  | { readonly kind: "histogram"; readonly histograms: readonly HistogramValue[] }
  | { readonly kind: "exponential_histogram"; readonly histograms: readonly ExponentialHistogramValue[] };

export type EntryKind = EntryValues["kind"];

/** Points of one series that share a kind of value (and bounds), in order of time and start. */
export interface ChunkEntry {
  readonly seriesId: number;
  /** Nanoseconds since the start of the chunk's UTC day: a double holds them exactly. */
  readonly times: Float64Array;
  /** Nanoseconds since the Unix epoch. */
  readonly starts: BigInt64Array;
  readonly values: EntryValues;
}

/** The codec that {@link encodeChunk} writes; `series_chunk.codec`. */
export const CHUNK_CODEC = 1;

const NANOS_PER_DAY = 86_400_000_000_000n;

/** The UTC day of a time, counted from 1970-01-01. */
export function dayOfNano(timeNano: bigint): number {
  const day = timeNano / NANOS_PER_DAY;
  return Number(timeNano < 0n && day * NANOS_PER_DAY !== timeNano ? day - 1n : day);
}

/** The first nanosecond of a UTC day. */
export function nanoOfDay(day: number): bigint {
  return BigInt(day) * NANOS_PER_DAY;
}
