/** The name of a call of Gemini CLI, which its chat and its log have in common. */
import type { UsageKeys } from "../usage-keys.ts";
import type { GeminiTokens } from "./record.ts";

/**
 * Names a call by its owner, model and counts.
 *
 * @param owner the session, or the subagent that made the call.
 */
export function geminiUsageKey(
  keys: UsageKeys,
  sighting: string,
  owner: string,
  model: string | undefined,
  { input, cacheRead, output, reasoning }: GeminiTokens,
): string {
  return keys.keyOf(sighting, { sessionId: owner, model, counts: [input, cacheRead, output, reasoning] });
}
