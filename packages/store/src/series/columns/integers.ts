/** A column of 64-bit integers. */
import { type ByteReader, type ByteWriter, unzigzag, zigzag } from "./bytes.ts";
import {
  advance,
  bytesOf,
  highOf,
  lowOf,
  type PlanePosition,
  type PlaneReader,
  type PlaneWriter,
  widthOf,
} from "./planes.ts";

/** Integers as they are kept in memory: `BigInt64Array` only where a double cannot hold all of them. */
export type Integers = Float64Array | BigInt64Array;

/** A column that was found in a chunk and is not decoded yet. */
export interface IntegerColumn {
  readonly count: number;
  readonly transform: number;
  readonly isZigzag: boolean;
  readonly isDense: boolean;
  readonly isWide: boolean;
  readonly width: number;
  readonly base: bigint;
  readonly divisor: number;
  readonly lastStep: number;
  readonly at: PlanePosition;
}

const PLAIN = 0;
const DELTA = 1;
const DELTA_OF_DELTA = 2;
/** The difference from a straight line between the first and the last number: times that jitter around a beat. */
const LINE = 3;
const TRANSFORMS = [PLAIN, DELTA, DELTA_OF_DELTA, LINE] as const;

const ZIGZAG_FLAG = 4;
const DENSE_FLAG = 8;
const WIDE_FLAG = 16;

/** Differences of differences of numbers in this range, doubled by the zigzag, stay exact in a double. */
const MAX_NARROW_RANGE = 2 ** 50;
/** With fewer zeros than this their flags cost more than they save. */
const MIN_ZERO_SHARE = 0.06;

/** Writes the column's description into `meta` and its numbers into `planes`. The count is not written. */
export function writeIntegers(values: Integers, meta: ByteWriter, planes: PlaneWriter): void {
  const narrow = narrowed(values);
  if (narrow === undefined) writeWide(BigInt64Array.from(values, BigInt), meta, planes);
  else writeNarrow(narrow, meta, planes);
}

/** Finds a column of `count` integers; moves `position` past it. */
export function readIntegers(count: number, meta: ByteReader, position: PlanePosition): IntegerColumn {
  const flags = meta.byte();
  const transform = flags & 3;
  const isDense = (flags & DENSE_FLAG) !== 0;
  const width = meta.byte();
  const base = meta.signed();
  const divisor = meta.varint();
  const lastStep = transform === LINE ? meta.varint() : 0;
  const stored = isDense ? count : meta.varint();
  const at = advance(position, isDense || stored === 0 ? 0 : Math.ceil(count / 8), stored, width);
  return {
    count,
    transform,
    isZigzag: (flags & ZIGZAG_FLAG) !== 0,
    isDense: isDense || stored === 0,
    isWide: (flags & WIDE_FLAG) !== 0,
    width: stored === 0 ? 0 : width,
    base,
    divisor,
    lastStep,
    at,
  };
}

/** Decodes a column. */
export function decodeIntegers(column: IntegerColumn, planes: PlaneReader): Integers {
  return column.isWide ? decodeWide(column, planes) : decodeNarrow(column, planes);
}

/** The values as doubles, when those hold all of them and their differences exactly. */
function narrowed(values: Integers): Float64Array | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const numbers = values instanceof Float64Array ? values : Float64Array.from(values, Number);
  for (const number of numbers) {
    if (number < low) low = number;
    if (number > high) high = number;
  }
  const isSafe = low >= Number.MIN_SAFE_INTEGER && high <= Number.MAX_SAFE_INTEGER && high - low < MAX_NARROW_RANGE;
  return isSafe || numbers.length === 0 ? numbers : undefined;
}

function writeNarrow(values: Float64Array, meta: ByteWriter, planes: PlaneWriter): void {
  const count = values.length;
  const base = values[0] ?? 0;
  const divisor = commonDivisor(values, base);
  const steps = new Float64Array(count);
  if (divisor > 0) for (let i = 0; i < count; i++) steps[i] = ((values[i] ?? 0) - base) / divisor;
  const lastStep = steps[count - 1] ?? 0;

  let best = PLAIN as number;
  let bestBits = Number.POSITIVE_INFINITY;
  const residuals = new Float64Array(count);
  for (const transform of TRANSFORMS) {
    if (transform === LINE && (lastStep < 1 || count < 3)) continue;
    const bits = bitsOf(fillResiduals(residuals, steps, transform, lastStep));
    if (bits < bestBits) {
      bestBits = bits;
      best = transform;
    }
  }
  fillResiduals(residuals, steps, best, lastStep);

  let zeros = 0;
  let isSigned = false;
  let largest = 0;
  for (const residual of residuals) {
    if (residual === 0) zeros += 1;
    else if (residual < 0) isSigned = true;
  }
  for (let i = 0; i < count; i++) {
    const residual = residuals[i] ?? 0;
    const value = isSigned ? zigzagNumber(residual) : residual;
    residuals[i] = value;
    if (value > largest) largest = value;
  }
  const width = widthOf(largest);
  const isDense = zeros < count * MIN_ZERO_SHARE;
  meta.byte(best | (isSigned ? ZIGZAG_FLAG : 0) | (isDense ? DENSE_FLAG : 0));
  meta.byte(width);
  meta.signed(BigInt(base));
  meta.varint(divisor);
  if (best === LINE) meta.varint(lastStep);
  if (!isDense) meta.varint(count - zeros);
  if (!isDense && zeros < count) planes.flags(count, (i) => residuals[i] !== 0);
  for (const value of residuals) {
    if (isDense || value !== 0) planes.put(lowOf(value), highOf(value), width);
  }
}

