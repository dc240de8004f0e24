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

/** A list of prices. */
export interface PriceBook {
  /** The unit prices of a call, or undefined when the model has no known price. Never throws. */
  find(question: PriceQuestion): UnitPrices | undefined;
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
