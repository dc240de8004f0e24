/** `cost_change`: why a period cost more or less than the one before. */
import type { CostCauses } from "../compare/cost-causes.ts";

/** US dollars; the five causes add up to `difference`. */
export interface CostChange {
  /** The period that it is compared with, as that one's report is called. */
  readonly against: string;
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** More or fewer calls. */
  readonly volume: number;
  /** Other models, or other shares of them. */
  readonly model_mix: number;
  readonly tokens_per_call: number;
  readonly cache_hits: number;
  /** Everything else: list prices, long prompts, fast mode, fees. */
  readonly price: number;
}

/** The causes as the documents spell them. */
export function costChange(against: string, causes: CostCauses): CostChange {
  return {
    against,
    before: causes.before / 1e9,
    after: causes.after / 1e9,
    difference: causes.difference / 1e9,
    volume: causes.volume / 1e9,
    model_mix: causes.modelMix / 1e9,
    tokens_per_call: causes.tokensPerCall / 1e9,
    cache_hits: causes.cacheHits / 1e9,
    price: causes.price / 1e9,
  };
}
