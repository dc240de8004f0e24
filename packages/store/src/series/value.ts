/** Values of points as columns: numbers plain, distributions as JSON. */
import type { PointValue, SeriesIdentity } from "./types.ts";

/** The two columns of a value. */
export interface ValueColumns {
  readonly value: number | bigint | null;
  readonly distribution: string | null;
}

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** The reason why a value cannot be stored, or undefined when it can. */
export function refusalOfValue(value: PointValue): string | undefined {
  if (value.kind === "number") {
    if (typeof value.value === "bigint") {
      return value.value > MAX_INT64 || value.value < MIN_INT64 ? "integer beyond 64 bits" : undefined;
    }
    return Number.isNaN(value.value) ? "not a number" : undefined;
  }
  const numbers = [value.count, value.sum ?? 0, value.min ?? 0, value.max ?? 0];
  if (!numbers.every(Number.isFinite)) return "distribution with a value that is not finite";
  if (value.kind === "histogram" && value.counts.length !== value.bounds.length + 1) {
    return "histogram whose counts do not fit its bounds";
  }
  return undefined;
}

/** @param valueType integers are stored as 64-bit integers, doubles as doubles, also when they are whole. */
export function encodeValue(value: PointValue, valueType: SeriesIdentity["valueType"]): ValueColumns {
  if (value.kind !== "number") return { value: null, distribution: encodeDistribution(value) };
  const isStoredAsInteger = valueType === "int" && (typeof value.value === "bigint" || Number.isInteger(value.value));
  return { value: isStoredAsInteger ? BigInt(value.value) : Number(value.value), distribution: null };
}

/** Reads the columns back. Integers come as numbers where a number holds them exactly. */
export function decodeValue(columns: ValueColumns): PointValue {
  if (columns.distribution !== null) return decodeDistribution(columns.distribution);
  const value = columns.value ?? 0;
  const isExact = typeof value === "bigint" && BigInt(Number(value)) === value && Number.isSafeInteger(Number(value));
  return { kind: "number", value: isExact ? Number(value) : value };
}

function encodeDistribution(value: Exclude<PointValue, { kind: "number" }>): string {
  if (value.kind === "histogram") {
    return JSON.stringify([
      "h",
      value.count,
      value.sum ?? null,
      value.min ?? null,
      value.max ?? null,
      value.bounds,
      value.counts,
    ]);
  }
  const { positive, negative } = value;
  return JSON.stringify([
    "e",
    value.count,
    value.sum ?? null,
    value.min ?? null,
    value.max ?? null,
    value.scale,
    value.zeroCount,
    positive.offset,
    positive.counts,
    negative.offset,
    negative.counts,
  ]);
}

type Summary = [count: number, sum: number | null, min: number | null, max: number | null];
type EncodedDistribution =
  | ["h", ...Summary, bounds: number[], counts: number[]]
  | [
      "e",
      ...Summary,
      scale: number,
      zeroCount: number,
      offset: number,
      counts: number[],
      offset: number,
      counts: number[],
    ];

function decodeDistribution(text: string): PointValue {
  const encoded = JSON.parse(text) as EncodedDistribution;
  const [, count, sum, min, max] = encoded;
  const summary = { count, sum: sum ?? undefined, min: min ?? undefined, max: max ?? undefined };
  if (encoded[0] === "h") return { kind: "histogram", ...summary, bounds: encoded[5], counts: encoded[6] };
  return {
    kind: "exponential_histogram",
    ...summary,
    scale: encoded[5],
    zeroCount: encoded[6],
    positive: { offset: encoded[7], counts: encoded[8] },
    negative: { offset: encoded[9], counts: encoded[10] },
  };
}
