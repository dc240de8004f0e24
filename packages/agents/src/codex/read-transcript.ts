/** Reads one rollout of Codex. */
import { readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import type { ReadOptions, TranscriptChunk, TranscriptPosition } from "../contract.ts";
import { createFactCollector } from "../transcript/fact-collector.ts";
import { mapParsedLines } from "../transcript/parsed-lines.ts";
import { type BeginMapping, readTranscript, readWholeTranscript } from "../transcript/read-transcript.ts";
import { createRecordMapper } from "./map-record.ts";
import { parseRecord } from "./parse-record.ts";
import { isCompressed } from "./paths.ts";
import { PRODUCT } from "./product.ts";
import { decodeState, encodeState, initialState } from "./reading-state.ts";

/** A compressed rollout is held whole: larger ones are reported as unreadable. */
const MAX_ROLLOUT_BYTES = 512 << 20;

/**
 * Reads the lines of a rollout from a position on; see `TranscriptSource.read`. A compressed one is read from its start.
 *
 * @param allocate working memory, for rollouts that are not compressed.
 */
export function readRollout(
  path: string,
  from: TranscriptPosition | undefined,
  options: ReadOptions,
  allocate: () => Buffer,
): Generator<TranscriptChunk, void, void> {
  if (!isCompressed(path)) return readTranscript(path, from, options, { buffer: allocate(), begin });
  return readWholeTranscript(path, options, {
    load: (file) => zstdDecompressSync(readFileSync(file), { maxOutputLength: MAX_ROLLOUT_BYTES }),
    begin,
  });
}

const begin: BeginMapping = (lines, written) => {
  const state = written === undefined ? initialState() : decodeState(written);
  if (state === undefined) return undefined;
  const facts = createFactCollector(PRODUCT, "transcript");
  const mapper = createRecordMapper({ state, facts, readLine: lines.readLine, skip: lines.skipped.add });
  return mapParsedLines(lines, {
    facts,
    parse: parseRecord,
    map: mapper.map,
    reachEnd: mapper.announceOpenTools,
    encodeState: () => encodeState(state),
  });
};
