/** Finds the usage in whatever a model call or an agent returned. */
import { readAnthropicReply } from "./anthropic.ts";
import { readGoogleReply } from "./google.ts";
import { readOpenAiReply } from "./openai.ts";
import { type ReplyUsage, type Shape, shapeOf } from "./shape.ts";
import { readVercelResult } from "./vercel.ts";

/** Fields that a vendor's usage has and a `UsageRecord` has not. */
const VENDORS_COUNTS = [
  "input_tokens",
  "output_tokens",
  "prompt_tokens",
  "completion_tokens",
  "promptTokenCount",
  "candidatesTokenCount",
  "promptTokens",
  "completionTokens",
  "cachedInputTokens",
  "inputTokenDetails",
];

/**
 * The usage in a returned value: replies of OpenAI (chat completions, responses), Anthropic (messages), Google GenAI
 * and the Vercel AI SDK, or an object that carries such a reply as `response`, `message` or `rawResponse`.
 *
 * @returns one entry per model call; empty where no known shape is found: unknown, never zero. Never throws.
 */
export function readReply(value: unknown): readonly ReplyUsage[] {
  try {
    const reply = shapeOf(value);
    if (reply === undefined) return [];
    const own = readShape(reply);
    if (own.length > 0) return own;
    for (const key of ["response", "message", "rawResponse"]) {
      const inner = shapeOf(reply[key]);
      const found = inner === undefined ? [] : readShape(inner);
      if (found.length > 0) return found;
    }
    return [];
  } catch {
    return [];
  }
}

/** Reads an object that is a reply's usage itself. Never throws. */
export function readBareUsage(usage: object): ReplyUsage | undefined {
  try {
    return VENDORS_COUNTS.some((key) => key in usage) ? readShape({ usage, usageMetadata: usage })[0] : undefined;
  } catch {
    return undefined;
  }
}

function readShape(reply: Shape): readonly ReplyUsage[] {
  const single = readGoogleReply(reply) ?? readOpenAiReply(reply) ?? readAnthropicReply(reply);
  return single === undefined ? readVercelResult(reply) : [single];
}
