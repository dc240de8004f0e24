/** Results of the Vercel AI SDK, versions 4 to 6. */
import { normalizeTokens, type ReportedTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import { numberOf, type ReplyUsage, type Shape, shapeOf, textOf } from "./shape.ts";

/**
 * Reads a result of `generateText`, `generateObject` or an agent: one usage per step where the steps are listed,
 * else the total.
 */
export function readVercelResult(result: Shape): readonly ReplyUsage[] {
  const steps = result["steps"];
  if (Array.isArray(steps)) {
    const replies = steps.flatMap((step) => readVercelStep(shapeOf(step)) ?? []);
    if (replies.length > 0) return replies;
  }
  return readVercelStep(result) ?? [];
}

/** Reads one step, a `finish-step` part or a `finish` part of a full stream. */
export function readVercelStep(step: Shape | undefined): readonly ReplyUsage[] | undefined {
  const usage = shapeOf(step?.["totalUsage"]) ?? shapeOf(step?.["usage"]);
  if (step === undefined || usage === undefined) return undefined;
  const reported = reportedTokens(usage);
  if (reported === undefined) return undefined;
  const response = shapeOf(step["response"]);
  return [
    {
      tokens: normalizeTokens(reported, TOKEN_CONVENTIONS.semconv),
      model: textOf(response?.["modelId"]),
      provider: undefined,
      responseId: textOf(response?.["id"]),
      webSearches: undefined,
    },
  ];
}

function reportedTokens(usage: Shape): ReportedTokens | undefined {
  if (numberOf(usage["inputTokens"]) === undefined && numberOf(usage["outputTokens"]) === undefined) {
    // Version 4 says NaN where the provider said nothing.
    const input = numberOf(usage["promptTokens"]);
    const output = numberOf(usage["completionTokens"]);
    return input === undefined && output === undefined ? undefined : { input, output };
  }
  const inputDetails = shapeOf(usage["inputTokenDetails"]);
  const outputDetails = shapeOf(usage["outputTokenDetails"]);
  return {
    input: numberOf(usage["inputTokens"]),
    output: numberOf(usage["outputTokens"]),
    cacheRead: numberOf(inputDetails?.["cacheReadTokens"]) ?? numberOf(usage["cachedInputTokens"]),
    cacheWrite: numberOf(inputDetails?.["cacheWriteTokens"]),
    reasoning: numberOf(outputDetails?.["reasoningTokens"]) ?? numberOf(usage["reasoningTokens"]),
  };
}
