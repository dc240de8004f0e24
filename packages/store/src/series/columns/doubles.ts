/** A column of doubles, kept to the last bit: as scaled integers where they are decimals, else by differing bytes. */
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { decodeIntegers, type IntegerColumn, readIntegers, writeIntegers } from "./integers.ts";
import { advance, bytesOf, PLANE_COUNT, type PlanePosition, type PlaneReader, type PlaneWriter } from "./planes.ts";

/** A column that was found in a chunk and is not decoded yet. */
export type DoubleColumn =
  | { readonly kind: "scaled"; readonly scale: number; readonly integers: IntegerColumn }
  | { readonly kind: "xor"; readonly count: number; readonly isDense: boolean; readonly at: PlanePosition };

const MAX_DECIMALS = 12;
const XOR = 255;
/** With fewer repeated values than this their flags cost more than they save. */
const MIN_REPEATED_SHARE = 0.015;

/** Writes the column's description into `meta` and its numbers into `planes`. The count is not written. */
export function writeDoubles(values: Float64Array, meta: ByteWriter, planes: PlaneWriter): void {
  const decimals = decimalsOf(values);
  if (decimals === undefined) {
    writeXor(values, meta, planes);
    return;
  }
  meta.byte(decimals);
  const factor = 10 ** decimals;
  writeIntegers(decimals === 0 ? values : values.map((value) => Math.round(value * factor)), meta, planes);
}

/** Finds a column of `count` doubles; moves `position` past it. */
export function readDoubles(count: number, meta: ByteReader, position: PlanePosition): DoubleColumn {
  const scale = meta.byte();
  if (scale !== XOR) return { kind: "scaled", scale, integers: readIntegers(count, meta, position) };
  const stored = meta.varint();
  const isDense = stored === count;
  return {
    kind: "xor",
    count,
    isDense,
    at: advance(position, isDense ? 0 : Math.ceil(count / 8), stored, PLANE_COUNT),
  };
}

/** Decodes a column. */
export function decodeDoubles(column: DoubleColumn, planes: PlaneReader): Float64Array {
  if (column.kind === "xor") return decodeXor(column, planes);
  const integers = decodeIntegers(column.integers, planes);
  const numbers = integers instanceof Float64Array ? integers : Float64Array.from(integers, Number);
  if (column.scale === 0) return numbers;
  const factor = 10 ** column.scale;
  return numbers.map((value) => value / factor);
}

/** How many decimals write all values so that reading them back gives the very same doubles. */
function decimalsOf(values: Float64Array): number | undefined {
  let decimals = 0;
  for (const value of values) {
    while (!isDecimal(value, decimals)) {
      decimals += 1;
      if (decimals > MAX_DECIMALS) return undefined;
    }
  }
  return decimals === 0 || values.every((value) => isDecimal(value, decimals)) ? decimals : undefined;
}

function isDecimal(value: number, decimals: number): boolean {
  // Integers have no negative zero.
  if (Object.is(value, -0)) return false;
  const factor = 10 ** decimals;
  const scaled = Math.round(value * factor);
  return Number.isSafeInteger(scaled) && Object.is(scaled / factor, value);
}

function writeXor(values: Float64Array, meta: ByteWriter, planes: PlaneWriter): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const different = (index: number, half: number): number =>
    (words[index * 2 + half] ?? 0) ^ (index === 0 ? 0 : (words[index * 2 - 2 + half] ?? 0));
  let stored = 0;
  const isChanged = (index: number): boolean => different(index, 0) !== 0 || different(index, 1) !== 0;
  for (let i = 0; i < values.length; i++) if (isChanged(i)) stored += 1;
  const isDense = stored >= values.length * (1 - MIN_REPEATED_SHARE);
  meta.byte(XOR);
  meta.varint(isDense ? values.length : stored);
  if (!isDense) planes.flags(values.length, isChanged);
  for (let i = 0; i < values.length; i++) {
    if (isDense || isChanged(i)) planes.put(different(i, 0), different(i, 1), PLANE_COUNT);
  }
}

function decodeXor({ count, isDense, at }: Extract<DoubleColumn, { kind: "xor" }>, planes: PlaneReader): Float64Array {
  const values = new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  let low = 0;
  let high = 0;
  let stored = 0;
  for (let i = 0; i < count; i++) {
    const byte = isDense ? 255 : planes.flags[at.flag + (i >> 3)];
    if (byte === undefined) throw new RangeError("The flags end too early.");
    if (((byte >> (i & 7)) & 1) === 1) {
      low ^= bytesOf(planes, at, stored, 0, 4);
      high ^= bytesOf(planes, at, stored, 4, PLANE_COUNT);
      stored += 1;
    }
    words[i * 2] = low;
    words[i * 2 + 1] = high;
  }
  return values;
}
