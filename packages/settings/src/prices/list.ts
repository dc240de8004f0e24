/** The list of `@pydantic/genai-prices`, asked for unit prices instead of totals. */
import { createRequire } from "node:module";
import type { calcPrice as CalcPrice, ModelPrice } from "@pydantic/genai-prices";
import { cleanModelName, isOlderVersion } from "./model-name.ts";
import type { PriceQuestion, UnitPrices } from "./types.ts";

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

/** The list's unit prices for a call, or undefined when it does not know the model. */
export function findListPrices(question: PriceQuestion): UnitPrices | undefined {
  const { list, source } = loadList();
  const timestamp = new Date(question.atMillis);
  // The full name first: a release of a model may have a price of its own.
  for (const name of new Set([question.model.trim().toLowerCase(), cleanModelName(question.model)])) {
    const answer = list.calcPrice({ input_tokens: 0, output_tokens: 0 }, name, { timestamp });
    if (answer === null || isOlderVersion(name, answer.model.id)) continue;
    return toUnitPrices(answer.model_price, question.promptTokens, source);
  }
  return undefined;
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