function decodeNarrow(column: IntegerColumn, planes: PlaneReader): Float64Array {
  const { count, transform, isZigzag, isDense, width, divisor, lastStep, at } = column;
  const base = Number(column.base);
  const values = new Float64Array(count);
  const lowWidth = Math.min(width, 4);
  let stored = 0;
  let previous = 0;
  let slope = 0;
  const perStep = lineOf(lastStep, count);
  for (let i = 0; i < count; i++) {
    let residual = 0;
    if (isDense || isFlagged(planes, at, i)) {
      residual = bytesOf(planes, at, stored, 0, lowWidth);
      if (width > 4) residual += bytesOf(planes, at, stored, 4, width) * 2 ** 32;
      if (isZigzag) residual = unzigzagNumber(residual);
      stored += 1;
    }
    let step = residual;
    if (transform === DELTA) step += previous;
    else if (transform === LINE) step += Math.round(i * perStep);
    else if (transform === DELTA_OF_DELTA) {
      slope += residual;
      step = previous + slope;
    }
    previous = step;
    values[i] = base + step * divisor;
  }
  return values;
}

/** Numbers beyond 2^53 or far apart: differences modulo 2^64. */
function writeWide(values: BigInt64Array, meta: ByteWriter, planes: PlaneWriter): void {
  const count = values.length;
  const base = values[0] ?? 0n;
  const residuals = new BigUint64Array(count);
  let largest = 0n;
  let zeros = 0;
  let previous = base;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0n;
    const residual = zigzag(BigInt.asIntN(64, value - previous));
    residuals[i] = residual;
    if (residual === 0n) zeros += 1;
    if (residual > largest) largest = residual;
    previous = value;
  }
  const width = Math.ceil(largest.toString(16).length / 2);
  const isDense = zeros < count * MIN_ZERO_SHARE;
  meta.byte(DELTA | ZIGZAG_FLAG | WIDE_FLAG | (isDense ? DENSE_FLAG : 0));
  meta.byte(width);
  meta.signed(base);
  meta.varint(1);
  if (!isDense) meta.varint(count - zeros);
  if (!isDense && zeros < count) planes.flags(count, (i) => residuals[i] !== 0n);
  for (const residual of residuals) {
    if (isDense || residual !== 0n) planes.put(Number(residual & 0xffffffffn) | 0, Number(residual >> 32n), width);
  }
}

function decodeWide(column: IntegerColumn, planes: PlaneReader): BigInt64Array {
  const { count, isDense, width, at } = column;
  const values = new BigInt64Array(count);
  let stored = 0;
  let previous = column.base;
  for (let i = 0; i < count; i++) {
    if (width > 0 && (isDense || isFlagged(planes, at, i))) {
      const low = BigInt(bytesOf(planes, at, stored, 0, Math.min(width, 4)));
      const high = BigInt(bytesOf(planes, at, stored, 4, Math.max(width, 4)));
      previous = BigInt.asIntN(64, previous + unzigzag((high << 32n) | low));
      stored += 1;
    }
    values[i] = previous;
  }
  return values;
}

function isFlagged({ flags }: PlaneReader, at: PlanePosition, index: number): boolean {
  const byte = flags[at.flag + (index >> 3)];
  if (byte === undefined) throw new RangeError("The flags end too early.");
  return ((byte >> (index & 7)) & 1) === 1;
}

function fillResiduals(into: Float64Array, steps: Float64Array, transform: number, lastStep: number): Float64Array {
  let previous = 0;
  let slope = 0;
  const perStep = lineOf(lastStep, steps.length);
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] ?? 0;
    if (transform === PLAIN) into[i] = step;
    else if (transform === LINE) into[i] = step - Math.round(i * perStep);
    else {
      const delta = step - previous;
      into[i] = transform === DELTA ? delta : delta - slope;
      slope = delta;
      previous = step;
    }
  }
  return into;
}

function lineOf(lastStep: number, count: number): number {
  return count > 1 ? lastStep / (count - 1) : 0;
}

/** About how many bits the entropy coder will need. */
function bitsOf(residuals: Float64Array): number {
  let bits = 0;
  let negatives = 0;
  for (const residual of residuals) {
    const size = Math.abs(residual);
    if (residual < 0) negatives += 1;
    bits += size === 0 ? 0.5 : size < 2 ** 31 ? 33 - Math.clz32(size) : 2 + Math.log2(size);
  }
  return negatives > 0 ? bits + residuals.length / 2 : bits;
}

/** The greatest number that divides all distances from the first value; 0 when there is no distance. */
function commonDivisor(values: Float64Array, base: number): number {
  let divisor = 0;
  for (const value of values) {
    let rest = Math.abs(value - base);
    while (rest > 0) {
      const next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    if (divisor === 1) return 1;
  }
  return divisor;
}

function zigzagNumber(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzagNumber(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
