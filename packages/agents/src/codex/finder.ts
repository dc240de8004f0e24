/** Where the rollouts of Codex lie. */
import type { TranscriptFinder } from "../contract.ts";
import { discoverTranscripts } from "../transcript/discover.ts";
import { isRollout, rolloutRoots } from "./paths.ts";
import { PRODUCT } from "./product.ts";

/** Finds the rollouts of Codex. */
export const codexFinder: TranscriptFinder = Object.freeze({
  product: PRODUCT,
  label: "Codex",
  roots: rolloutRoots,
  discover: (roots: readonly string[]) => discoverTranscripts(roots, { isTranscript: isRollout }),
});
