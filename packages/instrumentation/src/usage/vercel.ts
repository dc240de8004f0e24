/** Results of the Vercel AI SDK, versions 4 to 6. */
import { normalizeTokens, type ReportedTokens, TOKEN_CONVENTIONS, type TokenUsage } from "@moai-metrics/model";
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
  const tokens = readVercelUsage(usage);
  if (tokens === undefined) return undefined;
  const response = shapeOf(step["response"]);
  return [
    {
      tokens,
      model: textOf(response?.["modelId"]),
      provider: undefined,
      responseId: textOf(response?.["id"]),
      webSearches: undefined,
    },
  ];
}

/** The usage as the SDK or a provider below it tells it; undefined where neither input nor output is told. */
export function readVercelUsage(usage: Shape | undefined): TokenUsage | undefined {
  const reported = usage === undefined ? undefined : reportedTokens(usage);
  return reported === undefined ? undefined : normalizeTokens(reported, TOKEN_CONVENTIONS.semconv);
}

function reportedTokens(usage: Shape): ReportedTokens | undefined {
  // The providers below the SDK nest their counts.
  const inputs = shapeOf(usage["inputTokens"]);
  const outputs = shapeOf(usage["outputTokens"]);
  const inputDetails = shapeOf(usage["inputTokenDetails"]);
  const outputDetails = shapeOf(usage["outputTokenDetails"]);
  // Version 4 has names of its own, and says NaN where the provider said nothing.
  const input = numberOf(usage["inputTokens"]) ?? numberOf(inputs?.["total"]) ?? numberOf(usage["promptTokens"]);
  const output = numberOf(usage["outputTokens"]) ?? numberOf(outputs?.["total"]) ?? numberOf(usage["completionTokens"]);
  if (input === undefined && output === undefined) return undefined;
  const cacheRead =
    numberOf(inputDetails?.["cacheReadTokens"]) ??
    numberOf(inputs?.["cacheRead"]) ??
    numberOf(usage["cachedInputTokens"]);
  const cacheWrite = numberOf(inputDetails?.["cacheWriteTokens"]) ?? numberOf(inputs?.["cacheWrite"]);
  const uncached = numberOf(inputDetails?.["noCacheTokens"]) ?? numberOf(inputs?.["noCache"]);
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  // With some providers, version 5 leaves the cached tokens out of the input.
  const isCacheOutside = uncached === undefined && input !== undefined && cached > input;
  return {
    input: uncached === undefined ? (isCacheOutside ? input + cached : input) : uncached + cached,
    output,
    cacheRead,
    cacheWrite,
    reasoning:
      numberOf(outputDetails?.["reasoningTokens"]) ??
      numberOf(outputs?.["reasoning"]) ??
      numberOf(usage["reasoningTokens"]),
  };
}
