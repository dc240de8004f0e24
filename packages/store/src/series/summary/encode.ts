/** Summaries of many series as one blob. Layout: docs/format/series.md. */
import { createByteReader, createByteWriter } from "../columns/bytes.ts";
import { type DoubleColumn, decodeDoubles, readDoubles, writeDoubles } from "../columns/doubles.ts";
import { decodeIntegers, type IntegerColumn, readIntegers, writeIntegers } from "../columns/integers.ts";
import { createPlaneReader, createPlaneWriter, firstPosition } from "../columns/planes.ts";
import { packStreams, unpackStreams } from "../columns/streams.ts";
import type { SeriesPoint } from "../types.ts";
import { shortest } from "./exact-sum.ts";
import { decodeOddSummary, encodeOddSummary } from "./odd-summary.ts";
import type { NumberSummary, SeriesSummary } from "./types.ts";

/** The codec of `series_summary`. */
export const SUMMARY_CODEC = 1;

/** A summary with its series and the time at which its hour or day begins. */
export interface SummaryRecord {
  readonly seriesId: number;
  readonly fromNano: bigint;
  readonly summary: SeriesSummary;
}

type Fields = readonly (number | bigint)[];

/** Columns of one group; in the group of doubles, those behind the first eight are doubles. */
const FIELD_COUNT = 14;
const FIRST_VALUE_FIELD = 8;
const MAX_INT64 = 2n ** 63n - 1n;

export function encodeSummaries(records: readonly SummaryRecord[]): Buffer {
  const meta = createByteWriter();
  const planes = createPlaneWriter();
  const integers: Fields[] = [];
  const doubles: Fields[] = [];
  const odd: string[] = [];
  for (const record of records) {
    const { summary } = record;
    if (summary.kind === "number" && hasOnly(summary, isInteger64)) integers.push(integerFields(record, summary));
    else if (summary.kind === "number" && hasOnly(summary, isDouble)) doubles.push(doubleFields(record, summary));
    else odd.push(encodeOddSummary(record));
  }
  meta.varint(integers.length);
  meta.varint(doubles.length);
  for (let field = 0; field < FIELD_COUNT; field++) {
    writeIntegers(
      BigInt64Array.from(integers, (fields) => BigInt(fields[field] ?? 0)),
      meta,
      planes,
    );
    const ofDoubles = doubles.map((fields) => fields[field] ?? 0);
    if (field < FIRST_VALUE_FIELD) writeIntegers(BigInt64Array.from(ofDoubles, BigInt), meta, planes);
    else writeDoubles(Float64Array.from(ofDoubles, Number), meta, planes);
  }
  return packStreams([meta.bytes(), ...planes.streams(), Buffer.from(odd.join("\n"))]);
}

/** @throws Error when the blob is not what {@link encodeSummaries} made; the caller has compared the CRC before. */
export function decodeSummaries(blob: Uint8Array): SummaryRecord[] {
  const streams = unpackStreams(blob);
  const [directory = new Uint8Array(), ...rest] = streams;
  const odd = Buffer.from(rest.pop() ?? new Uint8Array()).toString();
  const planes = createPlaneReader(rest);
  const meta = createByteReader(directory);
  const position = firstPosition();
  const counts = { integers: meta.varint(), doubles: meta.varint() };
  const integers: IntegerColumn[] = [];
  const doubles: (IntegerColumn | DoubleColumn)[] = [];
  for (let field = 0; field < FIELD_COUNT; field++) {
    integers.push(readIntegers(counts.integers, meta, position));
    const isInteger = field < FIRST_VALUE_FIELD;
    doubles.push((isInteger ? readIntegers : readDoubles)(counts.doubles, meta, position));
  }
  const numbersOf = (column: IntegerColumn | DoubleColumn): ArrayLike<number | bigint> =>
    "kind" in column ? decodeDoubles(column, planes) : decodeIntegers(column, planes);
  return [
    ...recordsOf(counts.integers, integers.map(numbersOf), integersFrom),
    ...recordsOf(counts.doubles, doubles.map(numbersOf), doublesFrom),
    ...(odd === "" ? [] : odd.split("\n").map(decodeOddSummary)),
  ];
}

function recordsOf(
  count: number,
  columns: readonly ArrayLike<number | bigint>[],
  make: (fields: Fields) => SummaryRecord,
): SummaryRecord[] {
  return Array.from({ length: count }, (_, i) => make(columns.map((column) => column[i] ?? 0)));
}

