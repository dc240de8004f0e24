/** Where the transcripts of Claude Code lie. */
import type { TranscriptFinder } from "../contract.ts";
import { discoverTranscripts } from "./discover.ts";
import { transcriptRoots } from "./paths.ts";
import { PRODUCT } from "./product.ts";

/** Finds the transcripts of Claude Code. */
export const claudeCodeFinder: TranscriptFinder = Object.freeze({
  product: PRODUCT,
  label: "Claude Code",
  roots: transcriptRoots,
  discover: discoverTranscripts,
});
