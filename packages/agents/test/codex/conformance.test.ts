import { fileURLToPath } from "node:url";
import { createCodexTranscripts } from "../../src/index.ts";
import { describeConformance } from "../support/conformance.ts";

describeConformance({
  create: createCodexTranscripts,
  folder: fileURLToPath(new URL("../fixtures/codex", import.meta.url)),
  calls: 2,
  tokens: [800, 1600, 0, 690, 90],
  agents: ["main"],
  content: ["say hello", "echo hello", "Hello from the stand-in", "/bin/bash"],
});
