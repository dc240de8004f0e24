/** Replies of the Google GenAI SDK. */
import { TOKEN_CONVENTIONS } from "@moai-metrics/model";
import { numberOf, type ReplyUsage, type Shape, shapeOf, textOf, tokensOf } from "./shape.ts";

/** Reads a `GenerateContentResponse` or one of its chunks. */
export function readGoogleReply(reply: Shape): ReplyUsage | undefined {
  const usage = shapeOf(reply["usageMetadata"]);
  if (usage === undefined) return undefined;
  const prompt = numberOf(usage["promptTokenCount"]);
  const toolUse = numberOf(usage["toolUsePromptTokenCount"]);
  const tokens = tokensOf(
    {
      input: prompt === undefined ? toolUse : prompt + (toolUse ?? 0),
      output: numberOf(usage["candidatesTokenCount"]),
      cacheRead: numberOf(usage["cachedContentTokenCount"]),
      reasoning: numberOf(usage["thoughtsTokenCount"]),
    },
    TOKEN_CONVENTIONS.google,
  );
  if (tokens === undefined) return undefined;
  return {
    tokens,
    model: textOf(reply["modelVersion"]),
    provider: "gcp.gen_ai",
    responseId: textOf(reply["responseId"]),
    webSearches: undefined,
  };
}
