/** Reads one transcript, chunk by chunk. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { hash53 } from "@moai-metrics/model";
import type { ReadOptions, TranscriptChunk, TranscriptPosition } from "../contract.ts";
import { createLineReader, type LineReader, MAX_LINE_BYTES } from "../jsonl/lines.ts";
import { agentIdsByToolUse, readAgentMeta } from "./agent-meta.ts";
import { createFactCollector } from "./fact-collector.ts";
import { MAX_UNKNOWN_TYPES } from "./limits.ts";
import { createRecordMapper } from "./map-record.ts";
import type { LineAccess } from "./mapping.ts";
import type { RecordParser } from "./parse-record.ts";
import { transcriptPlace } from "./paths.ts";
import { decodeState, encodeState, initialState, type ReadingState } from "./reading-state.ts";
import { unknownRecordReason } from "./record-types.ts";

const CHUNK_BYTES = 4 << 20;
const CHUNK_FACTS = 2000;

/** What reads can share. */
export interface ReadingTools {
  readonly buffer: Buffer;
  readonly parser: RecordParser;
}

/**
 * Reads the complete lines of a transcript from a position on; see `TranscriptSource.read`.
 *
 * @param tools.buffer working memory, used by one read at a time.
 * @param tools.parser may be shared by reads that overlap.
 */
