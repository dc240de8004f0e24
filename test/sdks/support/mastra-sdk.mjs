// Apart, because the declarations of these packages need the browser's types and looser checks than ours.
export { createOpenAI } from "@ai-sdk/openai";
export { Agent } from "@mastra/core/agent";
export { createTool } from "@mastra/core/tools";
