/** Where the transcripts of Claude Code lie. */
import type { TranscriptFinder } from "../contract.ts";
import { discoverTranscripts, type TranscriptShape } from "../transcript/discover.ts";
import { agentMetaPath, isAgentMeta } from "./agent-meta.ts";
import { isAgentTranscript, isTranscript, transcriptRoots } from "./paths.ts";
import { PRODUCT } from "./product.ts";

const SHAPE: TranscriptShape = {
  isTranscript,
  foldersWithout: new Set(["tool-results", "memory"]),
  sideFiles: {
    isSideFile: isAgentMeta,
    sideFileOf: (name) => (isAgentTranscript(name) ? agentMetaPath(name) : undefined),
  },
};

/** Finds the transcripts of Claude Code. */
export const claudeCodeFinder: TranscriptFinder = Object.freeze({
  product: PRODUCT,
  label: "Claude Code",
  roots: transcriptRoots,
  discover: (roots: readonly string[]) => discoverTranscripts(roots, SHAPE),
});
