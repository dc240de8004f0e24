/** Reads the replies of Google's models, whole or in pieces. */
import { normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { CallReply } from "../../open-call.ts";
import { readGoogleReply } from "../../usage/google.ts";
import { numberOf, type Shape, shapeOf, textOf } from "../../usage/shape.ts";
import type { StreamReader } from "../follow-reply.ts";

/** A whole `GenerateContentResponse`. */
export function readWholeReply(reply: unknown): CallReply {
  const reader = createGoogleReader();
  reader.accept(reply);
  return reader.read();
}

/** Creates the reader of one reply. Each chunk tells the usage until then, and may leave out what stays as it is. */
export function createGoogleReader(): StreamReader {
  let seen: Shape | undefined;
  return {
    accept: (piece) => {
      const chunk = shapeOf(piece);
      if (chunk === undefined) return;
      const usage = { ...shapeOf(seen?.["usageMetadata"]), ...told(shapeOf(chunk["usageMetadata"])) };
      seen = { ...seen, ...told(namesIn(chunk)), usageMetadata: usage };
    },
    read: () => (seen === undefined ? undefined : (readGoogleReply(seen) ?? repliedNames(seen))),
  };
}

/** An `EmbedContentResponse`: one figure for all, or one for each text. */
export function readEmbedReply(reply: unknown): CallReply {
  const response = shapeOf(reply);
  const input = numberOf(shapeOf(response?.["usageMetadata"])?.["promptTokenCount"]) ?? sumOf(response?.["embeddings"]);
  return input === undefined ? undefined : { tokens: normalizeTokens({ input }, TOKEN_CONVENTIONS.google) };
}

function sumOf(embeddings: unknown): number | undefined {
  if (!Array.isArray(embeddings)) return undefined;
  let sum: number | undefined;
  for (const each of embeddings) {
    const count = numberOf(shapeOf(shapeOf(each)?.["statistics"])?.["tokenCount"]);
    if (count === undefined) return undefined;
    sum = (sum ?? 0) + count;
  }
  return sum;
}

function namesIn({ modelVersion, responseId }: Shape): Shape {
  return { modelVersion, responseId };
}

function repliedNames({ modelVersion, responseId }: Shape): CallReply {
  return { model: textOf(modelVersion), responseId: textOf(responseId) };
}

function told(fields: Shape | undefined): Shape {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value != null));
}
