/** The readers of all products. */
import { createClaudeCodeTranscripts } from "./claude-code/index.ts";
import { createCodexTranscripts } from "./codex/index.ts";
import type { TranscriptSource } from "./contract.ts";
import { createGeminiCliTranscripts } from "./gemini-cli/index.ts";

/** Creates a reader for each product of `TRANSCRIPT_FINDERS`. */
export function createTranscriptSources(): readonly TranscriptSource[] {
  return [createClaudeCodeTranscripts(), createCodexTranscripts(), createGeminiCliTranscripts()];
}
