/** Who told how many tokens a task used. */
import { totalTokens } from "@moai-metrics/model";
import type { TaskRow } from "@moai-metrics/store";

export type TokensOrigin = "calls" | "reported by hook";

/** `null` where no one told. */
export function tokensOriginOf({ tokens, calls }: Pick<TaskRow, "tokens" | "calls">): TokensOrigin | null {
  if (tokens.undivided !== undefined) return "reported by hook";
  return calls > 0 && totalTokens(tokens) > 0 ? "calls" : null;
}
