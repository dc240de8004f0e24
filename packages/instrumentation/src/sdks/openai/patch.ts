/** Records the calls that go through the OpenAI SDK, at the methods that its helpers use, too. */
import { canonicalName } from "@moai-metrics/model";
import type { CallStart } from "../../open-call.ts";
import type { PatchFile } from "../contract.ts";
import { followCall } from "../follow-call.ts";
import { modelOf, serverOf } from "../request.ts";
import { prototypeOf, wrapMethod } from "../wrap-method.ts";
import { createOpenAiReader } from "./read.ts";

const TEXT_COMPLETION = canonicalName("textCompletion");
const EMBEDDINGS = canonicalName("embeddings");
const CHAT = canonicalName("chat");

const OPERATIONS: Readonly<Record<string, string>> = {
  "resources/chat/completions/completions": CHAT,
  "resources/responses/responses": CHAT,
  "resources/embeddings": EMBEDDINGS,
  "resources/completions": TEXT_COMPLETION,
};

export const patchOpenAi: PatchFile = (path, bindings) => {
  const missing = Object.entries(bindings)
    .filter(([, binding]) => {
      const operation = OPERATIONS[path] ?? CHAT;
      const isWrapped = wrapMethod(prototypeOf(binding), "create", (self, args, work) =>
        followCall(() => describe(operation, self, args), createOpenAiReader, work),
      );
      return !isWrapped;
    })
    .map(([name]) => `${name}.create`);
  return { missing };
};

function describe(operation: string, self: unknown, args: readonly unknown[]): CallStart {
  const server = serverOf(self);
  const isAzure = server.serverAddress?.endsWith(".openai.azure.com") === true;
  return { provider: isAzure ? "azure.ai.openai" : "openai", operation, model: modelOf(args), ...server };
}
