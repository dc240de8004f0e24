/**
 * Whole numbers as planes of bytes: first every number's lowest byte, then every number's next one, and so on. Low
 * planes are noise and stay as they are; high planes are mostly alike and shrink to a fraction under zstd.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type ByteReader, createByteWriter } from "./bytes.ts";

/** How a plane is written. */
const SAME = 0;
const RAW = 1;
const ZSTD = 2;

/** A frame has a header and a table: below this, compressing does not pay. */
const MIN_COMPRESSED_BYTES = 128;
/** A plane must shrink by a sixteenth to be worth unpacking. */
const MIN_GAIN = 1 / 16;

const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Writes whole numbers from 0 to 2^53. Their number is not written: the reader must know it. */
export function encodePlanes(values: Float64Array): Buffer {
  const writer = createByteWriter();
  const divisor = greatestDivisor(values);
  let greatest = 0;
  for (const value of values) if (value > greatest) greatest = value;
  greatest /= divisor;
  let width = 0;
  while (greatest >= 256 ** width) width += 1;
  writer.varint(divisor);
  writer.byte(width);
  for (let plane = 0; plane < width; plane++) {
    const unit = divisor * 256 ** plane;
    const bytes = Buffer.allocUnsafe(values.length);
    let areSame = true;
    for (let i = 0; i < values.length; i++) {
      const byte = Math.floor((values[i] ?? 0) / unit) % 256;
      bytes[i] = byte;
      if (byte !== bytes[0]) areSame = false;
    }
    writePlane(bytes, areSame);
  }
  return writer.take();

  function writePlane(bytes: Buffer, areSame: boolean): void {
    if (areSame) {
      writer.byte(SAME);
      writer.byte(bytes[0] ?? 0);
      return;
    }
    const packed = bytes.length < MIN_COMPRESSED_BYTES ? bytes : zstdCompressSync(bytes, COMPRESSION);
    if (packed.length > bytes.length * (1 - MIN_GAIN)) {
      writer.byte(RAW);
      writer.bytes(bytes);
      return;
    }
    writer.byte(ZSTD);
    writer.varint(packed.length);
    writer.bytes(packed);
  }
}

/**
 * Reads `count` numbers.
 * @throws RangeError when the bytes are no planes of so many numbers.
 */
export function decodePlanes(reader: ByteReader, count: number): Float64Array {
  const divisor = reader.varint();
  const width = reader.byte();
  const values = new Float64Array(count);
  for (let plane = 0; plane < width; plane++) {
    const unit = divisor * 256 ** plane;
    const kind = reader.byte();
    if (kind === SAME) {
      const addend = reader.byte() * unit;
      if (addend !== 0) for (let i = 0; i < count; i++) values[i] = (values[i] as number) + addend;
      continue;
    }
    const bytes = kind === RAW ? reader.bytes(count) : zstdDecompressSync(reader.bytes(reader.varint()));
    if (kind > ZSTD || bytes.length !== count) throw new RangeError("A rollup's column is damaged.");
    if (plane === 0) for (let i = 0; i < count; i++) values[i] = (bytes[i] as number) * unit;
    else for (let i = 0; i < count; i++) values[i] = (values[i] as number) + (bytes[i] as number) * unit;
  }
  return values;
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
