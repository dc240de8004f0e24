/** The name of a call of Codex, which its rollout and its log have in common. */
import type { UsageKeys } from "../usage-keys.ts";
import type { CodexUsage } from "./record.ts";

/** Names a call by its thread, model and the counts that both witnesses tell. */
export function codexUsageKey(
  keys: UsageKeys,
  sighting: string,
  threadId: string,
  model: string | undefined,
  { input, cacheRead, output, reasoning }: Pick<CodexUsage, "input" | "cacheRead" | "output" | "reasoning">,
): string {
  return keys.keyOf(sighting, { sessionId: threadId, model, counts: [input, cacheRead, output, reasoning] });
}
