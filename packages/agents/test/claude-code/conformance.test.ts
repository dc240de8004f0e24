import { join } from "node:path";
import { createClaudeCodeTranscripts } from "../../src/index.ts";
import { describeConformance } from "../support/conformance.ts";
import { FIXTURES } from "../support/reading.ts";

describeConformance({
  create: createClaudeCodeTranscripts,
  folder: join(FIXTURES, "subagent"),
  calls: 7,
  tokens: [8400, 5600, 700, 2415, 0],
  agents: ["expert-backend", "main"],
  content: ["MAKE-ERROR", "one\\ntwo", "made.txt"],
});
