/** The prices that the user has written down, each from a day on. */
import type { PriceConfig, TokenPriceConfig } from "../config/types.ts";
import { cleanModelName, knownCleanName } from "./model-name.ts";
import type { PriceQuestion, UnitPrices } from "./types.ts";

/** A price of the user that holds at some moment. */
export interface OwnPrice {
  /** First day on which it holds; undefined: always. */
  readonly from: string | undefined;
  readonly base: UnitPrices;
  readonly above: { readonly promptTokens: number; readonly prices: UnitPrices } | undefined;
}

interface DatedPrice extends OwnPrice {
  readonly fromMillis: number;
  readonly speed: "fast" | undefined;
  readonly matches: (cleanName: string) => boolean;
  /** Characters that a name must have; all of them for a price without a star. */
  readonly precision: number;
}

type OwnQuestion = Pick<PriceQuestion, "model" | "speed" | "atMillis">;

const MAX_REMEMBERED = 1_000;

/**
 * Finds the user's price of a call among those that have begun: the one that names the model most exactly, and of
 * these the latest.
 */
export function createUserPrices(own: readonly PriceConfig[]): (question: OwnQuestion) => OwnPrice | undefined {
  if (own.length === 0) return () => undefined;
  // At equal days the first one holds: the project's before the user's.
  const all = own.map(datedPrice).sort((a, b) => b.precision - a.precision || b.fromMillis - a.fromMillis);
  const remembered = new Map<string, readonly DatedPrice[]>();
  const pricesOf = (model: string, speed: "fast" | undefined): readonly DatedPrice[] => {
    const clean = knownCleanName(model);
    const key = `${clean} ${speed ?? ""}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const found = all.filter((price) => price.speed === speed && price.matches(clean));
    remembered.set(key, found);
    return found;
  };
  return ({ model, speed, atMillis }) => pricesOf(model, speed).find(({ fromMillis }) => fromMillis <= atMillis);
}

function datedPrice(price: PriceConfig): DatedPrice {
  const { from, speed, longContext } = price;
  const source = from === undefined ? "user's configuration" : `user's configuration ${from}`;
  return {
    from,
    fromMillis: from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(`${from}T00:00:00Z`),
    speed,
    base: unitPricesOf(price, source),
    above: longContext && {
      promptTokens: longContext.abovePromptTokens,
      prices: unitPricesOf(longContext, source),
    },
    ...matcherOf(price.model),
  };
}

function matcherOf(pattern: string): Pick<DatedPrice, "matches" | "precision"> {
  if (!pattern.includes("*")) {
    const wanted = cleanModelName(pattern);
    return { matches: (name) => name === wanted, precision: Number.POSITIVE_INFINITY };
  }
  const parts = pattern.trim().toLowerCase().split("*");
  return { matches: (name) => matchesParts(name, parts), precision: parts.join("").length };
}

/** Without a regular expression: a pattern of many stars must not take for ever. */
function matchesParts(name: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Dollars per million tokens are a thousandth of nano-dollars per token. */
function unitPricesOf(price: TokenPriceConfig, source: string): UnitPrices {
  const { inputUsd, outputUsd, cacheReadUsd, cacheWrite5mUsd, cacheWrite1hUsd } = price;
  const write5m = cacheWrite5mUsd ?? inputUsd;
  return Object.freeze({
    input: nanoPerToken(inputUsd),
    output: nanoPerToken(outputUsd),
    cacheRead: nanoPerToken(cacheReadUsd ?? inputUsd),
    cacheWrite5m: nanoPerToken(write5m),
    cacheWrite1h: nanoPerToken(cacheWrite1hUsd ?? write5m),
    webSearch: 0,
    source,
  });
}

/** Rounded where a double cannot tell the product from the number that was meant: 0.07 × 1000. */
function nanoPerToken(usdPerMillion: number): number {
  return Number((usdPerMillion * 1_000).toPrecision(12));
}
