/** What OpenAI's chat completions answer, for the SDKs that speak its format. */
import type { Answer } from "./provider.ts";

/** The model that answers. */
export const MODEL = "gpt-5-2026-01-01";

let ids = 0;

/** An id that no other answer of the test has. */
export function nextId(): string {
  ids += 1;
  return `id-${ids}`;
}

/** Tokens as chat completions tell them. */
export const usage = (prompt: number, completion: number, cached = 0, reasoning = 0) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: reasoning },
});

/** A whole completion with one choice. */
export const chat = (told: unknown, message: object = { content: "hello" }, finish_reason = "stop"): Answer => ({
  json: {
    id: nextId(),
    object: "chat.completion",
    created: 1,
    model: MODEL,
    choices: [{ index: 0, finish_reason, message: { role: "assistant", ...message } }],
    usage: told,
  },
});
