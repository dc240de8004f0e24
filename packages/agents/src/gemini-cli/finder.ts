/** Where the chats of Gemini CLI lie. */
import type { TranscriptFinder } from "../contract.ts";
import { discoverTranscripts, type TranscriptShape } from "../transcript/discover.ts";
import { chatRoots, isChat } from "./paths.ts";
import { PRODUCT } from "./product.ts";

const SHAPE: TranscriptShape = {
  isTranscript: isChat,
  foldersWithout: new Set(["checkpoints", "images", "logs", "plans", "shell_history", "tool-outputs", "tracker"]),
};

/** Finds the chats of Gemini CLI. */
export const geminiCliFinder: TranscriptFinder = Object.freeze({
  product: PRODUCT,
  label: "Gemini CLI",
  roots: chatRoots,
  discover: (roots: readonly string[]) => discoverTranscripts(roots, SHAPE),
});
