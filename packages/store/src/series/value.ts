/** Values of points as columns: numbers plain, distributions as JSON. */
import type { ExponentialHistogramValue, HistogramValue, PointValue, SeriesIdentity } from "./types.ts";

/** The two columns of a value. */
export interface ValueColumns {
  readonly value: number | bigint | null;
  readonly distribution: string | null;
}

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** The reason why a value cannot be stored in a series, or undefined when it can. */
export function refusalOfValue(value: PointValue, kind: SeriesIdentity["kind"]): string | undefined {
  if (value.kind === "number" ? kind !== "sum" && kind !== "gauge" : kind !== value.kind) {
    return "value of another kind than its series";
  }
  if (value.kind === "number") {
    if (typeof value.value === "bigint") return fitsInt64(value.value) ? undefined : "integer beyond 64 bits";
    return Number.isNaN(value.value) ? "not a number" : undefined;
  }
  if (!numbersOf(value).every(Number.isFinite)) return "distribution with a value that is not finite";
  if (value.kind === "histogram" && value.counts.length !== value.bounds.length + 1) {
    return "histogram whose counts do not fit its bounds";
  }
  if (value.kind === "histogram" && !isAscending(value.bounds)) return "histogram whose bounds do not ascend";
  return undefined;
}

function isAscending(bounds: readonly number[]): boolean {
  return bounds.every((bound, i) => i === 0 || bound > (bounds[i - 1] ?? bound));
}

function fitsInt64(value: bigint): boolean {
  return value <= MAX_INT64 && value >= MIN_INT64;
}

function numbersOf(value: Exclude<PointValue, { kind: "number" }>): number[] {
  const summary = [value.count, value.sum ?? 0, value.min ?? 0, value.max ?? 0];
  if (value.kind === "histogram") return [...summary, ...value.bounds, ...value.counts];
  const { scale, zeroCount, positive, negative } = value;
  return [...summary, scale, zeroCount, positive.offset, ...positive.counts, negative.offset, ...negative.counts];
}

/**
 * @param valueType whole numbers of `int` series are stored as 64-bit integers, those of `double` series as doubles.
 * A bigint that a double cannot hold stays an integer in any series.
 */
export function encodeValue(value: PointValue, valueType: SeriesIdentity["valueType"]): ValueColumns {
  if (value.kind !== "number") return { value: null, distribution: encodeDistribution(value) };
  return { value: storedNumber(value.value, valueType), distribution: null };
}

function storedNumber(value: number | bigint, valueType: SeriesIdentity["valueType"]): number | bigint {
  if (typeof value === "bigint")
    return valueType === "int" || !Number.isSafeInteger(Number(value)) ? value : Number(value);
  if (valueType === "double" || !Number.isInteger(value)) return value;
  const whole = BigInt(value);
  return fitsInt64(whole) ? whole : value;
}

/** A distribution as JSON. */
export function encodeDistribution(value: Exclude<PointValue, { kind: "number" }>): string {
  if (value.kind === "histogram") {
    return toJson([
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
  return toJson([
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

/** JSON, with the sign of a negative zero, which `JSON.stringify` leaves out and `JSON.parse` reads. */
function toJson(values: readonly (string | number | null | readonly number[])[]): string {
  const text = (value: string | number | null): string => (Object.is(value, -0) ? "-0" : JSON.stringify(value));
  const parts = values.map((value) =>
    typeof value === "object" && value !== null ? `[${value.map(text)}]` : text(value),
  );
  return `[${parts.join(",")}]`;
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

/** Reads the text back. */
export function decodeDistribution(text: string): HistogramValue | ExponentialHistogramValue {
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
