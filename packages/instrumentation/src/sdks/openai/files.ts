/** The files of the OpenAI SDK that define what calls a model. */
import type { SdkFiles } from "../contract.ts";

export const openAiFiles: SdkFiles = {
  packageName: "openai",
  files: [
    { path: "resources/chat/completions/completions", names: ["Completions"] },
    { path: "resources/responses/responses", names: ["Responses"] },
    { path: "resources/embeddings", names: ["Embeddings"] },
    { path: "resources/completions", names: ["Completions"] },
  ],
};
