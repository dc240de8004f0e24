/** Reads one transcript, chunk by chunk: what all products have in common. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { hash53 } from "@moai-metrics/model";
import type { ReadOptions, TranscriptChunk, TranscriptPosition } from "../contract.ts";
import { createLineReader, createMemoryLineReader, type LineReader, MAX_LINE_BYTES } from "../jsonl/lines.ts";
import type { FactCollector } from "./fact-collector.ts";
import { createSkipCounter, type SkipCounter } from "./skip-counter.ts";

const CHUNK_BYTES = 4 << 20;
const CHUNK_FACTS = 2000;

/** Where a line is in the file. */
export interface LineRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** What the mapping of a transcript is handed. */
export interface TranscriptLines {
  readonly path: string;
  /** Stands at the line that is to be mapped. */
  readonly reader: LineReader;
  readonly skipped: SkipCounter;
  /** The bytes of a line read before; undefined when they cannot be read. */
  readLine(line: LineRange): Buffer | undefined;
}

/** Maps the lines of one transcript in their order. */
export interface LineMapping {
  readonly facts: FactCollector;
  /** Maps the line at which the reader stands; blank lines are left out. */
  mapLine(): void;
  /** The last complete line was mapped. */
  reachEnd(): void;
  /** What a later read needs to go on, as text without content and paths of files. */
  encodeState(): string;
}

/** Begins to map a transcript, from its start or with what an earlier read left; undefined when that is not usable. */
export type BeginMapping = (lines: TranscriptLines, state: string | undefined) => LineMapping | undefined;

/**
 * Reads the complete lines of a transcript from a position on; see `TranscriptSource.read`.
 *
 * @param buffer working memory, used by one read at a time.
 */
