/**
 * Reads JSON (RFC 8259) straight from bytes, picking values on the way and walking over the rest without creating
 * anything. For lines of which a few fields matter among megabytes that do not.
 *
 * It checks what it must to stay in step (strings, brackets, separators around picked values), not everything that
 * `JSON.parse` checks. It never throws and never recurses.
 */

/** Names of object members that a reader looks for. */
export interface KeyTable<Name extends string> {
  /** Candidates by length in bytes. */
  readonly byLength: readonly (readonly KnownKey<Name>[] | undefined)[];
  /** The key found last, whose follower is expected: writers keep their order. */
  last: KnownKey<Name> | undefined;
}

interface KnownKey<Name extends string> {
  readonly name: Name;
  /** With the quote and the colon behind it. */
  readonly bytes: Uint8Array;
  /** The key that came after this one the last time. */
  follower: KnownKey<Name> | undefined;
}

/** Creates a {@link KeyTable}. Names are ASCII. */
export function createKeyTable<const Name extends string>(names: readonly Name[]): KeyTable<Name> {
  const byLength: KnownKey<Name>[][] = [];
  for (const name of names) {
    const candidates = byLength[name.length] ?? [];
    candidates.push({ name, bytes: Buffer.from(`${name}":`, "latin1"), follower: undefined });
    byLength[name.length] = candidates;
  }
  return { byLength, last: undefined };
}

/** Remembers texts last read into it, so that values that repeat from line to line are created once. */
export interface TextSlot {
  /** The text read last: it is expected again. */
  last: KnownText;
  /** Texts that take turns, at the place that {@link placeOfText} gives. */
  readonly known: (KnownText | undefined)[];
}

interface KnownText {
  readonly bytes: Uint8Array;
  readonly value: string;
}

/** Creates an empty {@link TextSlot}. */
export function createTextSlot(): TextSlot {
  return { last: { bytes: new Uint8Array(0), value: "" }, known: new Array(TEXT_SLOT_PLACES).fill(undefined) };
}

/** Longest text that a slot remembers. */
const TEXT_SLOT_BYTES = 256;
const TEXT_SLOT_PLACES = 8;

/** Names that take turns mostly differ in length or in their last byte. */
function placeOfText(length: number, lastByte: number): number {
  return (length + lastByte) % TEXT_SLOT_PLACES;
}

/** Why a text is not JSON. */
export type JsonFailure = "unexpected end" | "unexpected character" | "trailing data" | "bad string";

/** A position in JSON text. Each method that reads a value expects to stand before one, and leaves behind it. */
export interface JsonCursor {
  /** The first thing that was wrong. From then on objects and arrays are at their end and values are undefined. */
  readonly failure: JsonFailure | undefined;
  /** Range of the value last walked over by {@link skip} or a `read…`; without the quotes for a string. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Begins a text: the bytes from `start` to `end`, which must not change while it is read. */
  open(buffer: Buffer, start: number, end: number): void;
  /** Steps into an object; walks over any other value and answers false. */
  enterObject(): boolean;
  /** Goes to the next member's value: its name if in the table, `""` if not, undefined behind the object's end. */
  nextKey<Name extends string>(table: KeyTable<Name>): Name | "" | undefined;
  /** Steps into an array; walks over any other value and answers false. */
  enterArray(): boolean;
  /** Goes to the next item; false behind the array's end. */
  nextItem(): boolean;
  /** Whether the value ahead is a string. */
  isAtString(): boolean;
  /** Whether the value ahead is an array. */
  isAtArray(): boolean;
  /** The first byte inside the string ahead; 0 when it is empty or not a string. Does not move. */
  firstByteOfString(): number;
  /** Walks over a value. */
  skip(): void;
  /** A string of at most `maxBytes` bytes; undefined for anything else. */
  readString(maxBytes: number): string | undefined;
  /** As {@link readString}, for a value that is often the same as the last one read into the slot. */
  readRepeated(slot: TextSlot, maxBytes: number): string | undefined;
  /** A number; undefined for anything else. */
  readNumber(): number | undefined;
  /** `true` or `false`; undefined for anything else. */
  readBoolean(): boolean | undefined;
  /** Counts the line feeds in a string (`\n` and `\u000a`); undefined for anything else. */
  countLineFeeds(): number | undefined;
  /** What is ahead up to the end of the text; valid as long as its bytes. */
  rest(): Uint8Array;
  /** Whether exactly these bytes are ahead up to the end of the text. */
  isRest(bytes: Uint8Array): boolean;
  /** Checks that nothing but white space is left. */
  finish(): void;
}

