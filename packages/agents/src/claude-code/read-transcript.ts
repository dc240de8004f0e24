/** Reads one transcript of Claude Code. */

import type { ReadOptions, TranscriptChunk, TranscriptPosition } from "../contract.ts";
import { createFactCollector } from "../transcript/fact-collector.ts";
import { type BeginMapping, readTranscript as readLines, type TranscriptLines } from "../transcript/read-transcript.ts";
import { agentIdsByToolUse, readAgentMeta } from "./agent-meta.ts";
import { createRecordMapper } from "./map-record.ts";
import type { LineAccess } from "./mapping.ts";
import type { RecordParser } from "./parse-record.ts";
import { transcriptPlace } from "./paths.ts";
import { PRODUCT } from "./product.ts";
import { decodeState, encodeState, initialState } from "./reading-state.ts";

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
export function readTranscript(
  path: string,
  from: TranscriptPosition | undefined,
  options: ReadOptions,
  { buffer, parser }: ReadingTools,
): Generator<TranscriptChunk, void, void> {
  return readLines(path, from, options, { buffer, begin: beginWith(parser) });
}

function beginWith(parser: RecordParser): BeginMapping {
  return (lines, written) => {
    const state = written === undefined ? initialState() : decodeState(written);
    if (state === undefined) return undefined;
    const { path, reader, skipped } = lines;
    const place = transcriptPlace(path);
    // What a subagent's file says of the session yields to the session's own: it may work in a worktree.
    const facts = createFactCollector(PRODUCT, place.agentId === undefined ? "transcript" : "transcriptSidechain");
    const mapper = createRecordMapper({
      place,
      meta: place.agentId === undefined ? undefined : readAgentMeta(path),
      state,
      facts,
      lines: lineAccess(lines, place.subagentsFolder),
      skip: skipped.add,
    });
    mapper.nameSubagent();
    return {
      facts,
      mapLine: () => {
        const { start, end } = reader;
        const record = parser.parse(reader.buffer, start, end);
        if (typeof record === "string") skipped.add(`unreadable line: ${record}`);
        else if (record.use === "unknown") skipped.addUnknownType(record.type ?? "");
        else if (record.use !== "metadata") {
          mapper.map(record, reader.buffer, { offsetBytes: reader.lineOffsetBytes, lengthBytes: end - start });
        }
      },
      reachEnd: mapper.announceOpenTools,
      encodeState: () => encodeState(state),
    };
  };
}

function lineAccess({ readLine }: TranscriptLines, subagentsFolder: string): LineAccess {
  let agentIds: Map<string, string> | undefined;
  return {
    readLine,
    agentIdOf: (toolUseId) => {
      agentIds ??= agentIdsByToolUse(subagentsFolder);
      return agentIds.get(toolUseId);
    },
  };
}
