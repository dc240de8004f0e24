/** Points in a spool file: JSON has no 64-bit integers, no infinity and no negative zero, points have. */
import type { Attributes, PointBatch, PointValue, SeriesIdentity, SeriesPoint } from "../series/types.ts";

/** What JSON cannot say as a number is said in text; integers that came as bigint end in `n`. */
type JsonNumber = number | string;

/** Points as JSON carries them. */
export type JsonPoints = readonly {
  readonly identity: SeriesIdentity;
  readonly points: readonly (readonly [startNano: string, nano: string, value: unknown])[];
}[];

/** Points as they can be turned into JSON. */
export function encodePoints(batch: PointBatch): JsonPoints {
  return batch.series.map(({ identity, points }) => ({
    identity,
    points: points.map(({ startTimeUnixNano, timeUnixNano, value }) => [
      String(startTimeUnixNano),
      String(timeUnixNano),
      encodeValue(value),
    ]),
  }));
}

/** Reads points back; entries that are no points are counted. */
export function decodePoints(entries: readonly unknown[]): { readonly points: PointBatch; readonly invalid: number } {
  const series: { identity: SeriesIdentity; points: SeriesPoint[] }[] = [];
  let invalid = 0;
  for (const entry of entries) {
    if (!isObject(entry) || !isIdentity(entry["identity"]) || !Array.isArray(entry["points"])) {
      invalid += 1;
      continue;
    }
    const points = entry["points"].map(decodePoint).filter((point) => point !== undefined);
    invalid += entry["points"].length - points.length;
    series.push({ identity: entry["identity"], points });
  }
  return { points: { series }, invalid };
}

function encodeValue(value: PointValue): unknown {
  if (value.kind === "number") return encodeNumber(value.value);
  const { count, sum, min, max, ...shape } = value;
  return { ...shape, count: encodeNumber(count), sum: encoded(sum), min: encoded(min), max: encoded(max) };
}

function decodePoint(entry: unknown): SeriesPoint | undefined {
  if (!Array.isArray(entry)) return undefined;
  const startTimeUnixNano = nanosOf(entry[0]);
  const timeUnixNano = nanosOf(entry[1]);
  const value = decodeValue(entry[2]);
  if (startTimeUnixNano === undefined || timeUnixNano === undefined || value === undefined) return undefined;
  return { startTimeUnixNano, timeUnixNano, value };
}

function decodeValue(entry: unknown): PointValue | undefined {
  if (!isObject(entry)) {
    const value = decodeNumber(entry);
    return value === undefined ? undefined : { kind: "number", value };
  }
  const count = decodeDouble(entry["count"]);
  if (count === undefined) return undefined;
  const summary = {
    count,
    sum: decodeDouble(entry["sum"]),
    min: decodeDouble(entry["min"]),
    max: decodeDouble(entry["max"]),
  };
  if (entry["kind"] === "histogram" && isNumbers(entry["bounds"]) && isNumbers(entry["counts"])) {
    return { kind: "histogram", ...summary, bounds: entry["bounds"], counts: entry["counts"] };
  }
  const { kind, scale, zeroCount, positive, negative } = entry;
  if (kind !== "exponential_histogram" || typeof scale !== "number" || typeof zeroCount !== "number") return undefined;
  if (!isBuckets(positive) || !isBuckets(negative)) return undefined;
  return { kind, ...summary, scale, zeroCount, positive, negative };
}

function encoded(value: number | undefined): JsonNumber | undefined {
  return value === undefined ? undefined : encodeNumber(value);
}

function encodeNumber(value: number | bigint): JsonNumber {
  if (typeof value === "bigint") return `${value}n`;
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : String(value);
}

const ODD_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

function decodeNumber(value: unknown): number | bigint | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (Object.hasOwn(ODD_NUMBERS, value)) return ODD_NUMBERS[value];
  return /^-?\d{1,40}n$/.test(value) ? BigInt(value.slice(0, -1)) : undefined;
}

function decodeDouble(value: unknown): number | undefined {
  const number = decodeNumber(value);
  return typeof number === "number" ? number : undefined;
}

function nanosOf(value: unknown): bigint | undefined {
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

const KINDS: readonly unknown[] = ["sum", "gauge", "histogram", "exponential_histogram"];
const TEMPORALITIES: readonly unknown[] = ["delta", "cumulative", "none"];

function isIdentity(value: unknown): value is SeriesIdentity {
  if (!isObject(value)) return false;
  const { metric, kind, unit, description, temporality, isMonotonic, valueType, attributes, resource, scope } = value;
  return (
    [metric, unit, description].every((text) => typeof text === "string") &&
    KINDS.includes(kind) &&
    TEMPORALITIES.includes(temporality) &&
    typeof isMonotonic === "boolean" &&
    (valueType === "int" || valueType === "double") &&
    isAttributes(attributes) &&
    isAttributes(resource) &&
    isObject(scope) &&
    typeof scope["name"] === "string" &&
    typeof scope["version"] === "string"
  );
}

function isAttributes(value: unknown): value is Attributes {
  return (
    isObject(value) &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => !isObject(each) || Array.isArray(each))
  );
}

function isBuckets(value: unknown): value is { readonly offset: number; readonly counts: readonly number[] } {
  return isObject(value) && typeof value["offset"] === "number" && isNumbers(value["counts"]);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === "number");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
