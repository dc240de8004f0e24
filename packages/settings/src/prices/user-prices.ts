/** The prices that the user has written down, each from a day on. */
import type { PriceConfig } from "../config/types.ts";
import { cleanModelName } from "./model-name.ts";
import type { PriceQuestion, UnitPrices } from "./types.ts";

interface DatedPrices {
  readonly fromMillis: number;
  readonly prices: UnitPrices;
}

/** Finds the user's price of a call: the one with the latest first day that is not after the call. */
export function createUserPrices(
  own: readonly PriceConfig[],
): (question: Pick<PriceQuestion, "model" | "speed" | "atMillis">) => UnitPrices | undefined {
  const byModel = new Map<string, DatedPrices[]>();
  for (const price of own) {
    const key = keyOf(cleanModelName(price.model), price.speed);
    byModel.set(key, [...(byModel.get(key) ?? []), { fromMillis: firstMillisOf(price), prices: unitPricesOf(price) }]);
  }
  // At equal days the first one holds: the project's before the user's.
  for (const dated of byModel.values()) dated.sort((a, b) => b.fromMillis - a.fromMillis);
  if (byModel.size === 0) return () => undefined;
  return ({ model, speed, atMillis }) =>
    byModel.get(keyOf(cleanModelName(model), speed))?.find(({ fromMillis }) => fromMillis <= atMillis)?.prices;
}

function firstMillisOf({ from }: PriceConfig): number {
  return from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(`${from}T00:00:00Z`);
}

/** Dollars per million tokens are a thousandth of nano-dollars per token. */
function unitPricesOf({ inputUsd, outputUsd, cacheReadUsd, cacheWrite5mUsd, cacheWrite1hUsd, from }: PriceConfig) {
  const write5m = cacheWrite5mUsd ?? inputUsd;
  return Object.freeze({
    input: inputUsd * 1_000,
    output: outputUsd * 1_000,
    cacheRead: (cacheReadUsd ?? inputUsd) * 1_000,
    cacheWrite5m: write5m * 1_000,
    cacheWrite1h: (cacheWrite1hUsd ?? write5m) * 1_000,
    webSearch: 0,
    source: from === undefined ? "user's configuration" : `user's configuration ${from}`,
  });
}

function keyOf(model: string, speed: "fast" | undefined): string {
  return `${model} ${speed ?? ""}`;
}
