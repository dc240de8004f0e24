/** Replies of the OpenAI API: chat completions and responses. */
import { cleanErrorType, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { ThrownOutcome } from "../outcome.ts";
import { numberOf, type ReplyUsage, type Shape, shapeOf, textOf, tokensOf } from "./shape.ts";

const RESPONSE_FIELDS = ["input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details"] as const;
const COMPLETION_FIELDS = [
  "prompt_tokens",
  "prompt_tokens_details",
  "completion_tokens",
  "completion_tokens_details",
] as const;

/** Reads a chat completion, its last chunk, or a response object. */
export function readOpenAiReply(reply: Shape): ReplyUsage | undefined {
  const usage = shapeOf(reply["usage"]) ?? {};
  const isResponse = reply["object"] === "response" || "input_tokens_details" in usage;
  const [input, inputDetails, output, outputDetails] = isResponse ? RESPONSE_FIELDS : COMPLETION_FIELDS;
  const tokens = tokensOf(
    {
      input: numberOf(usage[input]),
      output: numberOf(usage[output]),
      cacheRead: numberOf(shapeOf(usage[inputDetails])?.["cached_tokens"]),
      reasoning: numberOf(shapeOf(usage[outputDetails])?.["reasoning_tokens"]),
    },
    TOKEN_CONVENTIONS.openai,
  );
  const failure = isResponse ? responseFailure(reply) : undefined;
  if (tokens === undefined && failure === undefined) return undefined;
  return {
    tokens,
    model: textOf(reply["model"]),
    provider: "openai",
    responseId: textOf(reply["id"]),
    webSearches: undefined,
    failure,
  };
}

/** A response is returned, not thrown, also where the model failed. */
function responseFailure(response: Shape): ThrownOutcome | undefined {
  if (response["status"] === "cancelled") return { result: "cancelled", errorType: "cancelled" };
  if (response["status"] !== "failed") return undefined;
  return { result: "failure", errorType: cleanErrorType(shapeOf(response["error"])?.["code"] ?? "failed") };
}
