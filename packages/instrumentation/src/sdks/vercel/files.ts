/** The file of the Vercel AI SDK, and what of it every call goes through. */
import type { SdkFiles } from "../contract.ts";

const functions = ["resolveLanguageModel", "resolveEmbeddingModel", "prepareRetries", "executeToolCall"] as const;

export const vercelFiles: SdkFiles = {
  packageName: "ai",
  files: [{ path: "dist/index", names: [...functions, "ToolLoopAgent"], replaceable: functions }],
};