export function* readTranscript(
  path: string,
  from: TranscriptPosition | undefined,
  options: ReadOptions,
  tools: ReadingTools,
): Generator<TranscriptChunk, void, void> {
  let position: TranscriptPosition = from ?? { offsetBytes: 0, state: encodeState(initialState(), NO_CHECK) };
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    for (const chunk of readChunks(descriptor, path, from, options, tools)) {
      position = { offsetBytes: chunk.offsetBytes, state: chunk.state };
      yield chunk;
    }
  } catch (error) {
    const failure = (error as NodeJS.ErrnoException).code ?? String(error);
    yield { ...position, facts: [], skipped: new Map([[`unreadable file: ${failure}`, 1]]), bytesRead: 0, failure };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function* readChunks(
  descriptor: number,
  path: string,
  from: TranscriptPosition | undefined,
  options: ReadOptions,
  tools: ReadingTools,
): Generator<TranscriptChunk, void, void> {
  const chunkBytes = Math.max(1, options.chunkBytes ?? CHUNK_BYTES);
  const chunkFacts = Math.max(1, options.chunkFacts ?? CHUNK_FACTS);
  const { offsetBytes, state } = startingPoint(descriptor, from);
  const place = transcriptPlace(path);
  // What a subagent's file says of the session yields to the session's own: it may work in a worktree.
  const facts = createFactCollector(place.agentId === undefined ? "transcript" : "transcriptSidechain");
  const skipped = createSkipCounter();
  const { buffer, parser } = tools;
  const reader = createLineReader({ descriptor, offsetBytes, buffer });
  const mapper = createRecordMapper({
    place,
    meta: place.agentId === undefined ? undefined : readAgentMeta(path),
    state,
    facts,
    lines: lineAccess(descriptor, reader, place.subagentsFolder),
    skip: skipped.add,
  });

  const mapLine = (): void => {
    const { start, end } = reader;
    if (isBlank(reader)) return;
    const record = parser.parse(reader.buffer, start, end);
    if (typeof record === "string") skipped.add(`unreadable line: ${record}`);
    else if (record.use === "unknown") skipped.addUnknownType(record.type ?? "");
    else if (record.use !== "metadata") {
      mapper.map(record, reader.buffer, { offsetBytes: reader.lineOffsetBytes, lengthBytes: end - start });
    }
  };

  mapper.nameSubagent();
  let isAtEnd = false;
  let tooLongLines = 0;
  while (!isAtEnd && !options.signal?.aborted) {
    const chunkStart = reader.offsetBytes;
    while (reader.offsetBytes - chunkStart < chunkBytes && facts.size < chunkFacts && !options.signal?.aborted) {
      if (!reader.next()) {
        isAtEnd = true;
        break;
      }
      mapLine();
    }
    if (isAtEnd) mapper.announceOpenTools();
    skipped.add("unreadable line: too long", reader.tooLongLines - tooLongLines);
    tooLongLines = reader.tooLongLines;
    const bytesRead = reader.offsetBytes - chunkStart;
    if (bytesRead === 0 && facts.size === 0) continue;
    yield {
      facts: facts.take(),
      offsetBytes: reader.offsetBytes,
      state: encodeState(state, checkBefore(descriptor, reader.offsetBytes)),
      skipped: skipped.take(),
      bytesRead,
    };
  }
}

/** Goes on where an earlier read stopped, if the file is still the one that was read. */
function startingPoint(
  descriptor: number,
  from: TranscriptPosition | undefined,
): { offsetBytes: number; state: ReadingState } {
  const start = { offsetBytes: 0, state: initialState() };
  if (from === undefined || !Number.isSafeInteger(from.offsetBytes) || from.offsetBytes < 0) return start;
  if (from.offsetBytes > fstatSync(descriptor).size) return start;
  const decoded = decodeState(from.state);
  if (decoded === undefined || decoded.check !== checkBefore(descriptor, from.offsetBytes)) return start;
  return { offsetBytes: from.offsetBytes, state: decoded.state };
}

const NO_CHECK = 0;
const CHECKED_BYTES = 64;
const checkedBytes = Buffer.allocUnsafeSlow(CHECKED_BYTES);

/** A checksum of the bytes before an offset: lines end in a time and ids, so another file has other bytes there. */
function checkBefore(descriptor: number, offsetBytes: number): number {
  if (offsetBytes === 0) return NO_CHECK;
  const length = Math.min(CHECKED_BYTES, offsetBytes);
  const count = readSync(descriptor, checkedBytes, 0, length, offsetBytes - length);
  return hash53(checkedBytes.toString("latin1", 0, count));
}

function lineAccess(descriptor: number, reader: LineReader, subagentsFolder: string): LineAccess {
  let agentIds: Map<string, string> | undefined;
  return {
    readLine: ({ offsetBytes, lengthBytes }) => {
      if (lengthBytes > MAX_LINE_BYTES) return undefined;
      const passed = reader.passedLine(offsetBytes, lengthBytes);
      if (passed !== undefined) return passed;
      const bytes = Buffer.allocUnsafe(lengthBytes);
      return readSync(descriptor, bytes, 0, lengthBytes, offsetBytes) === lengthBytes ? bytes : undefined;
    },
    agentIdOf: (toolUseId) => {
      agentIds ??= agentIdsByToolUse(subagentsFolder);
      return agentIds.get(toolUseId);
    },
  };
}

/** Counts what gave no fact. */
interface SkipCounter {
  add(reason: string, count?: number): void;
  /** Types beyond the first few are counted together. */
  addUnknownType(type: string): void;
  take(): Map<string, number>;
}

function createSkipCounter(): SkipCounter {
  let counts = new Map<string, number>();
  const reasons = new Map<string, string>();

  const add = (reason: string, count = 1): void => {
    if (count > 0) counts.set(reason, (counts.get(reason) ?? 0) + count);
  };
  return {
    add,
    addUnknownType: (type) => {
      let reason = reasons.get(type);
      if (reason === undefined) {
        reason = reasons.size < MAX_UNKNOWN_TYPES ? unknownRecordReason(type) : "unknown record: (more types)";
        if (reasons.size < MAX_UNKNOWN_TYPES) reasons.set(type, reason);
      }
      add(reason);
    },
    take: () => {
      const taken = counts;
      counts = new Map();
      return taken;
    },
  };
}

function isBlank({ buffer, start, end }: LineReader): boolean {
  for (let position = start; position < end; position++) {
    if ((buffer[position] ?? 0) > 0x20) return false;
  }
  return true;
}
