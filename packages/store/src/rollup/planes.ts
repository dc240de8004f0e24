/**
 * Whole numbers as planes of bytes: first every number's lowest byte, then every number's next one, and so on. Low
 * planes are noise and stay as they are; high planes are mostly alike and take a few bits a number.
 */
import { zstdDecompressSync } from "node:zlib";
import { decodeBitPlane, encodeBitPlane } from "./bit-planes.ts";
import { type ByteReader, createByteWriter } from "./bytes.ts";

/** How a plane is written. Part of the file format. */
export const SAME = 0;
export const RAW = 1;
/** In a zstd frame that all packed planes of a column share; not written any more. */
const PACKED = 2;
export const BITS = 3;

/** Numbers that were read. */
export type Numbers = Uint8Array | Float64Array;

/** One byte of each number, from a place in a buffer on, and what it counts. */
interface Plane {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly unit: number;
}

/** An array that is read where it is needed. */
export class PlaneArray {
  private readonly base: number;
  private readonly planes: readonly Plane[];
  /** Memory that it takes beside the bytes that it was read from. */
  readonly ownBytes: number;

  /** @param base what every number has in common. */
  constructor(base: number, planes: readonly Plane[], ownBytes: number) {
    this.base = base;
    this.planes = planes;
    this.ownBytes = ownBytes;
  }

  /** Writes the numbers from `from` to `behind` to the beginning of `into`. */
  read(from: number, behind: number, into: Float64Array): void {
    const { base, planes } = this;
    const [first] = planes;
    const length = behind - from;
    if (first === undefined) {
      into.fill(base, 0, length);
      return;
    }
    const { bytes, unit } = first;
    const start = first.start + from;
    for (let i = 0; i < length; i++) into[i] = base + (bytes[start + i] as number) * unit;
    for (let plane = 1; plane < planes.length; plane++) {
      const next = planes[plane] as Plane;
      const place = next.start + from;
      for (let i = 0; i < length; i++) into[i] = (into[i] as number) + (next.bytes[place + i] as number) * next.unit;
    }
  }

  /** The number at a place. */
  at(place: number): number {
    const { base, planes } = this;
    let value = base;
    for (let plane = 0; plane < planes.length; plane++) {
      const { bytes, start, unit } = planes[plane] as Plane;
      value += (bytes[start + place] as number) * unit;
    }
    return value;
  }

  /** All of them; `count` must be how many there are. */
  numbers(count: number): Numbers {
    const [first] = this.planes;
    if (first !== undefined && this.planes.length === 1 && this.base === 0 && first.unit === 1) {
      return first.bytes.subarray(first.start, first.start + count);
    }
    const values = new Float64Array(count);
    this.read(0, count, values);
    return values;
  }
}

/** Writes arrays of whole numbers from 0 to 2^53. How many each holds is not written: the reader must know it. */
export function encodePlanes(arrays: readonly Float64Array[]): Buffer {
  const writer = createByteWriter();
  writer.varint(NO_FRAME);
  for (const values of arrays) {
    const divisor = greatestDivisor(values);
    let greatest = 0;
    for (let i = 0; i < values.length; i++) if ((values[i] as number) > greatest) greatest = values[i] as number;
    greatest /= divisor;
    let width = 0;
    while (greatest >= 256 ** width) width += 1;
    writer.varint(divisor);
    writer.byte(width);
    for (let plane = 0; plane < width; plane++) {
      const bytes = greatest < TWO_32 ? wordPlane(values, divisor, plane) : anyPlane(values, divisor, plane);
      const areSame = isOneByte(bytes);
      const bits = areSame ? undefined : encodeBitPlane(bytes);
      writer.byte(areSame ? SAME : bits === undefined ? RAW : BITS);
      if (areSame) writer.byte(bytes[0] ?? 0);
      else writer.bytes(bits ?? bytes);
    }
  }
  return writer.take();
}

const NO_FRAME = 0;
const TWO_32 = 2 ** 32;

/** A plane of numbers of 32 bits. */
function wordPlane(values: Float64Array, divisor: number, plane: number): Buffer {
  const bytes = Buffer.allocUnsafe(values.length);
  const shift = 8 * plane;
  if (divisor === 1) for (let i = 0; i < values.length; i++) bytes[i] = (values[i] as number) >>> shift;
  else for (let i = 0; i < values.length; i++) bytes[i] = ((values[i] as number) / divisor) >>> shift;
  return bytes;
}

/** The same of longer numbers, which takes several times as long. */
function anyPlane(values: Float64Array, divisor: number, plane: number): Buffer {
  const bytes = Buffer.allocUnsafe(values.length);
  const unit = divisor * 256 ** plane;
  for (let i = 0; i < values.length; i++) bytes[i] = Math.floor((values[i] as number) / unit) % 256;
  return bytes;
}

function isOneByte(bytes: Buffer): boolean {
  for (let i = 1; i < bytes.length; i++) if (bytes[i] !== bytes[0]) return false;
  return true;
}

/** Reads one array after the other. */
export interface PlaneReader {
  /** @throws RangeError when the bytes are no planes of so many numbers. */
  next(count: number): PlaneArray;
}

export function openPlanes(reader: ByteReader): PlaneReader {
  const frameLength = reader.varint();
  const frame = frameLength === 0 ? undefined : zstdDecompressSync(reader.bytes(frameLength));
  let unpacked = 0;

  const nextPlane = (kind: number, count: number, unit: number): Plane => {
    if (kind === RAW) return { bytes: reader.buffer, start: reader.pass(count), unit };
    if (kind === BITS) return { bytes: decodeBitPlane(reader, count), start: 0, unit };
    const start = unpacked;
    unpacked += count;
    if (kind !== PACKED || frame === undefined || unpacked > frame.length) {
      throw new RangeError("A column of the rollups is damaged.");
    }
    return { bytes: frame, start, unit };
  };

  return {
    next(count) {
      const divisor = reader.varint();
      const width = reader.byte();
      const planes: Plane[] = [];
      let base = 0;
      let unit = divisor;
      let ownBytes = 0;
      for (let plane = 0; plane < width; plane++) {
        const kind = reader.byte();
        if (kind === SAME) base += reader.byte() * unit;
        else planes.push(nextPlane(kind, count, unit));
        if (kind === BITS || kind === PACKED) ownBytes += count;
        unit *= 256;
      }
      return new PlaneArray(base, planes, ownBytes);
    },
  };
}

/** The greatest number that divides all of them; 1 when all are 0. */
function greatestDivisor(values: Float64Array): number {
  let divisor = 0;
  for (const value of values) {
    let [a, b] = [divisor, value];
    while (b !== 0) [a, b] = [b, a % b];
    divisor = a;
    if (divisor === 1) return 1;
  }
  return divisor || 1;
}
