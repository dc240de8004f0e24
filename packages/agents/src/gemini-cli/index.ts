/** Chats of Gemini CLI. */
import type { TranscriptSource } from "../contract.ts";
import { LINE_BUFFER_BYTES } from "../jsonl/lines.ts";
import { geminiCliFinder } from "./finder.ts";
import { readChat } from "./read-transcript.ts";

/** Creates the source of Gemini CLI's chats. */
export function createGeminiCliTranscripts(): TranscriptSource {
  return {
    ...geminiCliFinder,
    read: ({ path }, from, options = {}) =>
      readChat(path, from, options, () => Buffer.allocUnsafeSlow(LINE_BUFFER_BYTES)),
  };
}
