/**
 * Why a cost changed: the causes add up to the difference, to the nano-dollar. Pure.
 *
 * The way from the earlier cost to the later one is walked in steps, each of which changes one thing and leaves the
 * rest as it was: how many calls, which models made them, how many tokens a call had, how much of the prompt came from
 * the cache, and at last the prices. A step's cause is what the cost changed by in it.
 */
import { cacheWriteTokens, promptTokens, type TokenUsage, totalTokens } from "@moai-metrics/model";
import type { UnitPrices } from "@moai-metrics/settings";

/** What one model did in a period. */
export interface ModelCost {
  readonly model: string;
  readonly calls: number;
  readonly tokens: TokenUsage;
  readonly costNanoUsd: number;
}

/** Causes in nano-dollars; they add up to `difference`. */
export interface CostCauses {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** More or fewer calls. */
  readonly volume: number;
  /** Other models, or other shares of them. */
  readonly modelMix: number;
  /** More or fewer tokens in a call. */
  readonly tokensPerCall: number;
  /** More or less of the prompt read from and written to the cache. */
  readonly cacheHits: number;
  /** Everything else: list prices, long prompts, fast mode, fees. */
  readonly price: number;
}

/** Less than this is rounding, not a price. */
const ROUNDING_NANO_USD = 5;

/**
 * Explains a difference, exactly while no step on the way is beyond nine million dollars (2^53 nano-dollars).
 *
 * @param pricesOf list prices of a model in the earlier period; where they are not known, every token of a model
 * counts the same and cache hits explain nothing.
 */
export function explainCost(
  before: readonly ModelCost[],
  after: readonly ModelCost[],
  pricesOf: (model: string) => UnitPrices | undefined,
): CostCauses {
  const earlier = new Map(before.map((each) => [each.model, each]));
  const costBefore = sum(before.map(({ costNanoUsd }) => costNanoUsd));
  const costAfter = sum(after.map(({ costNanoUsd }) => costNanoUsd));
  const callsBefore = sum(before.map(({ calls }) => calls));
  const callsAfter = sum(after.map(({ calls }) => calls));
  // Without earlier calls there is no cost of a call to scale by: all of the cost is new volume.
  const afterVolume = callsBefore === 0 ? costAfter : (costBefore * callsAfter) / callsBefore;
  const steps = after.map((now) => stepsOf(now, earlier.get(now.model), pricesOf(now.model)));
  const afterMix = callsBefore === 0 ? costAfter : sum(steps.map(({ mixed }) => mixed));
  const afterTokens = callsBefore === 0 ? costAfter : sum(steps.map(({ sized }) => sized));
  const afterCache = callsBefore === 0 ? costAfter : sum(steps.map(({ cached }) => cached));

  const volume = wholeNano(afterVolume - costBefore);
  const modelMix = wholeNano(afterMix - afterVolume);
  const tokensPerCall = wholeNano(afterTokens - afterMix);
  const cacheHits = wholeNano(afterCache - afterTokens);
  const difference = costAfter - costBefore;
  const rest = difference - volume - modelMix - tokensPerCall - cacheHits;
  const isRounding = Math.abs(rest) <= ROUNDING_NANO_USD;
  const causes = { volume, modelMix, tokensPerCall, cacheHits, price: isRounding ? 0 : rest };
  return { before: costBefore, after: costAfter, difference, ...(isRounding ? withRest(causes, rest) : causes) };
}

/** What a model's calls of the later period would cost, step by step. */
interface Steps {
  /** With the earlier cost of a call. */
  readonly mixed: number;
  /** With their own tokens, split as earlier. */
  readonly sized: number;
  /** With their own split, at earlier prices. */
  readonly cached: number;
}

function stepsOf(now: ModelCost, then: ModelCost | undefined, prices: UnitPrices | undefined): Steps {
  const { costNanoUsd } = now;
  // A model that is new has no earlier call to compare with: what it costs is the mix.
  if (then === undefined || then.calls === 0 || then.costNanoUsd === 0) {
    return { mixed: costNanoUsd, sized: costNanoUsd, cached: costNanoUsd };
  }
  const mixed = (then.costNanoUsd / then.calls) * now.calls;
  const listed = prices === undefined ? 0 : listCost(prices, then.tokens);
  if (prices === undefined || listed === 0) {
    const tokensThen = totalTokens(then.tokens);
    const sized = tokensThen === 0 ? mixed : (then.costNanoUsd / tokensThen) * totalTokens(now.tokens);
    return { mixed, sized, cached: sized };
  }
  // What was paid may differ from the list, by long prompts or fees: the list only says how the parts weigh.
  const paidShare = then.costNanoUsd / listed;
  const promptThen = promptTokens(then.tokens);
  const promptNow = promptTokens(now.tokens);
  const promptCost =
    promptThen === 0
      ? promptListCost(prices, now.tokens)
      : (promptListCost(prices, then.tokens) * promptNow) / promptThen;
  const sized = paidShare * (promptCost + prices.output * now.tokens.output);
  return { mixed, sized, cached: paidShare * listCost(prices, now.tokens) };
}

function listCost(prices: UnitPrices, tokens: TokenUsage): number {
  return promptListCost(prices, tokens) + prices.output * tokens.output;
}

function promptListCost(prices: UnitPrices, tokens: TokenUsage): number {
  return (
    prices.input * tokens.input +
    prices.cacheRead * tokens.cacheRead +
    prices.cacheWrite5m * (cacheWriteTokens(tokens) - tokens.cacheWrite1h) +
    prices.cacheWrite1h * tokens.cacheWrite1h
  );
}

type Causes = Omit<CostCauses, "before" | "after" | "difference">;

/** Gives a rest of rounding to the greatest cause, where no one sees it. */
function withRest(causes: Causes, rest: number): Causes {
  if (rest === 0) return causes;
  const names = Object.keys(causes) as (keyof Causes)[];
  const greatest = names.reduce((a, b) => (Math.abs(causes[b]) > Math.abs(causes[a]) ? b : a));
  return { ...causes, [greatest]: causes[greatest] + rest };
}

/** Without a negative zero, which documents would show. */
function wholeNano(value: number): number {
  return Math.round(value) + 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
