import { fileURLToPath } from "node:url";
import { createGeminiCliTranscripts } from "../../src/index.ts";
import { describeConformance } from "../support/conformance.ts";

describeConformance({
  create: createGeminiCliTranscripts,
  folder: fileURLToPath(new URL("../fixtures/gemini-cli", import.meta.url)),
  calls: 2,
  tokens: [800, 1600, 0, 690, 90],
  agents: ["main"],
  content: ["say hello", "is empty", "model_choice", "session_context"],
});
