/**
 * Records the calls that go through the Google GenAI SDK, where it makes its requests: chats, calls of functions that
 * it runs by itself, and generations that it continues are several of them.
 */
import { canonicalName } from "@moai-metrics/model";
import { isStream, observeStream } from "../../observe-stream.ts";
import type { CallStart } from "../../open-call.ts";
import { guarded } from "../../registry.ts";
import { shapeOf, textOf } from "../../usage/shape.ts";
import type { PatchFile } from "../contract.ts";
import { followReply, followStreamedReply } from "../follow-reply.ts";
import { modelOf, serverAt } from "../request.ts";
import { type Around, prototypeOf, wrapMethod } from "../wrap-method.ts";
import { followCallableTools } from "./callable-tools.ts";
import { createGoogleReader, readEmbedReply, readWholeReply } from "./read.ts";

const GENERATE = canonicalName("generateContent");
const EMBEDDINGS = canonicalName("embeddings");

const METHODS: Readonly<Record<string, Around>> = {
  generateContentInternal: (self, args, work) =>
    followReply(() => describe(GENERATE, self, args), work, readWholeReply),
  generateContentStreamInternal: (self, args, work) =>
    followStreamedReply(() => describe(GENERATE, self, args), work, {
      reader: createGoogleReader(),
      signal: signalOf(args),
      observe: (stream, observer) => (isStream(stream) ? observeStream(stream, observer) : undefined),
    }),
  embedContentInternal: (self, args, work) => followReply(() => describe(EMBEDDINGS, self, args), work, readEmbedReply),
  // Every call goes through here with the tools of the application, and leaves with what they declare.
  processParamsMaybeAddMcpUsage: async (_, [asked], work) => {
    const prepared = await work();
    guarded(() => followCallableTools(asked, prepared));
    return prepared;
  },
};

export const patchGoogle: PatchFile = (_, bindings) => {
  const models = prototypeOf(bindings["Models"]);
  const missing = Object.entries(METHODS).filter(([name, around]) => !wrapMethod(models, name, around));
  return { missing: missing.map(([name]) => `Models.${name}`) };
};

function describe(operation: string, self: unknown, args: readonly unknown[]): CallStart {
  const options = shapeOf(shapeOf(shapeOf(self)?.["apiClient"])?.["clientOptions"]);
  return {
    provider: options?.["vertexai"] === true ? "gcp.vertex_ai" : "gcp.gemini",
    operation,
    model: modelName(modelOf(args)),
    ...serverAt(shapeOf(options?.["httpOptions"])?.["baseUrl"]),
  };
}

/** `models/gemini-3-pro` and `publishers/google/models/gemini-3-pro` are `gemini-3-pro`. */
function modelName(model: unknown): string | undefined {
  return textOf(model)?.replace(/^(?:.*\/)?models\//, "");
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const signal = shapeOf(shapeOf(args[0])?.["config"])?.["abortSignal"];
  return signal instanceof AbortSignal ? signal : undefined;
}
