/** Reads protobuf's wire format. Follows https://protobuf.dev/programming-guides/encoding/. */
import { createTextCache, type TextCache } from "./text-cache.ts";

/**
 * A place in the bytes of a message. All that it reads moves on behind what was read. A value is read as its tag says
 * that it is written, or not at all: every method throws an Error where the bytes are another kind of value, or end too
 * early.
 */
export interface WireReader {
  /** Where the next byte stands. */
  readonly at: number;
  /** How many bytes there are. */
  readonly end: number;
  /** The number of the next field and, in its last three bits, how its value is written. */
  tag(): number;
  /** Where a message or a packed list that begins here will end. Numbers of a list are then read without tags. */
  endOfNext(): number;
  uint32(): number;
  sint32(): number;
  bool(): boolean;
  int64(): bigint;
  uint64(): bigint;
  fixed64(): bigint;
  sfixed64(): bigint;
  double(): number;
  text(): string;
  bytes(): Uint8Array;
  /** Passes over the value behind a tag, whatever it is. */
  skip(tag: number): void;
}

/** How a value is written that says how long it is: a message, a text, bytes, a packed list. */
export const LENGTH_DELIMITED = 2;
const VARINT = 0;
const BITS_64 = 1;
const START_GROUP = 3;
const END_GROUP = 4;
const BITS_32 = 5;
/** Behind the length of a packed list no number has a tag. */
const UNTAGGED = -1;

/** Groups inside of groups. No field of OTLP is one. */
const MAX_GROUP_DEPTH = 100;

/** Names and values of attributes come again and again. */
const texts: TextCache = createTextCache();

/** Reads from the start. */
export function createWireReader(bytes: Uint8Array): WireReader {
  return new Reader(bytes);
}

class Reader implements WireReader {
  at = 0;
  readonly end: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** How the next value is written. */
  #written = UNTAGGED;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  tag(): number {
    const first = this.#bytes[this.at] ?? 0;
    let tag = first;
    if (first < 0x80) this.at += 1;
    else {
      const start = this.at;
      tag = this.#varint32();
      const length = this.at - start;
      if (length > 5 || (length === 5 && (this.#bytes[this.at - 1] ?? 0) > 0x0f)) throw new Error("illegal tag");
    }
    if (tag >>> 3 === 0 || (tag & 7) > BITS_32) throw new Error("illegal tag");
    this.#written = tag & 7;
    return tag;
  }

  endOfNext(): number {
    this.#expect(LENGTH_DELIMITED);
    this.#written = UNTAGGED;
    return this.#within(this.#varint32() + this.at);
  }

  uint32(): number {
    this.#expect(VARINT);
    return this.#varint32();
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  int64(): bigint {
    this.#expect(VARINT);
    return BigInt.asIntN(64, this.#varint());
  }

  uint64(): bigint {
    this.#expect(VARINT);
    return BigInt.asUintN(64, this.#varint());
  }

  fixed64(): bigint {
    return this.#view.getBigUint64(this.#passEight(), true);
  }

  sfixed64(): bigint {
    return this.#view.getBigInt64(this.#passEight(), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#passEight(), true);
  }

  text(): string {
    const end = this.endOfNext();
    const text = texts.textAt(this.#bytes, this.at, end);
    this.at = end;
    return text;
  }

  bytes(): Uint8Array {
    const end = this.endOfNext();
    const bytes = this.#bytes.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  skip(tag: number, depth = 0): void {
    switch (tag & 7) {
      case VARINT:
        this.#varint();
        return;
      case BITS_64:
        this.at = this.#within(this.at + 8);
        return;
      case LENGTH_DELIMITED:
        this.at = this.#within(this.#varint32() + this.at);
        return;
      case BITS_32:
        this.at = this.#within(this.at + 4);
        return;
      case START_GROUP:
        this.#skipGroup(tag >>> 3, depth);
        return;
      default:
        throw new Error("a group ends that did not begin");
    }
  }

  #skipGroup(field: number, depth: number): void {
    if (depth >= MAX_GROUP_DEPTH) throw new Error("groups nested too deep");
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === END_GROUP) {
        if (tag >>> 3 !== field) throw new Error("another group ends than began");
        return;
      }
      this.skip(tag, depth + 1);
    }
  }

  /** A number of up to 64 bits, of which those beyond 32 are cut off, as the format demands. */
  #varint32(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.at++] ?? 0;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift >= 70) throw new Error("invalid varint");
      byte = bytes[this.at++] ?? 0;
      if (shift < 32) value |= (byte & 0x7f) << shift;
    }
    this.#within(this.at);
    return value >>> 0;
  }

  /** A number of up to 64 bits; the last byte may hold more. */
  #varint(): bigint {
    const bytes = this.#bytes;
    let low = 0;
    // Seven groups of seven bits are exact in a double.
    for (let factor = 1, i = 0; i < 7; i++, factor *= 128) {
      const byte = bytes[this.at++] ?? 0;
      low += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.#within(this.at);
        return BigInt(low);
      }
    }
    let high = 0;
    for (let factor = 1, i = 0; i < 3; i++, factor *= 128) {
      const byte = bytes[this.at++] ?? 0;
      high += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.#within(this.at);
        return (BigInt(high) << 49n) | BigInt(low);
      }
    }
    throw new Error("invalid varint");
  }

  #passEight(): number {
    this.#expect(BITS_64);
    const start = this.at;
    this.at = this.#within(start + 8);
    return start;
  }

  #expect(kind: number): void {
    if (this.#written !== kind && this.#written !== UNTAGGED) throw new Error("a value of another type");
  }

  #within(at: number): number {
    if (at > this.end) throw new Error("it ends too early");
    return at;
  }
}
