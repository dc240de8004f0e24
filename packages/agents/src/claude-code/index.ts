/** Transcripts of Claude Code. */
import type { TranscriptSource } from "../contract.ts";
import { LINE_BUFFER_BYTES } from "../jsonl/lines.ts";
import { claudeCodeFinder } from "./finder.ts";
import { createRecordParser } from "./parse-record.ts";
import { readTranscript } from "./read-transcript.ts";

/** Creates the source of Claude Code's transcripts. Its reads share one working buffer as long as they do not overlap. */
export function createClaudeCodeTranscripts(): TranscriptSource {
  let idleBuffer: Buffer | undefined;
  const parser = createRecordParser();

  return {
    ...claudeCodeFinder,
    *read(file, from, options = {}) {
      const buffer = idleBuffer ?? Buffer.allocUnsafeSlow(LINE_BUFFER_BYTES);
      idleBuffer = undefined;
      try {
        yield* readTranscript(file.path, from, options, { buffer, parser });
      } finally {
        idleBuffer = buffer;
      }
    },
  };
}
