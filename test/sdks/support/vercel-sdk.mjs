// Apart, because the declarations of these packages need the browser's types and looser checks than ours.
export { createOpenAI } from "@ai-sdk/openai";
export * as ai from "ai";
