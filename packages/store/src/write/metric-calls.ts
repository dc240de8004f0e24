/** What a metric told, as a call: one for each session, model and quarter hour. Pure. */
import { compareTokens, quarterHourOf, WITNESS_BITS } from "@moai-metrics/model";
import { type ModelCallState, modelCallStateOf } from "../merge/model-call.ts";
import type { MetricUsage } from "../metric-usage/types.ts";

/** How many calls there were is not known: they stand as one. */
export function metricCallOf(
  product: string,
  sessionId: string,
  { model, atMillis, tokens }: MetricUsage,
): ModelCallState {
  const { input, cacheRead, cacheWrite, output } = tokens;
  return modelCallStateOf({
    kind: "model_call",
    witness: "metric",
    product,
    sessionId,
    requestId: `metric:${quarterHourOf(atMillis)}:${model}:${sessionId}`,
    endedAtMillis: atMillis,
    model: model === "" ? undefined : model,
    usage: { input, cacheRead, cacheWrite5m: cacheWrite, cacheWrite1h: 0, output, reasoning: 0 },
  });
}

/** Whether a call is what a metric told. */
export function isByMetric({ witnesses }: ModelCallState): boolean {
  return witnesses.seenBy === WITNESS_BITS.metric;
}

/** Whether a metric still tells the same. */
export function isSameMetric(a: ModelCallState, b: ModelCallState): boolean {
  if (a.usage === undefined || b.usage === undefined) return a.usage === b.usage;
  return (
    a.base.value.endedAtMillis === b.base.value.endedAtMillis &&
    compareTokens(a.usage.value.tokens, b.usage.value.tokens) === 0
  );
}
