/** The price book: our overrides first, then the list. */
import { DAY_MILLIS } from "@moai-metrics/model";
import { findListedModel, type ListedModel } from "./list.ts";
import { findOverride } from "./overrides.ts";
import type { PriceBook } from "./types.ts";

const MAX_REMEMBERED = 10_000;

/** Creates the price book. The list takes about 30 µs a question, so its answers are remembered per model and day. */
export function createPriceBook(): PriceBook {
  const remembered = new Map<string, Map<number, ListedModel | undefined>>();
  let count = 0;

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

  return {
    find(question) {
      const override = findOverride(question);
      if (override !== undefined) return override;
      // The list has no fast mode and knows no free variants: its standard price would be wrong.
      if (question.speed === "fast" || question.model.endsWith(":free")) return undefined;
      return findListed(question.model, question.atMillis)?.unitPrices(question.promptTokens);
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
