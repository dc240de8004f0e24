/** Adds up what costing anew changes. */
import { REPRICE_RESULTS, type RepricedModel, type RepriceOutcome, type RepriceResult } from "./types.ts";

export interface RepriceAccount {
  add(model: string | undefined, result: Exclude<RepriceResult, "changed">): void;
  addChange(model: string, beforeNanoUsd: number | undefined, afterNanoUsd: number): void;
  outcome(): RepriceOutcome;
}

type Sums = { -readonly [K in Exclude<keyof RepricedModel, "model">]: number };

export function createRepriceAccount(): RepriceAccount {
  const calls = Object.fromEntries(REPRICE_RESULTS.map((result) => [result, 0])) as Record<RepriceResult, number>;
  const models = new Map<string, Sums>();
  const withoutPrice = new Set<string>();
  return {
    add(model, result) {
      calls[result] += 1;
      if (result === "withoutPrice" && model !== undefined) withoutPrice.add(model);
    },
    addChange(model, beforeNanoUsd, afterNanoUsd) {
      calls.changed += 1;
      const sums = models.get(model) ?? { calls: 0, callsWithoutCost: 0, costBeforeNanoUsd: 0, costAfterNanoUsd: 0 };
      models.set(model, sums);
      sums.calls += 1;
      sums.callsWithoutCost += beforeNanoUsd === undefined ? 1 : 0;
      sums.costBeforeNanoUsd += beforeNanoUsd ?? 0;
      sums.costAfterNanoUsd += afterNanoUsd;
    },
    outcome: () => ({
      calls: { ...calls },
      models: [...models]
        .map(([model, sums]) => ({ model, ...sums }))
        .sort((a, b) => differenceOf(b) - differenceOf(a) || (a.model < b.model ? -1 : 1)),
      modelsWithoutPrice: [...withoutPrice].sort(),
    }),
  };
}

function differenceOf({ costBeforeNanoUsd, costAfterNanoUsd }: RepricedModel): number {
  return Math.abs(costAfterNanoUsd - costBeforeNanoUsd);
}
