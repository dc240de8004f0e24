/** The price book against the prices that vendors publish, as they were seen in November 2026. */
import { describe, expect, it } from "vitest";
import { costNanoUsd, createPriceBook } from "../src/index.ts";

const DAY = Date.UTC(2026, 10, 25);
const book = createPriceBook();

/** Dollars per million: input, output, cache write of 5 minutes, of 1 hour, cache read. */
const ANTHROPIC: readonly [model: string, ...prices: number[]][] = [
  ["claude-3-5-haiku-20241022", 0.8, 4, 1, 1.6, 0.08],
  ["claude-haiku-4-5-20251001", 1, 5, 1.25, 2, 0.1],
  ["claude-haiku-5-5", 0.1, 0.5, 0.125, 0.2, 0.01],
  ["claude-3-5-sonnet-20241022", 3, 15, 3.75, 6, 0.3],
  ["claude-3-7-sonnet-20250219", 3, 15, 3.75, 6, 0.3],
  ["claude-sonnet-4-20250514", 3, 15, 3.75, 6, 0.3],
  ["claude-sonnet-4-5-20250929", 3, 15, 3.75, 6, 0.3],
  ["claude-sonnet-4-6", 3, 15, 3.75, 6, 0.3],
  ["claude-sonnet-5", 2, 10, 2.5, 4, 0.2],
  ["claude-sonnet-5-5", 2, 10, 2.5, 4, 0.1],
  ["claude-opus-4-20250514", 15, 75, 18.75, 30, 1.5],
  ["claude-opus-4-1-20250805", 15, 75, 18.75, 30, 1.5],
  ["claude-opus-4-5-20251101", 5, 25, 6.25, 10, 0.5],
  ["claude-opus-4-6", 5, 25, 6.25, 10, 0.5],
  ["claude-opus-5", 5, 25, 6.25, 10, 0.5],
  ["claude-opus-5-5", 4, 20, 5, 8, 0.2],
  ["claude-fable-5", 10, 50, 12.5, 20, 1],
  ["claude-mythos-5", 10, 50, 12.5, 20, 1],
  ["claude-fable-5-1", 10, 50, 12.5, 20, 0.25],
  ["claude-fable-5-2", 8, 40, 10, 16, 0.2],
];

/** Dollars per million: input, output, cache read. */
const OTHERS: readonly [model: string, ...prices: number[]][] = [
  ["gpt-5.6-sol", 4, 20, 0.4],
  ["gpt-5.5", 5, 30, 0.5],
  ["gpt-5.5-codex", 5, 30, 0.5],
  ["gpt-5.3-codex", 1.75, 14, 0.175],
  ["gemini-3.1-pro-preview", 2, 12, 0.2],
  ["gemini-3.5-flash", 1.5, 9, 0.15],
  ["gemini-2.5-pro", 1.25, 10, 0.125],
];

/** The longest prompt of the standard price, and what one token more makes of input, output and cache read. */
const LONG_CONTEXT: readonly [model: string, longest: number, ...prices: number[]][] = [
  ["claude-haiku-5-5", 100_000, 0.5, 2.5, 0.05],
  ["claude-sonnet-4-5-20250929", 200_000, 6, 22.5, 0.6],
  ["gpt-5.6-sol", 271_999, 8, 30, 0.8],
  ["gpt-5.5", 271_999, 10, 45, 1],
  ["gemini-3.1-pro-preview", 200_000, 4, 18, 0.4],
  ["gemini-2.5-pro", 200_000, 2.5, 15, 0.25],
  // xAI says "from 200,000 on"; its list holds the number below, because its test is "more than".
  ["grok-4.20", 199_999, 2.5, 5, 0.4],
];

function dollars(model: string, promptTokens = 1_000, speed?: "fast") {
  const prices = book.find({ model, atMillis: DAY, promptTokens, speed });
  if (prices === undefined) return undefined;
  const { input, output, cacheWrite5m, cacheWrite1h, cacheRead, webSearch } = prices;
  const each = (nano: number): number => nano / 1_000;
  return {
    input: each(input),
    output: each(output),
    cacheWrite5m: each(cacheWrite5m),
    cacheWrite1h: each(cacheWrite1h),
    cacheRead: each(cacheRead),
    webSearchUsd: webSearch / 1e9,
  };
}

describe("published prices", () => {
  it.each(ANTHROPIC)("of %s, its two kinds of cache writes apart", (model, ...prices) => {
    const [input, output, cacheWrite5m, cacheWrite1h, cacheRead] = prices;
    expect(dollars(model)).toEqual({ input, output, cacheWrite5m, cacheWrite1h, cacheRead, webSearchUsd: 0.01 });
  });

  it.each(OTHERS)("of %s", (model, input, output, cacheRead) => {
    expect(dollars(model)).toMatchObject({ input, output, cacheRead });
  });

  it.each(LONG_CONTEXT)("of %s change for a prompt of more than %i tokens", (model, longest, ...prices) => {
    const [input, output, cacheRead] = prices;
    expect(dollars(model, longest)).not.toMatchObject({ input });
    expect(dollars(model, longest)).toEqual(dollars(model, 0));
    expect(dollars(model, longest + 1)).toMatchObject({ input, output, cacheRead });
    expect(dollars(model, 10 * longest)).toEqual(dollars(model, longest + 1));
  });

  it("of the fast mode are its own, and unknown where none is published", () => {
    expect(dollars("claude-opus-5-5", 1_000, "fast")).toEqual({
      input: 8,
      output: 40,
      cacheWrite5m: 10,
      cacheWrite1h: 16,
      cacheRead: 0.4,
      webSearchUsd: 0.01,
    });
    for (const [model] of ANTHROPIC.filter(([name]) => name !== "claude-opus-5-5")) {
      expect(dollars(model, 1_000, "fast"), model).toBeUndefined();
    }
  });

  it("price every token of a long call, its output too", () => {
    const usage = { input: 90_000, cacheRead: 10_000, cacheWrite5m: 1, cacheWrite1h: 0, output: 1_000, reasoning: 0 };
    const prices = book.find({ model: "claude-haiku-5-5", atMillis: DAY, promptTokens: 100_001 });
    expect(prices && costNanoUsd(prices, usage)).toBe(90_000 * 500 + 10_000 * 50 + 625 + 1_000 * 2_500);
  });
});

describe("a version that no list knows", () => {
  const PREFIXES = ["", "anthropic/", "openrouter/anthropic/", "us.anthropic.", "vertex_ai/", "bedrock/eu.anthropic."];
  const SUFFIXES = ["", "[1m]", "-20261101", "@20261101", "-v1:0", "-latest", "-thinking"];

  it.each([
    "claude-sonnet-5-6",
    "claude-opus-5-6",
    "claude-haiku-5-6",
    "claude-opus-4-9",
    "claude-sonnet-5.6",
    "gpt-5.7",
  ])("such as %s is not priced as an older one, whatever stands before and behind it", (model) => {
    for (const prefix of PREFIXES) {
      for (const suffix of SUFFIXES) expect(dollars(`${prefix}${model}${suffix}`), prefix + suffix).toBeUndefined();
    }
  });

  it("does not take the price of Sonnet 5 for Sonnet 5.5, however it is spelled", () => {
    for (const prefix of PREFIXES) {
      for (const suffix of ["", "[1m]", "-20261101", "@20261101", "-v1:0"]) {
        for (const version of ["5-5", "5.5"]) {
          const name = `${prefix}claude-sonnet-${version}${suffix}`;
          expect(dollars(name)?.cacheRead, name).toBe(0.1);
        }
      }
    }
  });
});
