/** The list of `@pydantic/genai-prices`, asked for unit prices instead of totals. */
import { createRequire } from "node:module";
import type { calcPrice as CalcPrice, ModelInfo, ModelPrice } from "@pydantic/genai-prices";
import { cleanModelName, isOlderVersion } from "./model-name.ts";
import type { UnitPrices } from "./types.ts";

/** What the list says of a model on a day. */
export interface ListedModel {
  /** The price depends on the hour: it holds for the asked moment only. */
  readonly changesWithinDay: boolean;
  /** First day (UTC) of the price, where the list knows an earlier one. */
  readonly from: string | undefined;
  /** The sizes of prompts above which the price changes. */
  readonly thresholds: readonly number[];
  /** The unit prices for a prompt of this many tokens. The same object for prompts of one price. */
  unitPrices(promptTokens: number): UnitPrices | undefined;
}

type ListPackage = { readonly calcPrice: typeof CalcPrice };

const require = createRequire(import.meta.url);
let loaded: { readonly list: ListPackage; readonly source: string } | undefined;

/** Loads the list on first use: it takes tens of milliseconds, which only commands that price anything should pay. */
function loadList(): { readonly list: ListPackage; readonly source: string } {
  loaded ??= {
    list: require("@pydantic/genai-prices") as ListPackage,
    source: `genai-prices ${packageVersion()}`,
  };
  return loaded;
}

function packageVersion(): string {
  // The package does not export its package.json, so it is found beside the entry point.
  const manifest = require(new URL("../package.json", `file://${require.resolve("@pydantic/genai-prices")}`).pathname);
  return (manifest as { version: string }).version;
}

/**
 * What the list says of a model at a moment, or undefined when it does not know the model.
 *
 * @throws whatever the list throws on input that it cannot make sense of.
 */
export function findListedModel(model: string, atMillis: number): ListedModel | undefined {
  const { list, source } = loadList();
  const timestamp = new Date(atMillis);
  // The full name first: a release of a model may have a price of its own.
  for (const name of new Set([model.trim().toLowerCase(), cleanModelName(model)])) {
    const answer = list.calcPrice({ input_tokens: 0, output_tokens: 0 }, name, { timestamp });
    if (answer === null || isOlderVersion(name, answer.model.id)) continue;
    return createListedModel(answer.model_price, answer.model, source);
  }
  return undefined;
}

/** A mark in the name that stands for a context of a million tokens. */
const MILLION_MARK = /\[1m\]$/i;

/** How many tokens a model takes at once, as the list says; undefined where it does not know the model. */
export function contextWindowOf(model: string, atMillis: number): number | undefined {
  if (MILLION_MARK.test(model.trim())) return 1_000_000;
  const { list } = loadList();
  const timestamp = new Date(atMillis);
  for (const name of new Set([model.trim().toLowerCase(), cleanModelName(model)])) {
    try {
      const answer = list.calcPrice({ input_tokens: 0, output_tokens: 0 }, name, { timestamp });
      if (answer !== null && !isOlderVersion(name, answer.model.id)) return answer.model.context_window;
    } catch {
      // The list cannot make sense of the name.
    }
  }
  return undefined;
}

function changesWithinDay({ prices }: ModelInfo): boolean {
  return Array.isArray(prices) && prices.some(({ constraint }) => constraint?.type === "time_of_date");
}

function firstDayOf({ prices }: ModelInfo, price: ModelPrice): string | undefined {
  const constraint = Array.isArray(prices) ? prices.find((each) => each.prices === price)?.constraint : undefined;
  return constraint?.type === "start_date" ? constraint.start_date : undefined;
}

function createListedModel(price: ModelPrice, model: ModelInfo, source: string): ListedModel {
  const thresholds = thresholdsOf(price);
  const byTier: (UnitPrices | undefined)[] = [];
  return {
    changesWithinDay: changesWithinDay(model),
    from: firstDayOf(model, price),
    thresholds,
    unitPrices(promptTokens) {
      let tier = 0;
      for (let i = 0; i < thresholds.length; i++) if (promptTokens > (thresholds[i] as number)) tier += 1;
      byTier[tier] ??= toUnitPrices(price, promptTokens, source);
      return byTier[tier];
    },
  };
}

/** The sizes of prompts above which any of the prices changes. */
function thresholdsOf(price: ModelPrice): number[] {
  const thresholds = new Set<number>();
  for (const value of Object.values(price)) {
    if (typeof value === "object") for (const { start } of value.tiers) thresholds.add(start);
  }
  return [...thresholds];
}

function toUnitPrices(price: ModelPrice, promptTokens: number, source: string): UnitPrices | undefined {
  const nanoPerToken = (key: string): number | undefined => {
    const value = price[key];
    if (value === undefined) return undefined;
    if (typeof value === "number") return value * 1_000;
    // All or nothing: one tier prices the whole call.
    const tier = value.tiers.findLast(({ start }) => promptTokens > start);
    return (tier?.price ?? value.base) * 1_000;
  };
  const input = nanoPerToken("input_mtok");
  const output = nanoPerToken("output_mtok");
  if (input === undefined || output === undefined) return undefined;
  const cacheWrite5m = nanoPerToken("cache_write_mtok") ?? input;
  const perThousandSearches = price["web_searches_kcount"];
  return {
    input,
    output,
    cacheRead: nanoPerToken("cache_read_mtok") ?? input,
    cacheWrite5m,
    cacheWrite1h: nanoPerToken("cache_write_1h_mtok") ?? cacheWrite5m,
    webSearch: typeof perThousandSearches === "number" ? perThousandSearches * 1e6 : 0,
    source,
  };
}