/** Differences wrap around at 64 bits, and back when they are added again. */
function integerFields(record: SummaryRecord, summary: NumberSummary): Fields {
  const first = BigInt(numberAt(summary.first));
  const last = BigInt(numberAt(summary.last));
  const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
  return [
    ...commonFields(record, summary),
    first,
    wrap(last - first),
    wrap(first - BigInt(summary.min)),
    wrap(BigInt(summary.max) - last),
    wrap(BigInt(summary.sum) - BigInt(summary.points) * first),
    summary.increase === undefined ? 0n : wrap(BigInt(summary.increase) - (last - first)),
  ];
}

function integersFrom(fields: Fields): SummaryRecord {
  const [first = 0n, rise = 0n, aboveMin = 0n, belowMax = 0n, sum = 0n, increase = 0n] = fields
    .slice(FIRST_VALUE_FIELD)
    .map(BigInt);
  const number = (value: bigint): number | bigint => shortest(BigInt.asIntN(64, value));
  const last = first + rise;
  return recordFrom(fields, {
    first: number(first),
    last: number(last),
    min: number(first - aboveMin),
    max: number(last + belowMax),
    sum: number(sum + BigInt(fields[2] ?? 0) * first),
    increase: number(increase + rise),
  });
}

function doubleFields(record: SummaryRecord, summary: NumberSummary): Fields {
  const { sum, min, max, increase = 0 } = summary;
  return [...commonFields(record, summary), numberAt(summary.first), numberAt(summary.last), min, max, sum, increase];
}

function doublesFrom(fields: Fields): SummaryRecord {
  const [first = 0, last = 0, min = 0, max = 0, sum = 0, increase = 0] = fields.slice(FIRST_VALUE_FIELD);
  return recordFrom(fields, { first, last, min, max, sum, increase });
}

function commonFields({ seriesId, fromNano }: SummaryRecord, summary: NumberSummary): Fields {
  const { points, first, last, increase } = summary;
  return [
    seriesId,
    fromNano,
    points,
    increase === undefined ? 0 : 1,
    first.timeUnixNano - fromNano,
    last.timeUnixNano - first.timeUnixNano,
    first.startTimeUnixNano,
    BigInt.asIntN(64, last.startTimeUnixNano - first.startTimeUnixNano),
  ];
}

interface Values {
  readonly first: number | bigint;
  readonly last: number | bigint;
  readonly min: number | bigint;
  readonly max: number | bigint;
  readonly sum: number | bigint;
  readonly increase: number | bigint;
}

function recordFrom(fields: Fields, values: Values): SummaryRecord {
  const [seriesId = 0, ...rest] = fields;
  const [fromNano = 0n, points = 0n, hasIncrease = 0n, firstOffset = 0n, span = 0n, start = 0n, startSpan = 0n] = rest
    .slice(0, FIRST_VALUE_FIELD - 1)
    .map(BigInt);
  const firstTime = fromNano + firstOffset;
  const edge = (timeUnixNano: bigint, startTimeUnixNano: bigint, value: number | bigint): SeriesPoint => ({
    startTimeUnixNano,
    timeUnixNano,
    value: { kind: "number", value },
  });
  return {
    seriesId: Number(seriesId),
    fromNano,
    summary: {
      kind: "number",
      points: Number(points),
      sum: values.sum,
      min: values.min,
      max: values.max,
      first: edge(firstTime, start, values.first),
      last: edge(firstTime + span, BigInt.asIntN(64, start + startSpan), values.last),
      increase: hasIncrease === 1n ? values.increase : undefined,
    },
  };
}

/** Whether columns of one kind of number can say it all. */
function hasOnly(summary: NumberSummary, isKind: (value: number | bigint) => boolean): boolean {
  const { sum, min, max, increase, first, last, starts } = summary;
  if (starts !== undefined) return false;
  return [sum, min, max, increase ?? 0, numberAt(first), numberAt(last)].every(isKind);
}

function isInteger64(value: number | bigint): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0);
  return value <= MAX_INT64 && value >= -MAX_INT64 - 1n;
}

function isDouble(value: number | bigint): boolean {
  return typeof value === "number";
}

function numberAt({ value }: SeriesPoint): number | bigint {
  return value.kind === "number" ? value.value : 0;
}
