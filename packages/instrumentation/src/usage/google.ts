/** Replies of the Google GenAI SDK. */
import { normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import { numberOf, type ReplyUsage, type Shape, shapeOf, textOf } from "./shape.ts";

/** Reads a `GenerateContentResponse` or one of its chunks. */
export function readGoogleReply(reply: Shape): ReplyUsage | undefined {
  const usage = shapeOf(reply["usageMetadata"]);
  if (usage === undefined) return undefined;
  const tokens = normalizeTokens(
    {
      input: (numberOf(usage["promptTokenCount"]) ?? 0) + (numberOf(usage["toolUsePromptTokenCount"]) ?? 0),
      output: numberOf(usage["candidatesTokenCount"]),
      cacheRead: numberOf(usage["cachedContentTokenCount"]),
      reasoning: numberOf(usage["thoughtsTokenCount"]),
    },
    TOKEN_CONVENTIONS.google,
  );
  return {
    tokens,
    model: textOf(reply["modelVersion"]),
    provider: "gcp.gen_ai",
    responseId: textOf(reply["responseId"]),
    webSearches: undefined,
  };
}
