import type { TokenUsage } from "@moai-metrics/model";
import { createPriceBook, type UnitPrices } from "@moai-metrics/settings";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainCost, type ModelCost } from "../../src/compare/cost-causes.ts";

const PRICES: UnitPrices = {
  input: 3000,
  cacheRead: 300,
  cacheWrite5m: 3750,
  cacheWrite1h: 6000,
  output: 15000,
  webSearch: 0,
  source: "test",
};
const pricesOf = (): UnitPrices => PRICES;
const usage = (input: number, cacheRead: number, output: number): TokenUsage => ({
  input,
  cacheRead,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output,
  reasoning: 0,
});
const costOf = ({ input, cacheRead, cacheWrite5m, cacheWrite1h, output }: TokenUsage, factor = 1): number =>
  Math.round(factor * (3000 * input + 300 * cacheRead + 3750 * cacheWrite5m + 6000 * cacheWrite1h + 15000 * output));
const model = (name: string, calls: number, tokens: TokenUsage, factor = 1): ModelCost => ({
  model: name,
  calls,
  tokens,
  costNanoUsd: costOf(tokens, factor),
});
const scaled = (tokens: TokenUsage, by: number): TokenUsage =>
  Object.fromEntries(Object.entries(tokens).map(([key, value]) => [key, value * by])) as unknown as TokenUsage;

const CAUSES = ["volume", "modelMix", "tokensPerCall", "cacheHits", "price"] as const;
const DAY = usage(10_000, 90_000, 5_000);

describe("explainCost", () => {
  it.each([
    ["volume", model("a", 10, DAY), model("a", 30, scaled(DAY, 3))],
    ["tokensPerCall", model("a", 10, DAY), model("a", 10, scaled(DAY, 2))],
    ["cacheHits", model("a", 10, DAY), model("a", 10, usage(90_000, 10_000, 5_000))],
    ["price", model("a", 10, DAY), model("a", 10, DAY, 1.5)],
  ] as const)("finds that it was %s alone", (cause, before, after) => {
    const causes = explainCost([before], [after], pricesOf);
    expect(causes[cause]).toBe(causes.difference);
    expect(causes.difference).not.toBe(0);
    for (const other of CAUSES.filter((name) => name !== cause)) expect(causes[other]).toBe(0);
  });

  it("finds that the models changed alone", () => {
    const cheap = { ...model("cheap", 10, DAY), costNanoUsd: 1_000_000 };
    const dear = { ...model("dear", 10, DAY), costNanoUsd: 9_000_000 };
    const after = [
      { ...cheap, calls: 5, tokens: scaled(DAY, 0.5), costNanoUsd: 500_000 },
      { ...dear, calls: 15, tokens: scaled(DAY, 1.5), costNanoUsd: 13_500_000 },
    ];
    const causes = explainCost([cheap, dear], after, () => undefined);
    expect(causes).toMatchObject({ modelMix: 4_000_000, difference: 4_000_000, volume: 0, tokensPerCall: 0, price: 0 });
  });

  it("takes a model that is new as mix, and everything after nothing as volume", () => {
    const causes = explainCost([model("a", 10, DAY)], [model("b", 10, scaled(DAY, 2))], pricesOf);
    expect(causes).toMatchObject({ modelMix: causes.difference, volume: 0 });
    const first = explainCost([], [model("a", 10, DAY)], pricesOf);
    expect(first).toMatchObject({ before: 0, volume: first.difference });
    const last = explainCost([model("a", 10, DAY)], [], pricesOf);
    expect(last).toMatchObject({ after: 0, volume: last.difference });
  });

  it("explains no cache hits where prices are not known", () => {
    const causes = explainCost([model("a", 10, DAY)], [model("a", 10, usage(90_000, 10_000, 5_000))], () => undefined);
    expect(causes.cacheHits).toBe(0);
    expect(causes.price).toBe(causes.difference);
  });

  it("adds up to the difference whatever happened, in whole nano-dollars", () => {
    const tokens = fc.record({
      input: fc.nat(1e6),
      cacheRead: fc.nat(1e6),
      cacheWrite5m: fc.nat(1e6),
      cacheWrite1h: fc.nat(1e6),
      output: fc.nat(1e6),
      reasoning: fc.constant(0),
    });
    const cost = fc.record({
      model: fc.constantFrom("claude-sonnet-4-5", "gpt-5", "house"),
      calls: fc.integer({ min: 1, max: 1_000 }),
      tokens,
      costNanoUsd: fc.nat(1e12),
    });
    const costs = fc.uniqueArray(cost, { selector: (each) => each.model, maxLength: 3 });
    const book = createPriceBook();
    fc.assert(
      fc.property(costs, costs, (before, after) => {
        const causes = explainCost(before, after, (name) =>
          book.find({ model: name, atMillis: Date.UTC(2026, 10, 1), promptTokens: 1000 }),
        );
        expect(CAUSES.reduce((sum, name) => sum + causes[name], 0)).toBe(causes.after - causes.before);
        for (const name of CAUSES) expect(Number.isInteger(causes[name])).toBe(true);
      }),
    );
  });

  it("explains nothing when nothing changed", () => {
    const day = [model("a", 7, DAY), model("b", 3, scaled(DAY, 0.3))];
    const causes = explainCost(day, day, pricesOf);
    for (const name of CAUSES) expect(Math.abs(causes[name])).toBe(0);
  });
});
