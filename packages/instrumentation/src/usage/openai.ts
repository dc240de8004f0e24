/** Replies of the OpenAI API: chat completions and responses. */
import { normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import { numberOf, type ReplyUsage, type Shape, shapeOf, textOf } from "./shape.ts";

/** Reads a chat completion, its last chunk, or a response object. */
export function readOpenAiReply(reply: Shape): ReplyUsage | undefined {
  const usage = shapeOf(reply["usage"]);
  if (usage === undefined) return undefined;
  const isResponse = reply["object"] === "response" || "input_tokens_details" in usage;
  const isCompletion = "prompt_tokens" in usage || "completion_tokens" in usage;
  if (!isResponse && !isCompletion) return undefined;
  const input = isResponse ? "input_tokens" : "prompt_tokens";
  const output = isResponse ? "output_tokens" : "completion_tokens";
  const tokens = normalizeTokens(
    {
      input: numberOf(usage[input]),
      output: numberOf(usage[output]),
      cacheRead: numberOf(shapeOf(usage[`${input}_details`])?.["cached_tokens"]),
      reasoning: numberOf(shapeOf(usage[`${output}_details`])?.["reasoning_tokens"]),
    },
    TOKEN_CONVENTIONS.openai,
  );
  return {
    tokens,
    model: textOf(reply["model"]),
    provider: "openai",
    responseId: textOf(reply["id"]),
    webSearches: undefined,
  };
}