export function* readTranscript(
  path: string,
  from: TranscriptPosition | undefined,
  options: ReadOptions,
  { buffer, begin }: { readonly buffer: Buffer; readonly begin: BeginMapping },
): Generator<TranscriptChunk, void, void> {
  let position: TranscriptPosition = from ?? { offsetBytes: 0, state: "" };
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const start = usableState(descriptor, from);
    for (const chunk of mapLines(onDisk(descriptor, path, buffer, start.offsetBytes), start.state, options, begin)) {
      position = { offsetBytes: chunk.offsetBytes, state: chunk.state };
      yield chunk;
    }
  } catch (error) {
    yield failedChunk(position, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Reads a transcript that can only be had as a whole, such as a compressed one: always from its start.
 *
 * @param load the transcript as lines; throws with a `code` when it cannot be read.
 */
export function* readWholeTranscript(
  path: string,
  options: ReadOptions,
  { load, begin }: { readonly load: (path: string) => Buffer; readonly begin: BeginMapping },
): Generator<TranscriptChunk, void, void> {
  try {
    const sizeBytes = statSync(path).size;
    let isFirst = true;
    for (const chunk of mapLines(inMemory(path, load(path)), undefined, options, begin)) {
      // Its lines have no place in the file, so there is none from which a later read could go on.
      yield { ...chunk, offsetBytes: 0, state: "", bytesRead: isFirst ? sizeBytes : 0 };
      isFirst = false;
    }
  } catch (error) {
    yield failedChunk({ offsetBytes: 0, state: "" }, error);
  }
}

function failedChunk(position: TranscriptPosition, error: unknown): TranscriptChunk {
  const failure = (error as NodeJS.ErrnoException).code ?? String(error);
  return { ...position, facts: [], skipped: new Map([[`unreadable file: ${failure}`, 1]]), bytesRead: 0, failure };
}

/** A transcript whose lines can be had, and had again from the start. */
interface OpenTranscript {
  readonly path: string;
  /** Where reading is to begin. */
  readonly offsetBytes: number;
  readerAt(offsetBytes: number): LineReader;
  readLine(line: LineRange): Buffer | undefined;
  /** A checksum of the bytes before an offset: lines end in a time and ids, so another file has other bytes there. */
  checkBefore(offsetBytes: number): number;
}

function onDisk(descriptor: number, path: string, buffer: Buffer, offsetBytes: number): OpenTranscript {
  let current: LineReader | undefined;
  return {
    path,
    offsetBytes,
    readerAt: (offset) => {
      current = createLineReader({ descriptor, offsetBytes: offset, buffer });
      return current;
    },
    readLine: ({ offsetBytes: at, lengthBytes }) => {
      if (lengthBytes > MAX_LINE_BYTES) return undefined;
      const passed = current?.passedLine(at, lengthBytes);
      if (passed !== undefined) return passed;
      const bytes = Buffer.allocUnsafe(lengthBytes);
      return readSync(descriptor, bytes, 0, lengthBytes, at) === lengthBytes ? bytes : undefined;
    },
    checkBefore: (offset) => checkBefore(descriptor, offset),
  };
}

function inMemory(path: string, content: Buffer): OpenTranscript {
  return {
    path,
    offsetBytes: 0,
    readerAt: () => createMemoryLineReader(content),
    readLine: ({ offsetBytes, lengthBytes }) => content.subarray(offsetBytes, offsetBytes + lengthBytes),
    checkBefore: () => NO_CHECK,
  };
}

function* mapLines(
  transcript: OpenTranscript,
  state: string | undefined,
  options: ReadOptions,
  begin: BeginMapping,
): Generator<TranscriptChunk, void, void> {
  const chunkBytes = Math.max(1, options.chunkBytes ?? CHUNK_BYTES);
  const chunkFacts = Math.max(1, options.chunkFacts ?? CHUNK_FACTS);
  const skipped = createSkipCounter();
  const linesFrom = (offsetBytes: number): TranscriptLines => ({
    path: transcript.path,
    reader: transcript.readerAt(offsetBytes),
    skipped,
    readLine: transcript.readLine,
  });
  let lines = linesFrom(transcript.offsetBytes);
  let mapping = begin(lines, state);
  if (mapping === undefined) {
    lines = linesFrom(0);
    mapping = begin(lines, undefined);
    if (mapping === undefined) throw new Error("A mapping must be able to begin at the start of a file.");
  }
  const { reader } = lines;
  const { facts } = mapping;
  let isAtEnd = false;
  let tooLongLines = 0;
  while (!isAtEnd && !options.signal?.aborted) {
    const chunkStart = reader.offsetBytes;
    while (reader.offsetBytes - chunkStart < chunkBytes && facts.size < chunkFacts && !options.signal?.aborted) {
      if (!reader.next()) {
        isAtEnd = true;
        break;
      }
      if (!isBlank(reader)) mapping.mapLine();
    }
    if (isAtEnd) mapping.reachEnd();
    skipped.add("unreadable line: too long", reader.tooLongLines - tooLongLines);
    tooLongLines = reader.tooLongLines;
    const bytesRead = reader.offsetBytes - chunkStart;
    if (bytesRead === 0 && facts.size === 0) continue;
    yield {
      facts: facts.take(),
      offsetBytes: reader.offsetBytes,
      state: `${transcript.checkBefore(reader.offsetBytes)} ${mapping.encodeState()}`,
      skipped: skipped.take(),
      bytesRead,
    };
  }
}

/** Where an earlier read stopped, if the file is still the one that was read; else its start. */
function usableState(
  descriptor: number,
  from: TranscriptPosition | undefined,
): { readonly offsetBytes: number; readonly state: string | undefined } {
  const start = { offsetBytes: 0, state: undefined };
  if (from === undefined || !Number.isSafeInteger(from.offsetBytes) || from.offsetBytes < 0) return start;
  if (from.offsetBytes > fstatSync(descriptor).size) return start;
  const space = from.state.indexOf(" ");
  if (space <= 0 || Number(from.state.slice(0, space)) !== checkBefore(descriptor, from.offsetBytes)) return start;
  return { offsetBytes: from.offsetBytes, state: from.state.slice(space + 1) };
}

const NO_CHECK = 0;
const CHECKED_BYTES = 64;
const checkedBytes = Buffer.allocUnsafeSlow(CHECKED_BYTES);

function checkBefore(descriptor: number, offsetBytes: number): number {
  if (offsetBytes === 0) return NO_CHECK;
  const length = Math.min(CHECKED_BYTES, offsetBytes);
  const count = readSync(descriptor, checkedBytes, 0, length, offsetBytes - length);
  return hash53(checkedBytes.toString("latin1", 0, count));
}

function isBlank({ buffer, start, end }: LineReader): boolean {
  for (let position = start; position < end; position++) {
    if ((buffer[position] ?? 0) > 0x20) return false;
  }
  return true;
}
