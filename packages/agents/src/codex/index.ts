/** Rollouts of Codex. */
import type { TranscriptSource } from "../contract.ts";
import { LINE_BUFFER_BYTES } from "../jsonl/lines.ts";
import { codexFinder } from "./finder.ts";
import { readRollout } from "./read-transcript.ts";

/** Creates the source of Codex's rollouts. */
export function createCodexTranscripts(): TranscriptSource {
  return {
    ...codexFinder,
    read: ({ path }, from, options = {}) =>
      readRollout(path, from, options, () => Buffer.allocUnsafeSlow(LINE_BUFFER_BYTES)),
  };
}
