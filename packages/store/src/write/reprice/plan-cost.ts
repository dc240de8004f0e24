/** Which cost a stored call should have. Pure. */
import { DAY_MILLIS, promptTokens, type TokenUsage } from "@moai-metrics/model";
import { costNanoUsd, isSamePrice, type PriceBook, type UnitPrices } from "@moai-metrics/settings";
import type { RepriceOptions, RepriceResult } from "./types.ts";

/** What decides the cost of a stored call. */
export interface PricedCall {
  readonly model: string | undefined;
  readonly endedAtMillis: number;
  readonly tokens: TokenUsage | undefined;
  readonly webSearches: number;
  readonly isFast: boolean;
  readonly isReported: boolean;
  readonly costNanoUsd: number | undefined;
  /** Where the cost was computed from. */
  readonly prices: UnitPrices | undefined;
}

/** The cost that a call should have, or why it keeps the one it has. */
type CostPlan =
  | { readonly result: "changed"; readonly costNanoUsd: number; readonly prices: UnitPrices }
  | { readonly result: Exclude<RepriceResult, "changed"> };

/** Decides call by call; the same answer for the same call, so that a second time changes nothing. */
export type CostPlanner = (call: PricedCall, watermarkMillis: number) => CostPlan;

export function createCostPlanner(
  book: PriceBook,
  { calls, asOfDay }: Pick<RepriceOptions, "calls" | "asOfDay">,
): CostPlanner {
  const find = asOfDay === undefined ? book.find : findAsOf(book, asOfDay);
  return (call, watermarkMillis) => {
    const { model, tokens, endedAtMillis, prices: before } = call;
    if (call.isReported) return { result: "reported" };
    if (tokens === undefined || model === undefined) return { result: "withoutUsage" };
    if (calls === "unpriced" && call.costNanoUsd !== undefined) return { result: "priced" };
    if (endedAtMillis < watermarkMillis) return { result: "beforeWatermark" };
    const speed = call.isFast ? "fast" : undefined;
    const prices = find({ model, atMillis: endedAtMillis, promptTokens: promptTokens(tokens), speed });
    if (prices === undefined) return { result: "withoutPrice" };
    const cost = costNanoUsd(prices, tokens, call.webSearches);
    if (cost === call.costNanoUsd && before !== undefined && isSamePrice(before, prices)) {
      return { result: "unchanged" };
    }
    return { result: "changed", costNanoUsd: cost, prices };
  };
}

/** The prices of another day, at the call's time of day; their origin says so, which also keeps them frozen. */
function findAsOf(book: PriceBook, day: string): PriceBook["find"] {
  const dayMillis = Date.parse(`${day}T00:00:00Z`);
  const marked = new Map<UnitPrices, UnitPrices>();
  return (question) => {
    const timeOfDay = ((question.atMillis % DAY_MILLIS) + DAY_MILLIS) % DAY_MILLIS;
    const prices = book.find({ ...question, atMillis: dayMillis + timeOfDay });
    if (prices === undefined) return undefined;
    let known = marked.get(prices);
    if (known === undefined) {
      known = Object.freeze({ ...prices, source: `${prices.source}, as of ${day}` });
      marked.set(prices, known);
    }
    return known;
  };
}
