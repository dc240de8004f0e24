/** What can be said of transcripts without reading them. Apart from the readers, because every command asks for it. */
import { claudeCodeFinder } from "./claude-code/finder.ts";
import { codexFinder } from "./codex/finder.ts";
import type { TranscriptFinder } from "./contract.ts";
import { geminiCliFinder } from "./gemini-cli/finder.ts";

/** Every product whose transcripts can be read. */
export const TRANSCRIPT_FINDERS: readonly TranscriptFinder[] = Object.freeze([
  claudeCodeFinder,
  codexFinder,
  geminiCliFinder,
]);
