/** The price book: our overrides first, then the list. */
import { quarterHourOf } from "@moai-metrics/model";
import { findListPrices } from "./list.ts";
import { cleanModelName } from "./model-name.ts";
import { type DollarPrices, OVERRIDES_SOURCE, PRICE_OVERRIDES, WEB_SEARCH_NANO_USD } from "./overrides.ts";
import type { PriceBook, PriceQuestion, UnitPrices } from "./types.ts";

const MAX_REMEMBERED = 10_000;

/**
 * Creates the price book. Answers are remembered per model, quarter hour, speed and size of prompt, because the list takes
 * about 30 µs a question.
 */
export function createPriceBook(): PriceBook {
  const remembered = new Map<string, UnitPrices | undefined>();
  return {
    find(question) {
      const key = memoryKey(question);
      if (remembered.has(key)) return remembered.get(key);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      const prices = findOverride(question) ?? findInListSafely(question);
      remembered.set(key, prices);
      return prices;
    },
  };
}

/**
 * Prices may depend on the time of day. Thresholds of long-context prices lie at round numbers of thousands of tokens, or one below: a prompt's size in
 * thousands, and whether it is exactly a round number, decides the tier.
 */
function memoryKey({ model, atMillis, promptTokens, speed }: PriceQuestion): string {
  const thousands = Math.ceil(promptTokens / 1_000);
  const edge = promptTokens % 1_000 === 0 ? "=" : "";
  return `${model}|${quarterHourOf(atMillis)}|${promptTokens < 32_000 ? "" : thousands + edge}|${speed ?? ""}`;
}

function findOverride({ model, promptTokens, speed }: PriceQuestion): UnitPrices | undefined {
  const name = cleanModelName(model);
  const override = PRICE_OVERRIDES.find((entry) => entry.model === name && entry.speed === speed);
  if (override === undefined) return undefined;
  const isLong = override.above !== undefined && promptTokens > override.above.promptTokens;
  return fromDollars(isLong && override.above !== undefined ? override.above.prices : override.prices);
}

/** The list throws on input it cannot make sense of; a model without a price is an expected outcome. */
function findInListSafely(question: PriceQuestion): UnitPrices | undefined {
  // The list has no fast mode and knows no free variants: its standard price would be wrong.
  if (question.speed === "fast" || question.model.endsWith(":free")) return undefined;
  try {
    return findListPrices(question);
  } catch {
    return undefined;
  }
}

function fromDollars(prices: DollarPrices): UnitPrices {
  return {
    input: prices.input * 1_000,
    output: prices.output * 1_000,
    cacheRead: prices.cacheRead * 1_000,
    cacheWrite5m: prices.cacheWrite5m * 1_000,
    cacheWrite1h: prices.cacheWrite1h * 1_000,
    webSearch: WEB_SEARCH_NANO_USD,
    source: OVERRIDES_SOURCE,
  };
}
