/**
 * Prices that the list we build on lacks or has wrong, in dollars per million tokens, as the vendor's own client
 * (Claude Code 2.1.330 of 2026-11-20) computes them.
 */

/** Dollars per million tokens. */
export interface DollarPrices {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
}

/** One model's prices; `above` replaces them for calls whose prompt is longer than `promptTokens`. */
export interface PriceOverride {
  readonly model: string;
  readonly speed?: "fast";
  readonly prices: DollarPrices;
  readonly above?: { readonly promptTokens: number; readonly prices: DollarPrices };
}

export const OVERRIDES_SOURCE = "moai-metrics overrides 2026-11-20";

const WEB_SEARCH_DOLLARS = 0.01;
/** Anthropic bills each web search, in nano-dollars. */
export const WEB_SEARCH_NANO_USD: number = WEB_SEARCH_DOLLARS * 1e9;

export const PRICE_OVERRIDES: readonly PriceOverride[] = [
  {
    model: "claude-haiku-5-5",
    prices: { input: 0.1, output: 0.5, cacheWrite5m: 0.125, cacheWrite1h: 0.2, cacheRead: 0.01 },
    above: {
      promptTokens: 100_000,
      prices: { input: 0.5, output: 2.5, cacheWrite5m: 0.625, cacheWrite1h: 1, cacheRead: 0.05 },
    },
  },
  {
    model: "claude-sonnet-5-5",
    prices: { input: 2, output: 10, cacheWrite5m: 2.5, cacheWrite1h: 4, cacheRead: 0.1 },
  },
  {
    model: "claude-opus-5-5",
    prices: { input: 4, output: 20, cacheWrite5m: 5, cacheWrite1h: 8, cacheRead: 0.2 },
  },
  {
    model: "claude-opus-5-5",
    speed: "fast",
    prices: { input: 8, output: 40, cacheWrite5m: 10, cacheWrite1h: 16, cacheRead: 0.4 },
  },
  {
    model: "claude-mythos-5",
    prices: { input: 10, output: 50, cacheWrite5m: 12.5, cacheWrite1h: 20, cacheRead: 1 },
  },
  {
    model: "claude-fable-5-2",
    prices: { input: 8, output: 40, cacheWrite5m: 10, cacheWrite1h: 16, cacheRead: 0.2 },
  },
];
