import { createPriceBook } from "@moai-metrics/settings";
import { describe, expect, it } from "vitest";
import { compareCost } from "../../src/compare/compare-cost.ts";
import { call, DAY, NOON, session, storeWith } from "../support/ledger.ts";

const dayAround = (millis: number) => ({ startMillis: millis - DAY / 2, endMillis: millis + DAY / 2 });

describe("compareCost", () => {
  it("does not take calls of a model without a price for calls that cost nothing", () => {
    const { ledger } = storeWith([
      session("s1", NOON - DAY, NOON),
      call("s1", "t1", "r1", NOON - DAY),
      call("s1", "t2", "r2", NOON),
      call("s1", "t2", "r3", NOON, { model: "house-model" }),
      call("s1", "t2", "r4", NOON, { model: "house-model", usage: undefined }),
    ]);
    expect(compareCost(ledger, {}, dayAround(NOON - DAY), dayAround(NOON), createPriceBook())).toMatchObject({
      ...{ difference: 0, volume: 0, modelMix: 0, tokensPerCall: 0, cacheHits: 0, price: 0 },
    });
  });

  it("counts a model that is known to be free", () => {
    const { ledger } = storeWith([
      session("s1", NOON - DAY, NOON),
      call("s1", "t1", "r1", NOON - DAY, { reportedCostNanoUsd: 1_000_000 }),
      call("s1", "t2", "r2", NOON, { model: "free", reportedCostNanoUsd: 0 }),
    ]);
    expect(compareCost(ledger, {}, dayAround(NOON - DAY), dayAround(NOON), createPriceBook())).toMatchObject({
      ...{ difference: -1_000_000, volume: 0, modelMix: -1_000_000 },
    });
  });
});
