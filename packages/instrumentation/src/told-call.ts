/** Records model calls that another program made, and told of. */
import type { ModelCallFact } from "@moai-metrics/model";
import { noteInBudgets, type RunningBudget } from "./budget.ts";
import { CHAT } from "./operations.ts";
import { recordCallMetrics } from "./record-usage.ts";
import { emitFact, registry } from "./registry.ts";
import { noteTokens } from "./token-warning.ts";

/** What the fact of a call does not hold. */
export interface ToldCall {
  /** OpenTelemetry's `gen_ai.provider.name`. */
  readonly provider: string;
  readonly agentName: string | undefined;
  /** The budget that the program works within. */
  readonly budget: RunningBudget | undefined;
}

/** Records the fact and the metrics of a call. No span: whoever made the call knows more of it. */
export function recordToldCall(fact: ModelCallFact, { provider, agentName, budget }: ToldCall): void {
  const { product, sessionId, model, usage: tokens, durationMillis, firstChunkMillis, errorType } = fact;
  emitFact(fact);
  if (tokens !== undefined) noteTokens({ product, sessionId }, undefined, tokens);
  const call = { tokens, model, provider, durationMillis, firstChunkMillis, errorType };
  const nanoUsd = fact.reportedCostNanoUsd;
  const usd = nanoUsd === undefined ? undefined : nanoUsd / 1e9;
  const common = { operationName: CHAT, provider, requestModel: model, agentName };
  registry.gathering?.settle();
  recordCallMetrics(call, common, product, usd === undefined ? undefined : { usd, origin: "reported" });
  noteInBudgets(budget, tokens, usd);
}
