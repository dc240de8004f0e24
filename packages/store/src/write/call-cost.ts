/** What a call costs, and from which prices. */
import { compareTokens, type ModelCallFact, promptTokens, type TokenUsage } from "@moai-metrics/model";
import { costNanoUsd, isSamePrice, type PriceBook, type PriceQuestion, type UnitPrices } from "@moai-metrics/settings";
import type { OfferedCost } from "../adopt/types.ts";
import { isSum, type ModelCallState } from "../merge/model-call.ts";
import type { CallCost } from "./model-call-codec.ts";
import type { Prices } from "./prices.ts";

/** A call as it was stored, with its cost. */
export interface CostedCall {
  readonly state: ModelCallState;
  readonly cost: CallCost;
}

const UNKNOWN_COST: CallCost = { nanoUsd: undefined, isReported: false, priceId: 0 };

/**
 * The cost of a call. A reported one is kept. A computed one is frozen with the list it was computed from: when the
 * tokens change late, they are costed at the frozen prices, also when a newer list says otherwise.
 */
export function costOfCall(
  state: ModelCallState,
  stored: CostedCall | undefined,
  priceBook: PriceBook,
  prices: Prices,
): CallCost {
  if (isSum(state)) return UNKNOWN_COST;
  if (state.reportedCostNanoUsd !== undefined) {
    return { nanoUsd: state.reportedCostNanoUsd.value, isReported: true, priceId: 0 };
  }
  const usage = state.usage?.value;
  const model = state.model?.value;
  if (usage === undefined || model === undefined) return UNKNOWN_COST;
  if (stored !== undefined && isSameQuestion(stored.state, state)) {
    if (stored.state.usage?.value === usage) return stored.cost;
  }
  const question = {
    model,
    atMillis: state.base.value.endedAtMillis,
    promptTokens: promptTokens(usage.tokens),
    speed: usage.isFast ? ("fast" as const) : undefined,
  };
  const unit = frozenPrices(state, stored, question, priceBook, prices) ?? priceBook.find(question);
  return computedCost(unit, usage.tokens, usage.webSearches, prices);
}

/** The cost of a call that is not in the file and is told once: what {@link costOfCall} says of it. */
export function costOfReport(fact: ModelCallFact, priceBook: PriceBook, prices: Prices): CallCost {
  const { reportedCostNanoUsd, usage, model, endedAtMillis } = fact;
  if (reportedCostNanoUsd !== undefined) return { nanoUsd: reportedCostNanoUsd, isReported: true, priceId: 0 };
  if (usage === undefined || model === undefined) return UNKNOWN_COST;
  const speed = fact.speed === "fast" ? fact.speed : undefined;
  const question = { model, atMillis: endedAtMillis, promptTokens: promptTokens(usage), speed };
  return computedCost(priceBook.find(question), usage, fact.webSearches ?? 0, prices);
}

function computedCost(unit: UnitPrices | undefined, tokens: TokenUsage, searches: number, prices: Prices): CallCost {
  if (unit === undefined) return UNKNOWN_COST;
  return { nanoUsd: costNanoUsd(unit, tokens, searches), isReported: false, priceId: prices.idOf(unit) };
}

/**
 * The prices of the stored cost, when they answer the same question and the book has others by now: a newer issue of
 * the list, or a price that the user changed. Undefined where the book still says the same of the tokens as they were
 * stored: then it knows best what the new tokens cost, also beyond a long-context threshold.
 */
function frozenPrices(
  state: ModelCallState,
  stored: CostedCall | undefined,
  question: PriceQuestion,
  priceBook: PriceBook,
  prices: Prices,
): UnitPrices | undefined {
  if (stored === undefined || stored.cost.priceId === 0 || !isSameQuestion(stored.state, state)) return undefined;
  const frozen = prices.byId(stored.cost.priceId);
  const before = stored.state.usage?.value.tokens;
  if (frozen === undefined || before === undefined) return undefined;
  const today = priceBook.find({ ...question, promptTokens: promptTokens(before) });
  return today !== undefined && isSamePrice(frozen, today) ? undefined : frozen;
}

function isSameQuestion(a: ModelCallState, b: ModelCallState): boolean {
  return (
    a.model?.value === b.model?.value &&
    a.usage?.value.isFast === b.usage?.value.isFast &&
    a.base.value.endedAtMillis === b.base.value.endedAtMillis
  );
}

/**
 * The cost of a call of which other stores say what it costs there: what they froze is as good as what is frozen here,
 * and of several the greatest holds, so that it makes no difference which store took over the other. Without a frozen
 * cost here, that of the others holds, also where none is known: it was not known when the call was made.
 */
export function costAmong(
  own: CallCost,
  isFrozen: boolean,
  state: ModelCallState,
  offers: readonly OfferedCost[],
  prices: Prices,
): CallCost {
  const same = offers.filter((offer) => isSamePricing(offer.state, state));
  if (own.isReported || same.length === 0) return own;
  return same.reduce(
    (best: CallCost, { nanoUsd, prices: unit }) =>
      nanoUsd === undefined || unit === undefined || nanoUsd <= (best.nanoUsd ?? -1)
        ? best
        : { nanoUsd, isReported: false, priceId: prices.idOf(unit) },
    isFrozen ? own : UNKNOWN_COST,
  );
}

function isSamePricing(a: ModelCallState, b: ModelCallState): boolean {
  const [usage, other] = [a.usage?.value, b.usage?.value];
  if (usage === undefined || other === undefined) return usage === other;
  const isSameUsage = compareTokens(usage.tokens, other.tokens) === 0 && usage.webSearches === other.webSearches;
  return isSameUsage && isSameQuestion(a, b);
}
