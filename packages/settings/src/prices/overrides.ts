/**
 * Prices that the list we build on lacks or has wrong, in dollars per million tokens, as the vendor's own client
 * (Claude Code 2.1.330 of 2026-11-20) computes them.
 */

import { knownCleanName } from "./model-name.ts";
import type { PriceQuestion, UnitPrices } from "./types.ts";

/** Dollars per million tokens. */
interface DollarPrices {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
}

/** One model's prices; `above` replaces them for calls whose prompt is longer than `promptTokens`. */
interface PriceOverride {
  readonly model: string;
  readonly speed?: "fast";
  readonly prices: DollarPrices;
  readonly above?: { readonly promptTokens: number; readonly prices: DollarPrices };
}

/** What {@link UnitPrices.source} says of these prices. */
export const OVERRIDES_SOURCE = "moai-metrics overrides 2026-11-20";

/** Anthropic bills each web search, one cent apiece. */
const WEB_SEARCH_NANO_USD = 0.01 * 1e9;

const PRICE_OVERRIDES: readonly PriceOverride[] = [
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

interface ReadyOverride {
  readonly base: UnitPrices;
  readonly above?: { readonly promptTokens: number; readonly prices: UnitPrices };
}

/** By model, then by speed: a text of both would have to be made, and hashed, for every call. */
const READY: ReadonlyMap<string, ReadonlyMap<"fast" | undefined, ReadyOverride>> = new Map(
  [...Map.groupBy(PRICE_OVERRIDES, ({ model }) => model)].map(([model, overrides]) => [
    model,
    new Map(overrides.map((override) => [override.speed, readyOf(override)])),
  ]),
);

function readyOf({ prices, above }: PriceOverride): ReadyOverride {
  return {
    base: fromDollars(prices),
    ...(above === undefined ? {} : { above: { promptTokens: above.promptTokens, prices: fromDollars(above.prices) } }),
  };
}

/** The overriding prices of a call, if there are any. */
export function findOverride({ model, promptTokens, speed }: PriceQuestion): UnitPrices | undefined {
  const override = READY.get(knownCleanName(model))?.get(speed);
  if (override?.above !== undefined && promptTokens > override.above.promptTokens) return override.above.prices;
  return override?.base;
}

/** The sizes of prompts above which the overriding price of a model changes; undefined when there is none. */
export function overrideThresholds({ model, speed }: Omit<PriceQuestion, "promptTokens">): number[] | undefined {
  const override = READY.get(knownCleanName(model))?.get(speed);
  return override && (override.above === undefined ? [] : [override.above.promptTokens]);
}

function fromDollars(prices: DollarPrices): UnitPrices {
  return Object.freeze({
    input: prices.input * 1_000,
    output: prices.output * 1_000,
    cacheRead: prices.cacheRead * 1_000,
    cacheWrite5m: prices.cacheWrite5m * 1_000,
    cacheWrite1h: prices.cacheWrite1h * 1_000,
    webSearch: WEB_SEARCH_NANO_USD,
    source: OVERRIDES_SOURCE,
  });
}
