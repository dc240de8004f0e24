/** The SDKs whose files are patched, as data: no code of theirs or for them is loaded here. */
import { anthropicFiles } from "./anthropic/files.ts";
import { claudeAgentFiles } from "./claude-agent/files.ts";
import type { SdkFiles } from "./contract.ts";
import { googleFiles } from "./google/files.ts";
import { langChainFiles } from "./langchain/files.ts";
import { mastraFiles } from "./mastra/files.ts";
import { mcpFiles } from "./mcp/files.ts";
import { openAiFiles } from "./openai/files.ts";
import { openAiAgentsFiles } from "./openai-agents/files.ts";
import { vercelFiles } from "./vercel/files.ts";

/** Every SDK, by the name of its package. */
export const SDK_FILES: ReadonlyMap<string, SdkFiles> = new Map(
  [
    openAiFiles,
    openAiAgentsFiles,
    anthropicFiles,
    claudeAgentFiles,
    ...googleFiles,
    vercelFiles,
    ...langChainFiles,
    mastraFiles,
    ...mcpFiles,
  ].map((sdk) => [sdk.packageName, sdk]),
);
