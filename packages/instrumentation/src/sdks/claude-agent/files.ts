/** The file of the Claude Agent SDK: a minified bundle whose functions start Claude Code. */
import type { SdkFiles } from "../contract.ts";

const functions = ["query", "startup", "prewarm"] as const;

export const claudeAgentFiles: SdkFiles = {
  packageName: "@anthropic-ai/claude-agent-sdk",
  files: [{ path: "sdk", names: [...functions, "AbortError"], replaceable: functions, isBundle: true }],
};