/** Creates a cursor, to be used for many texts. */
export function createJsonCursor(): JsonCursor {
  return new ByteJsonCursor();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_N = 0x6e;
const LOWER_U = 0x75;
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** A string is first walked byte by byte; only a longer one is worth the call of a native search. */
const SHORT_STRING_BYTES = 64;
/** How far to walk byte by byte after a native search that ended at a near quote. */
const DENSE_STRETCH_BYTES = 128;
const NEAR_BYTES = 64;

/** From this length on a string is compared with the longest one so far: that is cheaper than looking for its end. */
const LONG_STRING_BYTES = 256;

/** Integers of so many digits are exact in a double. */
const MAX_SAFE_DIGITS = 15;

const NO_BYTES = Buffer.alloc(0);

class ByteJsonCursor implements JsonCursor {
  failure: JsonFailure | undefined = undefined;
  valueStart = 0;
  valueEnd = 0;
  #buffer: Buffer = NO_BYTES;
  #position = 0;
  #end = 0;
  #hasEscapes = false;
  /** Where the longest string of this text is, once there was a long one. */
  #longestStart = 0;
  #longestBytes = 0;

  open(buffer: Buffer, start: number, end: number): void {
    this.failure = undefined;
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
    this.#longestBytes = 0;
    this.#skipSpace();
  }

  enterObject(): boolean {
    return this.#enter(OPEN_BRACE);
  }

  enterArray(): boolean {
    return this.#enter(OPEN_BRACKET);
  }

  isAtString(): boolean {
    return this.#position < this.#end && this.#buffer[this.#position] === QUOTE;
  }

  isAtArray(): boolean {
    return this.#position < this.#end && this.#buffer[this.#position] === OPEN_BRACKET;
  }

  firstByteOfString(): number {
    if (!this.isAtString()) return 0;
    const first = this.#buffer[this.#position + 1] ?? 0;
    return first === QUOTE ? 0 : first;
  }

  nextKey<Name extends string>(table: KeyTable<Name>): Name | "" | undefined {
    if (!this.#nextMember(CLOSE_BRACE)) return undefined;
    if (this.#buffer[this.#position] !== QUOTE) {
      this.#fail("unexpected character");
      return undefined;
    }
    const buffer = this.#buffer;
    const end = this.#end;
    const start = this.#position + 1;
    const expected = table.last?.follower;
    if (expected !== undefined && start + expected.bytes.length < end) {
      if (this.#equals(expected.bytes, start, expected.bytes.length)) {
        table.last = expected;
        this.#position = start + expected.bytes.length;
        this.#skipSpace();
        return expected.name;
      }
    }
    let position = start;
    while (position < end) {
      const byte = buffer[position];
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) position += 1;
      position += 1;
    }
    const length = position - start;
    position += 1;
    // Nearly every key is followed by its colon and its value at once.
    if (buffer[position] === COLON && position < end) {
      this.#position = position + 1;
    } else if (!this.#findColon(position)) {
      return undefined;
    }
    this.#skipSpace();
    const candidates = table.byLength[length];
    if (candidates === undefined) return "";
    for (const candidate of candidates) {
      if (!this.#equals(candidate.bytes, start, length)) continue;
      if (table.last !== undefined) table.last.follower = candidate;
      table.last = candidate;
      return candidate.name;
    }
    return "";
  }

  nextItem(): boolean {
    return this.#nextMember(CLOSE_BRACKET);
  }

  skip(): void {
    if (this.#position >= this.#end) {
      this.#fail("unexpected end");
      return;
    }
    const first = this.#buffer[this.#position];
    if (first === QUOTE) this.#skipString();
    else if (first === OPEN_BRACE || first === OPEN_BRACKET) this.#skipContainer();
    else this.#skipScalar();
  }

  readString(maxBytes: number): string | undefined {
    if (!this.isAtString()) {
      this.skip();
      return undefined;
    }
    this.#skipString();
    if (this.failure !== undefined || this.valueEnd - this.valueStart > maxBytes) return undefined;
    return this.#decode();
  }

  readRepeated(slot: TextSlot, maxBytes: number): string | undefined {
    if (!this.isAtString()) {
      this.skip();
      return undefined;
    }
    const start = this.#position + 1;
    const expectedEnd = start + slot.last.bytes.length;
    if (expectedEnd < this.#end && this.#buffer[expectedEnd] === QUOTE) {
      if (this.#equals(slot.last.bytes, start, slot.last.bytes.length)) {
        this.valueStart = start;
        this.#endString(expectedEnd, true);
        return slot.last.value;
      }
    }
    this.#skipString();
    const length = this.valueEnd - this.valueStart;
    if (this.failure !== undefined || length > maxBytes) return undefined;
    if (length > TEXT_SLOT_BYTES) return this.#decode();
    const place = placeOfText(length, this.#buffer[this.valueEnd - 1] ?? 0);
    let text = slot.known[place];
    if (text?.bytes.length !== length || !this.#equals(text.bytes, start, length)) {
      const value = this.#decode();
      if (value === undefined) return undefined;
      text = { bytes: new Uint8Array(this.#buffer.subarray(start, start + length)), value };
      slot.known[place] = text;
    }
    slot.last = text;
    return text.value;
  }

  readNumber(): number | undefined {
    const first = this.#position < this.#end ? (this.#buffer[this.#position] ?? 0) : 0;
    this.skip();
    if (this.failure !== undefined || !(first === MINUS || (first >= ZERO && first <= NINE))) return undefined;
    if (this.valueEnd - this.valueStart <= MAX_SAFE_DIGITS) {
      const small = this.#smallInteger();
      if (small >= 0) return small;
    }
    const value = Number(this.#buffer.toString("latin1", this.valueStart, this.valueEnd));
    return Number.isNaN(value) ? undefined : value;
  }

  readBoolean(): boolean | undefined {
    const isText = this.isAtString();
    this.skip();
    if (this.failure !== undefined || isText) return undefined;
    const length = this.valueEnd - this.valueStart;
    if (length === TRUE.length && this.#equals(TRUE, this.valueStart, length)) return true;
    return length === FALSE.length && this.#equals(FALSE, this.valueStart, length) ? false : undefined;
  }

  countLineFeeds(): number | undefined {
    if (!this.isAtString()) {
      this.skip();
      return undefined;
    }
    this.#skipString();
    if (this.failure !== undefined) return undefined;
    let count = 0;
    const end = this.valueEnd;
    for (let at = this.#buffer.indexOf(BACKSLASH, this.valueStart); at >= 0 && at < end; ) {
      const escaped = this.#buffer[at + 1];
      if (escaped === LOWER_N) count += 1;
      else if (escaped === LOWER_U && /^000a$/i.test(this.#buffer.toString("latin1", at + 2, at + 6))) count += 1;
      at = this.#buffer.indexOf(BACKSLASH, at + 2);
    }
    return count;
  }

  rest(): Uint8Array {
    return this.#buffer.subarray(this.#position, this.#end);
  }

  isRest(bytes: Uint8Array): boolean {
    if (bytes.length !== this.#end - this.#position) return false;
    return this.#buffer.compare(bytes, 0, bytes.length, this.#position, this.#end) === 0;
  }

  finish(): void {
    this.#skipSpace();
    if (this.failure === undefined && this.#position < this.#end) this.#fail("trailing data");
  }

  #enter(opening: number): boolean {
    if (this.#position < this.#end && this.#buffer[this.#position] === opening) {
      this.#position += 1;
      return true;
    }
    this.skip();
    return false;
  }

  /** Goes over separators to the next member or item, or behind the closing bracket. */
  #nextMember(closing: number): boolean {
    if (this.failure !== undefined) return false;
    this.#skipSpace();
    let byte = this.#buffer[this.#position];
    if (this.#position < this.#end && byte === COMMA) {
      this.#position += 1;
      this.#skipSpace();
      byte = this.#buffer[this.#position];
    }
    if (this.#position >= this.#end) {
      this.#fail("unexpected end");
      return false;
    }
    if (byte !== closing) return true;
    this.#position += 1;
    return false;
  }

  #findColon(position: number): boolean {
    this.#position = position;
    this.#skipSpace();
    if (this.#position >= this.#end) {
      this.#fail("unexpected end");
      return false;
    }
    if (this.#buffer[this.#position] !== COLON) {
      this.#fail("unexpected character");
      return false;
    }
    this.#position += 1;
    return true;
  }

  #skipSpace(): void {
    const buffer = this.#buffer;
    const end = this.#end;
    let position = this.#position;
    while (position < end && (buffer[position] ?? 0) <= SPACE) position += 1;
    this.#position = position;
  }

  #skipScalar(): void {
    const buffer = this.#buffer;
    const end = this.#end;
    let position = this.#position;
    this.valueStart = position;
    while (position < end) {
      const byte = buffer[position] ?? 0;
      if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte <= SPACE) break;
      if (byte === QUOTE || byte === COLON || byte === OPEN_BRACE || byte === OPEN_BRACKET) break;
      position += 1;
    }
    this.valueEnd = position;
    if (position === this.#position) this.#fail("unexpected character");
    else this.#position = position;
  }

  #skipContainer(): void {
    const buffer = this.#buffer;
    const end = this.#end;
    const start = this.#position;
    let depth = 0;
    let position = start;
    while (position < end) {
      const byte = buffer[position];
      if (byte === QUOTE) {
        this.#position = position;
        this.#skipString();
        position = this.#position;
        continue;
      }
      position += 1;
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth -= 1;
        if (depth === 0) {
          this.#position = position;
          this.valueStart = start;
          this.valueEnd = position;
          return;
        }
      }
    }
    this.#fail("unexpected end");
  }

  /** Walks over a string, from its opening quote. */
  #skipString(): void {
    const buffer = this.#buffer;
    const end = this.#end;
    let position = this.#position + 1;
    this.valueStart = position;
    let hasEscapes = false;
    const limit = Math.min(position + SHORT_STRING_BYTES, end);
    while (position < limit) {
      const byte = buffer[position];
      if (byte === QUOTE) {
        this.#endString(position, hasEscapes);
        return;
      }
      if (byte === BACKSLASH) {
        hasEscapes = true;
        position += 2;
      } else {
        position += 1;
      }
    }
    if (!this.#skipRepetition()) this.#skipLongString(position);
  }

  /** Goes on from a position inside a string that is not the second half of an escape. */
  #skipLongString(from: number): void {
    const buffer = this.#buffer;
    const end = this.#end;
    let position = from;
    let stretch = 0;
    while (position < end) {
      const limit = Math.min(position + stretch, end);
      while (position < limit) {
        const byte = buffer[position];
        if (byte === QUOTE) {
          this.#endLongString(position);
          return;
        }
        position += byte === BACKSLASH ? 2 : 1;
      }
      if (position >= end) break;
      const found = buffer.indexOf(QUOTE, position);
      if (found < 0 || found >= end) break;
      let behind = found - 1;
      while (behind >= position && buffer[behind] === BACKSLASH) behind -= 1;
      if ((found - 1 - behind) % 2 === 0) {
        this.#endLongString(found);
        return;
      }
      stretch = found - position < NEAR_BYTES ? DENSE_STRETCH_BYTES : SHORT_STRING_BYTES;
      position = found + 1;
    }
    this.valueEnd = end;
    this.#fail("unexpected end");
  }

  #endString(quote: number, hasEscapes: boolean): void {
    this.valueEnd = quote;
    this.#position = quote + 1;
    this.#hasEscapes = hasEscapes;
  }

  #endLongString(quote: number): void {
    // Its bytes were not all looked at: they may hold escapes.
    this.#endString(quote, true);
    const bytes = quote - this.valueStart;
    if (bytes < LONG_STRING_BYTES || bytes <= this.#longestBytes) return;
    this.#longestStart = this.valueStart;
    this.#longestBytes = bytes;
  }

  /**
   * Walks over a string that repeats the longest one: lines hold the output of a tool twice. The same bytes with a
   * quote behind them end where the others ended, so nothing in them needs to be looked at again.
   */
  #skipRepetition(): boolean {
    const bytes = this.#longestBytes;
    const quote = this.valueStart + bytes;
    if (bytes === 0 || quote >= this.#end || this.#buffer[quote] !== QUOTE) return false;
    const { valueStart } = this;
    const longest = this.#longestStart;
    if (this.#buffer.compare(this.#buffer, longest, longest + bytes, valueStart, quote) !== 0) return false;
    this.#endString(quote, true);
    return true;
  }

  /** The text of the string last walked over. */
  #decode(): string | undefined {
    if (!this.#hasEscapes) return this.#buffer.toString("utf8", this.valueStart, this.valueEnd);
    try {
      return JSON.parse(this.#buffer.toString("utf8", this.valueStart - 1, this.valueEnd + 1)) as string;
    } catch {
      this.#fail("bad string");
      return undefined;
    }
  }

  #smallInteger(): number {
    let value = 0;
    for (let position = this.valueStart; position < this.valueEnd; position++) {
      const digit = (this.#buffer[position] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  #equals(bytes: Uint8Array, start: number, length: number): boolean {
    const buffer = this.#buffer;
    for (let i = 0; i < length; i++) {
      if (buffer[start + i] !== bytes[i]) return false;
    }
    return true;
  }

  #fail(failure: JsonFailure): void {
    this.failure ??= failure;
    this.#position = this.#end;
  }
}
