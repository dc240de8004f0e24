/** The price book: the user's prices first, then our overrides, then the list. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { PriceConfig } from "../config/types.ts";
import { findListedModel, type ListedModel } from "./list.ts";
import { findOverride } from "./overrides.ts";
import type { PriceBook, PriceQuestion, UnitPrices } from "./types.ts";
import { createUserPrices } from "./user-prices.ts";

const MAX_REMEMBERED = 10_000;

/**
 * Creates the price book. The list takes about 30 µs a question, so its answers are remembered per model and day.
 *
 * @param own prices of the user, which outrank all others.
 */
export function createPriceBook(own: readonly PriceConfig[] = []): PriceBook {
  const findOwn = createUserPrices(own);
  const remembered = new Map<string, Map<number, ListedModel | undefined>>();
  let count = 0;
  const completed = new Map<UnitPrices, UnitPrices>();

  const findListed = (model: string, atMillis: number): ListedModel | undefined => {
    const day = Math.floor(atMillis / DAY_MILLIS);
    const known = remembered.get(model);
    if (known?.has(day)) return known.get(day);
    const listed = findInListSafely(model, atMillis);
    if (listed?.changesWithinDay) return listed;
    if (count >= MAX_REMEMBERED) {
      remembered.clear();
      count = 0;
    }
    remembered.set(model, (remembered.get(model) ?? new Map()).set(day, listed));
    count += 1;
    return listed;
  };

  const findElsewhere = (question: PriceQuestion): UnitPrices | undefined => {
    const override = findOverride(question);
    if (override !== undefined) return override;
    // The list has no fast mode and knows no free variants: its standard price would be wrong.
    if (question.speed === "fast" || question.model.endsWith(":free")) return undefined;
    return findListed(question.model, question.atMillis)?.unitPrices(question.promptTokens);
  };

  /** The user names prices of tokens; a web search costs what it costs everyone. */
  const withSearches = (own: UnitPrices, question: PriceQuestion): UnitPrices => {
    const webSearch = findElsewhere(question)?.webSearch ?? 0;
    if (webSearch === 0) return own;
    const known = completed.get(own);
    if (known?.webSearch === webSearch) return known;
    const complete = Object.freeze({ ...own, webSearch });
    completed.set(own, complete);
    return complete;
  };

  return {
    find(question) {
      const own = findOwn(question);
      return own === undefined ? findElsewhere(question) : withSearches(own, question);
    },
  };
}

/** The list throws on input it cannot make sense of; a model without a price is an expected outcome. */
function findInListSafely(model: string, atMillis: number): ListedModel | undefined {
  try {
    return findListedModel(model, atMillis);
  } catch {
    return undefined;
  }
}
