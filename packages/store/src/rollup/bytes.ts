/** Bytes of our own encodings: varints, growing buffers. */

const TWO_32 = 2 ** 32;
const ONE_BYTE = 0x80;

/** A buffer that grows while it is written. */
export interface ByteWriter {
  byte(value: number): void;
  /** A whole number from 0 to 2^53, seven bits a byte, lowest first. */
  varint(value: number): void;
  /** A whole number between -2^52 and 2^52; numbers near 0 are short. */
  signed(value: number): void;
  bytes(value: Uint8Array): void;
  /** What was written, as a copy; starts over. */
  take(): Buffer;
}

export function createByteWriter(): ByteWriter {
  let buffer = Buffer.allocUnsafe(4096);
  let length = 0;

  const reserve = (count: number): void => {
    if (length + count <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + count));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };

  const varint = (value: number): void => {
    reserve(8);
    let rest = value;
    while (rest >= TWO_32) {
      buffer[length++] = (rest % ONE_BYTE) | ONE_BYTE;
      rest = Math.floor(rest / ONE_BYTE);
    }
    rest >>>= 0;
    while (rest >= ONE_BYTE) {
      buffer[length++] = (rest & 0x7f) | ONE_BYTE;
      rest >>>= 7;
    }
    buffer[length++] = rest;
  };

  return {
    byte(value) {
      reserve(1);
      buffer[length++] = value;
    },
    varint,
    signed(value) {
      varint(value < 0 ? -2 * value - 1 : 2 * value);
    },
    bytes(value) {
      reserve(value.length);
      buffer.set(value, length);
      length += value.length;
    },
    take() {
      const written = Buffer.from(buffer.subarray(0, length));
      length = 0;
      return written;
    },
  };
}

/** Reads what a {@link ByteWriter} wrote. A class, because millions of these calls lie on the path of an answer. */
export class ByteReader {
  readonly buffer: Uint8Array;
  offset: number;
  readonly end: number;

  /** @param end where to stop reading (exclusive): a span of a longer buffer needs no array of its own. */
  constructor(buffer: Uint8Array, start = 0, end: number = buffer.length) {
    this.buffer = buffer;
    this.offset = start;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    if (this.offset >= this.end) throw new RangeError("A rollup ends in the middle.");
    return this.buffer[this.offset++] as number;
  }

  varint(): number {
    const first = this.byte();
    return first < ONE_BYTE ? first : this.longVarint(first & 0x7f);
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Passes over varints. */
  skip(count: number): void {
    const { buffer, end } = this;
    let { offset } = this;
    for (let rest = count; rest > 0 && offset <= end; rest--) {
      while ((buffer[offset++] as number) >= ONE_BYTE);
    }
    this.leave(offset);
  }

  /** Passes over varints; an odd one has another one behind it. */
  skipPairs(count: number): void {
    const { buffer, end } = this;
    let { offset } = this;
    for (let rest = count; rest > 0 && offset <= end; rest--) {
      const isPair = ((buffer[offset] as number) & 1) === 1;
      while ((buffer[offset++] as number) >= ONE_BYTE);
      if (isPair) while ((buffer[offset++] as number) >= ONE_BYTE);
    }
    this.leave(offset);
  }

  /** Passes over bytes; returns where they begin in the buffer. */
  pass(count: number): number {
    const start = this.offset;
    this.leave(start + count);
    return start;
  }

  bytes(count: number): Uint8Array {
    const start = this.pass(count);
    return this.buffer.subarray(start, this.offset);
  }

  /** The rest of a varint, of which the first seven bits are known: short ones are whole numbers of 32 bits. */
  private longVarint(lowest: number): number {
    let value = lowest;
    for (let shift = 7; shift < 28; shift += 7) {
      const next = this.byte();
      value |= (next & 0x7f) << shift;
      if (next < ONE_BYTE) return value;
    }
    let factor = 2 ** 28;
    for (;;) {
      const next = this.byte();
      value += (next & 0x7f) * factor;
      if (next < ONE_BYTE) return value;
      factor *= ONE_BYTE;
    }
  }

  private leave(offset: number): void {
    if (offset > this.end) throw new RangeError("A rollup ends in the middle.");
    this.offset = offset;
  }
}
