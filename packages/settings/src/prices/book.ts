/** The price book: the user's prices first, then our overrides, then the list. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { PriceConfig } from "../config/types.ts";
import { findListedModel, type ListedModel } from "./list.ts";
import { findOverride, overrideThresholds } from "./overrides.ts";
import type { PriceBook, PriceLine, PriceQuestion, UnitPrices } from "./types.ts";
import { createUserPrices, type OwnPrice } from "./user-prices.ts";

const MAX_REMEMBERED = 10_000;

/** A model in one mode, at a moment. */
type ModeQuestion = Omit<PriceQuestion, "promptTokens">;

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
    const ofModel = remembered.get(model);
    const known = ofModel?.get(day);
    if (known !== undefined || ofModel?.has(day)) return known;
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

  /** The list has no fast mode and knows no free variants: its standard price would be wrong. */
  const findListedFor = ({ model, speed, atMillis }: ModeQuestion): ListedModel | undefined =>
    speed === "fast" || model.endsWith(":free") ? undefined : findListed(model, atMillis);

  const findElsewhere = (question: PriceQuestion): UnitPrices | undefined =>
    findOverride(question) ?? findListedFor(question)?.unitPrices(question.promptTokens);

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

  const find = (question: PriceQuestion): UnitPrices | undefined => {
    const own = findOwn(question);
    return own === undefined ? findElsewhere(question) : withSearches(tierOf(own, question.promptTokens), question);
  };

  /** Where the prices of a model come from in one mode, and where they change. */
  const originOf = (question: ModeQuestion): Pick<ListedModel, "from" | "thresholds"> => {
    const own = findOwn(question);
    if (own !== undefined) return { from: own.from, thresholds: own.above ? [own.above.promptTokens] : [] };
    const thresholds = overrideThresholds(question);
    if (thresholds !== undefined) return { from: undefined, thresholds };
    return findListedFor(question) ?? { from: undefined, thresholds: [] };
  };

  const linesOf = (question: ModeQuestion): PriceLine[] => {
    const { from, thresholds } = originOf(question);
    const line = (abovePromptTokens: number, promptTokens: number): PriceLine[] => {
      const prices = find({ ...question, promptTokens });
      return prices === undefined ? [] : [{ speed: question.speed, abovePromptTokens, prices, from }];
    };
    return [...line(0, 0), ...thresholds.flatMap((threshold) => line(threshold, threshold + 1))];
  };

  return {
    find,
    lines: ({ model, atMillis }) =>
      ([undefined, "fast"] as const).flatMap((speed) => linesOf({ model, atMillis, speed })),
  };
}

function tierOf({ base, above }: OwnPrice, promptTokens: number): UnitPrices {
  return above !== undefined && promptTokens > above.promptTokens ? above.prices : base;
}

/** The list throws on input it cannot make sense of; a model without a price is an expected outcome. */
function findInListSafely(model: string, atMillis: number): ListedModel | undefined {
  try {
    return findListedModel(model, atMillis);
  } catch {
    return undefined;
  }
}
