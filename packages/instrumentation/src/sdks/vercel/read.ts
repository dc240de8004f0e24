/** Reads what models of the Vercel AI SDK answer. */

import { normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { CallReply } from "../../open-call.ts";
import { numberOf, type Shape, shapeOf, textOf } from "../../usage/shape.ts";
import { readVercelUsage } from "../../usage/vercel.ts";
import type { StreamReader } from "../follow-reply.ts";

/** The result of `doGenerate`. */
export function readGenerateReply(result: unknown): CallReply {
  const reply = shapeOf(result);
  return { ...namesOf(shapeOf(reply?.["response"])), tokens: readVercelUsage(shapeOf(reply?.["usage"])) };
}

/** The result of `doEmbed`, which tells one figure. */
export function readEmbedReply(result: unknown): CallReply {
  const input = numberOf(shapeOf(shapeOf(result)?.["usage"])?.["tokens"]);
  return { tokens: input === undefined ? undefined : normalizeTokens({ input }, TOKEN_CONVENTIONS.semconv) };
}

/** What a provider says before it has anything from the model. */
const PREFACES: ReadonlySet<string> = new Set(["stream-start", "response-metadata", "raw"]);

/** Creates the reader of one stream: a part with the names of the response, one with the usage at the end. */
export function createVercelReader(): StreamReader {
  let reply: CallReply;
  let error: unknown;
  return {
    accept: (value) => {
      const part = shapeOf(value);
      if (part?.["type"] === "response-metadata") reply = { ...reply, ...namesOf(part) };
      else if (part?.["type"] === "finish") reply = { ...reply, tokens: readVercelUsage(shapeOf(part["usage"])) };
      else if (part?.["type"] === "error") error = part["error"] ?? "error";
    },
    read: () => reply,
    error: () => error,
    isContent: (part) => {
      const type = textOf(shapeOf(part)?.["type"]);
      return type !== undefined && !PREFACES.has(type);
    },
  };
}

function namesOf(response: Shape | undefined): { model?: string | undefined; responseId?: string | undefined } {
  return { model: textOf(response?.["modelId"]), responseId: textOf(response?.["id"]) };
}
