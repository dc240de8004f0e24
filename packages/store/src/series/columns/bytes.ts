/** Bytes that grow, and reading them back: varints (LEB128), 64-bit numbers, plain bytes. */

/** Collects bytes. */
export interface ByteWriter {
  readonly length: number;
  byte(value: number): void;
  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void;
  /** Any 64-bit integer, small ones short (zigzag). */
  signed(value: bigint): void;
  append(bytes: Uint8Array): void;
  /** What was written; a view that is valid until the next write. */
  bytes(): Uint8Array;
}

/** Reads what a {@link ByteWriter} wrote. @throws RangeError past the end. */
export interface ByteReader {
  byte(): number;
  varint(): number;
  signed(): bigint;
  take(length: number): Uint8Array;
}

const FIRST_SIZE = 256;

export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(FIRST_SIZE);
  let length = 0;
  const reserve = (more: number): void => {
    if (length + more <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + more));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  const byte = (value: number): void => {
    if (length === buffer.length) reserve(1);
    buffer[length] = value;
    length += 1;
  };
  return {
    get length() {
      return length;
    },
    byte,
    varint(value) {
      let rest = value;
      while (rest >= 128) {
        byte((rest % 128) + 128);
        rest = Math.floor(rest / 128);
      }
      byte(rest);
    },
    signed(value) {
      let rest = zigzag(value);
      while (rest >= 128n) {
        byte(Number(rest & 127n) + 128);
        rest >>= 7n;
      }
      byte(Number(rest));
    },
    append(bytes) {
      reserve(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    bytes: () => buffer.subarray(0, length),
  };
}

export function createByteReader(source: Uint8Array): ByteReader {
  let position = 0;
  const byte = (): number => {
    const value = source[position];
    if (value === undefined) throw new RangeError("The bytes end too early.");
    position += 1;
    return value;
  };
  return {
    byte,
    varint() {
      let value = 0;
      let factor = 1;
      for (;;) {
        const next = byte();
        value += (next & 127) * factor;
        if (next < 128) return value;
        factor *= 128;
      }
    },
    signed() {
      let value = 0n;
      let shift = 0n;
      for (;;) {
        const next = byte();
        value |= BigInt(next & 127) << shift;
        if (next < 128) return unzigzag(value);
        shift += 7n;
      }
    },
    take(length) {
      if (position + length > source.length) throw new RangeError("The bytes end too early.");
      position += length;
      return source.subarray(position - length, position);
    },
  };
}

/** 0, -1, 1, -2, … as 0, 1, 2, 3, … */
export function zigzag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

export function unzigzag(value: bigint): bigint {
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}
