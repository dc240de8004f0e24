/** Replies of the Anthropic messages API. */
import { TOKEN_CONVENTIONS } from "@moai-metrics/model";
import { numberOf, type ReplyUsage, type Shape, shapeOf, textOf, tokensOf } from "./shape.ts";

/** Reads a message. */
export function readAnthropicReply(reply: Shape): ReplyUsage | undefined {
  const usage = shapeOf(reply["usage"]);
  if (usage === undefined) return undefined;
  const writes = shapeOf(usage["cache_creation"]);
  const tokens = tokensOf(
    {
      input: numberOf(usage["input_tokens"]),
      output: numberOf(usage["output_tokens"]),
      cacheRead: numberOf(usage["cache_read_input_tokens"]),
      cacheWrite: numberOf(usage["cache_creation_input_tokens"]),
      cacheWrite5m: numberOf(writes?.["ephemeral_5m_input_tokens"]),
      cacheWrite1h: numberOf(writes?.["ephemeral_1h_input_tokens"]),
    },
    TOKEN_CONVENTIONS.anthropic,
  );
  if (tokens === undefined) return undefined;
  return {
    tokens,
    model: textOf(reply["model"]),
    provider: "anthropic",
    responseId: textOf(reply["id"]),
    webSearches: numberOf(shapeOf(usage["server_tool_use"])?.["web_search_requests"]),
  };
}
