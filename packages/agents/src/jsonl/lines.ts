/** Lines of a file, straight from a file descriptor: one reusable buffer, the file is never held whole. */
import { readSync } from "node:fs";

/** Size of the buffer that {@link createLineReader} is meant to be given. */
export const LINE_BUFFER_BYTES = 1 << 20;

/** Longest line that is still read, by default. */
export const MAX_LINE_BYTES = 32 << 20;

/** Where and how to read lines. */
export interface LineReaderOptions {
  /** An open file; the caller closes it. */
  readonly descriptor: number;
  /** Where to begin: 0, or just behind a line feed. */
  readonly offsetBytes: number;
  /** Working memory; replaced by a larger one only while a longer line passes. */
  readonly buffer: Buffer;
  /** A longer line is skipped and counted. Default 32 MiB. */
  readonly maxLineBytes?: number | undefined;
}

/** Walks over the complete lines of a file. A last line without a line feed is left for later. */
export interface LineReader {
  /** Holds the current line from {@link start} to {@link end}; valid until the next call of {@link next}. */
  readonly buffer: Buffer;
  readonly start: number;
  /** Behind the last byte of the line, without its line feed. */
  readonly end: number;
  /** Where the current line begins in the file. */
  readonly lineOffsetBytes: number;
  /** Bytes consumed: just behind the line feed of the current line. */
  readonly offsetBytes: number;
  /** Lines skipped so far because they were too long. */
  readonly tooLongLines: number;
  /**
   * Goes to the next complete line.
   * @returns false when there is none; the position is then behind the last complete line.
   * @throws the system's error when reading fails.
   */
  next(): boolean;
  /**
   * A line passed earlier, as long as it is still in the working memory.
   * @returns a view of the line, valid until the next call of {@link next}; undefined when it has to be read again.
   */
  passedLine(offsetBytes: number, lengthBytes: number): Buffer | undefined;
}

const LINE_FEED = 10;

/** Walks over the lines of bytes in memory; a last line without a line feed is one, too. */
export function createMemoryLineReader(buffer: Buffer): LineReader {
  return new MemoryLineReader(buffer);
}

class MemoryLineReader implements LineReader {
  readonly buffer: Buffer;
  readonly tooLongLines = 0;
  start = 0;
  end = 0;
  lineOffsetBytes = 0;
  offsetBytes = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  next(): boolean {
    if (this.offsetBytes >= this.buffer.length) return false;
    const found = this.buffer.indexOf(LINE_FEED, this.offsetBytes);
    this.start = this.offsetBytes;
    this.lineOffsetBytes = this.offsetBytes;
    this.end = found < 0 ? this.buffer.length : found;
    this.offsetBytes = Math.min(this.end + 1, this.buffer.length);
    return true;
  }

  passedLine(offsetBytes: number, lengthBytes: number): Buffer | undefined {
    const end = offsetBytes + lengthBytes;
    return offsetBytes >= 0 && lengthBytes >= 0 && end < this.offsetBytes
      ? this.buffer.subarray(offsetBytes, end)
      : undefined;
  }
}

/** Creates a {@link LineReader}. */
export function createLineReader(options: LineReaderOptions): LineReader {
  return new DescriptorLineReader(options);
}

class DescriptorLineReader implements LineReader {
  buffer: Buffer;
  start = 0;
  end = 0;
  lineOffsetBytes: number;
  offsetBytes: number;
  tooLongLines = 0;
  readonly #descriptor: number;
  readonly #maxLineBytes: number;
  /** Unconsumed bytes lie in `buffer` from `#from` to `#to`; the first of them is at `offsetBytes` in the file. */
  #from = 0;
  #to = 0;

  constructor(options: LineReaderOptions) {
    this.buffer = options.buffer;
    this.lineOffsetBytes = options.offsetBytes;
    this.offsetBytes = options.offsetBytes;
    this.#descriptor = options.descriptor;
    this.#maxLineBytes = options.maxLineBytes ?? MAX_LINE_BYTES;
  }

  next(): boolean {
    let searched = this.#from;
    for (;;) {
      const lineFeed = this.#findLineFeed(searched);
      if (lineFeed >= 0) {
        this.#take(lineFeed);
        if (this.end - this.start <= this.#maxLineBytes) return true;
        this.tooLongLines += 1;
        searched = this.#from;
        continue;
      }
      const pending = this.#to - this.#from;
      if (pending > this.#maxLineBytes) {
        if (!this.#skipLongLine()) return false;
        searched = this.#from;
        continue;
      }
      if (!this.#refill()) return false;
      searched = this.#from + pending;
    }
  }

  passedLine(offsetBytes: number, lengthBytes: number): Buffer | undefined {
    const start = offsetBytes - (this.offsetBytes - this.#from);
    const end = start + lengthBytes;
    return start >= 0 && lengthBytes >= 0 && end < this.#from ? this.buffer.subarray(start, end) : undefined;
  }

  #take(lineFeed: number): void {
    this.start = this.#from;
    this.end = lineFeed;
    this.lineOffsetBytes = this.offsetBytes;
    this.offsetBytes += lineFeed + 1 - this.#from;
    this.#from = lineFeed + 1;
  }

  #findLineFeed(from: number): number {
    if (from >= this.#to) return -1;
    const found = this.buffer.indexOf(LINE_FEED, from);
    return found < this.#to ? found : -1;
  }

  #refill(): boolean {
    const pending = this.#to - this.#from;
    if (pending === this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.buffer.length * 2, this.#maxLineBytes + LINE_BUFFER_BYTES));
      this.buffer.copy(larger, 0, this.#from, this.#to);
      this.buffer = larger;
    } else if (this.#from > 0) {
      this.buffer.copyWithin(0, this.#from, this.#to);
    }
    this.#from = 0;
    this.#to = pending;
    const bytes = readSync(
      this.#descriptor,
      this.buffer,
      pending,
      this.buffer.length - pending,
      this.offsetBytes + pending,
    );
    this.#to += bytes;
    return bytes > 0;
  }

  /** Goes behind the line feed of a line that is too long; without a line feed nothing is consumed. */
  #skipLongLine(): boolean {
    let position = this.offsetBytes + (this.#to - this.#from);
    // What the working memory held is overwritten.
    this.#from = 0;
    this.#to = 0;
    for (;;) {
      const bytes = readSync(this.#descriptor, this.buffer, 0, this.buffer.length, position);
      if (bytes === 0) return false;
      const found = this.buffer.indexOf(LINE_FEED);
      if (found >= 0 && found < bytes) {
        this.tooLongLines += 1;
        this.offsetBytes = position + found + 1;
        this.#from = found + 1;
        this.#to = bytes;
        return true;
      }
      position += bytes;
    }
  }
}
