/** `token_usage`: the tokens of one session. */
import { promptTokens, totalTokens } from "@moai-metrics/model";
import type { Store } from "@moai-metrics/store";
import { nameOrUnknown, usageFields } from "../fields.ts";
import { costKeys } from "./cost-keys.ts";
import type { TokenUsageDocument } from "./types.ts";

/** The document of a session by its whole id; undefined when the ledger has no such session. */
export function tokenUsageDocument(store: Pick<Store, "query">, sessionId: string): TokenUsageDocument | undefined {
  const [session] = store.query.getSessions({ sessionIds: [sessionId], limit: 1 }).rows;
  if (session === undefined) return undefined;
  const fields = usageFields(session);
  const tasks = store.query.getTasks({ sessionIds: [sessionId] }).rows.toReversed();
  const byTask = tasks.map(({ taskId, tokens }): [string, number] => [taskId, totalTokens(tokens)]);
  const inTasks = byTask.reduce((sum, [, tokens]) => sum + tokens, 0);
  return {
    token_usage: {
      session_id: sessionId,
      total_tokens: fields.totalTokens,
      by_category: {
        prompt: promptTokens(session.tokens),
        completion: fields.outputTokens,
        ...(fields.undividedTokens === 0 ? {} : { undivided: fields.undividedTokens }),
      },
      by_task: Object.fromEntries(byTask),
      product: session.product,
      project: nameOrUnknown(session.project),
      without_task: fields.totalTokens - inTasks,
      ...costKeys(fields),
    },
  };
}
