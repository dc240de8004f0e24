/** The files of the OpenAI Agents SDK that run agents, ask models and make tools. */
import type { SdkFiles } from "../contract.ts";

const requests = ["getResponseWithRetry", "getStreamedResponseWithRetry"] as const;

export const openAiAgentsFiles: SdkFiles = {
  packageName: "@openai/agents-core",
  files: [
    { path: "dist/run", names: ["Runner"] },
    { path: "dist/tool", names: ["tool"], replaceable: ["tool"] },
    { path: "dist/runner/modelRetry", names: requests, replaceable: requests },
  ],
};
