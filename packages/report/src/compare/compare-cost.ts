/** Asks the ledger for two periods and explains the difference of their cost. */
import type { TimeRange } from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { LedgerFilter, LedgerReader } from "@moai-metrics/store";
import { costOf } from "../fields.ts";
import { type CostCauses, explainCost, type ModelCost } from "./cost-causes.ts";

/** Prompts of this size take the ordinary price everywhere. */
const USUAL_PROMPT_TOKENS = 1_000;

/** Why the cost of `range` differs from that of `before`: of the models that have a known price. */
export function compareCost(
  ledger: Pick<LedgerReader, "usage">,
  filter: Omit<LedgerFilter, "range" | "sessionIds">,
  before: TimeRange,
  range: TimeRange,
  priceBook: PriceBook,
): CostCauses {
  const costs = (asked: TimeRange): ModelCost[] =>
    ledger
      .usage({ ...filter, range: { startMillis: asked.startMillis, endMillis: asked.endMillis }, by: ["model"] })
      // What has no known price is no call that cost nothing: it would look like more calls of a free model.
      .filter((group) => group.calls > 0 && costOf(group) !== null)
      .map(({ model = "", calls, tokens, costNanoUsd }) => ({ model, calls, tokens, costNanoUsd }));
  const atMillis = before.endMillis - 1;
  return explainCost(costs(before), costs(range), (model) =>
    priceBook.find({ model, atMillis, promptTokens: USUAL_PROMPT_TOKENS }),
  );
}
