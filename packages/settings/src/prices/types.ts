/** List prices of models. */
import type { TokenUsage } from "@moai-metrics/model";

/**
 * What one unit costs, in nano-dollars (1e-9 USD). Three dollars per million tokens are 3,000 per token; a price
 * may be fractional.
 */
export interface UnitPrices {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly webSearch: number;
  /** Where the prices come from and which issue of the list, such as `genai-prices 0.1.8`. */
  readonly source: string;
}

/** What decides the price of a call. */
export interface PriceQuestion {
  readonly model: string;
  readonly atMillis: number;
  /** The whole prompt: above a model's threshold every token of the call takes the long-context price. */
  readonly promptTokens: number;
  readonly speed?: "fast" | undefined;
}

/** What a model costs in one mode, for prompts of some sizes. */
export interface PriceLine {
  readonly speed: "fast" | undefined;
  /** The price of every token of a call whose prompt is longer than this; 0 for the standard price. */
  readonly abovePromptTokens: number;
  readonly prices: UnitPrices;
  /** First day (UTC) on which it holds, where its origin says one. */
  readonly from: string | undefined;
}

/** A list of prices. */
export interface PriceBook {
  /** The unit prices of a call, or undefined when the model has no known price. Never throws. */
  find(question: PriceQuestion): UnitPrices | undefined;
  /** Every price that calls of a model may take at a moment, the standard one first; none when none is known. */
  lines(question: Pick<PriceQuestion, "model" | "atMillis">): readonly PriceLine[];
}

/** Whether two unit prices are the same in every number and in their origin. */
export function isSamePrice(a: UnitPrices, b: UnitPrices): boolean {
  return (Object.keys(a) as (keyof UnitPrices)[]).every((key) => a[key] === b[key]);
}

/**
 * What a call costs at given unit prices, as a whole number of nano-dollars.
 * Reasoning is part of the output and has its price.
 */
export function costNanoUsd(prices: UnitPrices, usage: TokenUsage, webSearches = 0): number {
  return Math.round(
    prices.input * usage.input +
      prices.cacheRead * usage.cacheRead +
      prices.cacheWrite5m * usage.cacheWrite5m +
      prices.cacheWrite1h * usage.cacheWrite1h +
      prices.output * usage.output +
      prices.webSearch * webSearches,
  );
}
