/** Reads one chat of Gemini CLI. */
import { readFileSync, statSync } from "node:fs";
import type { ReadOptions, TranscriptChunk, TranscriptPosition } from "../contract.ts";
import { createFactCollector } from "../transcript/fact-collector.ts";
import { mapParsedLines } from "../transcript/parsed-lines.ts";
import { type BeginMapping, readTranscript, readWholeTranscript } from "../transcript/read-transcript.ts";
import { createRecordMapper } from "./map-record.ts";
import { parseRecord } from "./parse-record.ts";
import { chatPlace, readProjectRoot } from "./paths.ts";
import { PRODUCT } from "./product.ts";
import { decodeState, encodeState, initialState } from "./reading-state.ts";

/** Chats of older versions are one JSON text, which is held whole. */
const MAX_CHAT_BYTES = 256 << 20;

/**
 * Reads the lines of a chat from a position on; see `TranscriptSource.read`. A chat of an older version, which is
 * rewritten whenever it changes, is read from its start.
 *
 * @param allocate working memory, for chats of lines.
 */
export function readChat(
  path: string,
  from: TranscriptPosition | undefined,
  options: ReadOptions,
  allocate: () => Buffer,
): Generator<TranscriptChunk, void, void> {
  if (path.endsWith(".jsonl")) return readTranscript(path, from, options, { buffer: allocate(), begin });
  return readWholeTranscript(path, options, { load: loadAsLine, begin });
}

/** One JSON text over many lines, as one line. */
function loadAsLine(path: string): Buffer {
  const { size } = statSync(path);
  if (size > MAX_CHAT_BYTES) throw Object.assign(new Error(`${path} is too large.`), { code: "EFBIG" });
  const bytes = readFileSync(path);
  // A line feed inside of a JSON text stands between its tokens only.
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) bytes[at] = SPACE;
  return bytes;
}

const LINE_FEED = 10;
const SPACE = 32;

const begin: BeginMapping = (lines, written) => {
  const state = written === undefined ? initialState() : decodeState(written);
  if (state === undefined) return undefined;
  const { parentSessionId, projectFolder } = chatPlace(lines.path);
  const facts = createFactCollector(PRODUCT, "transcript");
  const project = readProjectRoot(projectFolder);
  const mapper = createRecordMapper({ parentSessionId, project, state, facts, skip: lines.skipped.add });
  return mapParsedLines(lines, {
    facts,
    parse: parseRecord,
    map: mapper.map,
    encodeState: () => encodeState(state),
  });
};
