/** Patches a file of an SDK that has just been loaded. */
import { countDrop, guarded } from "../registry.ts";
import { patchAnthropic } from "./anthropic/patch.ts";
import { patchClaudeAgent } from "./claude-agent/patch.ts";
import type { PatchFile } from "./contract.ts";
import { patchGoogle } from "./google/patch.ts";
import { patchGenerativeAi } from "./google/patch-generative-ai.ts";
import { patchLangChain } from "./langchain/patch.ts";
import { patchMastra } from "./mastra/patch.ts";
import { patchMcp } from "./mcp/patch.ts";
import { patchOpenAi } from "./openai/patch.ts";
import { patchOpenAiAgents } from "./openai-agents/patch.ts";
import { patchVercel } from "./vercel/patch.ts";

const PATCHES: Readonly<Record<string, PatchFile>> = {
  ai: patchVercel,
  openai: patchOpenAi,
  "@anthropic-ai/sdk": patchAnthropic,
  "@anthropic-ai/claude-agent-sdk": patchClaudeAgent,
  "@google/genai": patchGoogle,
  "@openai/agents-core": patchOpenAiAgents,
  "@google/generative-ai": patchGenerativeAi,
  "@langchain/core": patchLangChain,
  "@langchain/langgraph": patchLangChain,
  "@mastra/core": patchMastra,
  "@modelcontextprotocol/client": patchMcp,
  "@modelcontextprotocol/sdk": patchMcp,
  "@modelcontextprotocol/server": patchMcp,
};

/**
 * Never throws; what should be there and is not is counted as dropped, under the name of the package.
 *
 * @returns what takes the place of functions of the file.
 */
export function applyPatch(
  packageName: string,
  path: string,
  bindings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const patched = guarded(() => PATCHES[packageName]?.(path, bindings));
  for (const missing of patched?.missing ?? []) countDrop(`not found in ${packageName}: ${missing}`);
  return patched?.replacements;
}
