import { describe, expect, it } from "vitest";
import { costNanoUsd, createPriceBook, type UnitPrices } from "../src/index.ts";
import { cleanModelName, isOlderVersion } from "../src/prices/model-name.ts";
import { OVERRIDES_SOURCE } from "../src/prices/overrides.ts";

const NOW = Date.UTC(2026, 10, 22);
const USAGE = { input: 1200, cacheRead: 800, cacheWrite5m: 60, cacheWrite1h: 40, output: 345, reasoning: 45 };

function find(model: string, promptTokens = 2_100, speed?: "fast"): UnitPrices | undefined {
  return createPriceBook().find({ model, atMillis: NOW, promptTokens, speed });
}

describe("the price of a call", () => {
  it("is the vendor's own figure for the recorded run", () => {
    const prices = find("claude-sonnet-4-5");
    // Claude Code 2.1.197 reported 0.01896 USD for two such calls.
    expect(prices && 2 * costNanoUsd(prices, USAGE)).toBe(18_960_000);
  });

  it("counts reasoning once, inside the output", () => {
    const prices = find("claude-sonnet-4-5");
    expect(prices && costNanoUsd(prices, { ...USAGE, reasoning: 0 })).toBe(prices && costNanoUsd(prices, USAGE));
  });

  it("includes web searches", () => {
    const prices = find("claude-sonnet-4-5");
    const none = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
    expect(prices && costNanoUsd(prices, none, 3)).toBe(30_000_000);
  });

  it("takes the long-context price for every token once the prompt is longer than the threshold", () => {
    expect(find("claude-sonnet-4-5", 200_000)).toMatchObject({ input: 3_000, output: 15_000 });
    expect(find("claude-sonnet-4-5", 200_001)).toMatchObject({ input: 6_000, output: 22_500, cacheRead: 600 });
    expect(find("gpt-5.5", 271_999)).toMatchObject({ input: 5_000 });
    expect(find("gpt-5.5", 272_000)).toMatchObject({ input: 10_000, output: 45_000 });
    expect(find("claude-haiku-5-5", 100_000)).toMatchObject({ input: 100 });
    expect(find("claude-haiku-5-5", 100_001)).toMatchObject({ input: 500 });
  });

  it("is the same when one book is asked on both sides of a threshold", () => {
    const book = createPriceBook();
    const inputAt = (promptTokens: number): number | undefined =>
      book.find({ model: "claude-sonnet-4-5", atMillis: NOW, promptTokens })?.input;
    expect([199_999, 200_000, 200_001, 200_999, 201_000, 200_000, 5].map(inputAt)).toEqual([
      3_000, 3_000, 6_000, 6_000, 6_000, 3_000, 3_000,
    ]);
  });

  it("comes from our overrides where the list is wrong or silent", () => {
    expect(find("claude-sonnet-5-5")).toMatchObject({ cacheRead: 100, source: OVERRIDES_SOURCE });
    expect(find("claude-opus-5-5")).toMatchObject({ input: 4_000 });
    expect(find("claude-opus-5-5", 10, "fast")).toMatchObject({ input: 8_000 });
  });

  it("uses the input price where a list has no cache price", () => {
    expect(find("gpt-5.5")).toMatchObject({ cacheWrite5m: 5_000, cacheWrite1h: 5_000, cacheRead: 500 });
  });

  it("is unknown rather than guessed", () => {
    expect(find("home-grown-1")).toBeUndefined();
    expect(find("")).toBeUndefined();
    expect(find("claude-opus-5-6")).toBeUndefined();
    expect(find("claude-sonnet-4-5", 10, "fast")).toBeUndefined();
  });

  it("is found under the names that gateways use", () => {
    for (const name of [
      "claude-sonnet-4-5-20250929",
      "claude-sonnet-4-5[1m]",
      "anthropic/claude-sonnet-4-5",
      "openrouter/anthropic/claude-sonnet-4-5",
      "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "claude-sonnet-4-5@20250929",
      " Claude-Sonnet-4-5 ",
    ]) {
      expect(find(name), name).toMatchObject({ input: 3_000 });
    }
  });

  it("follows the hour where the list does", () => {
    const book = createPriceBook();
    const inputAt = (hour: number): number | undefined =>
      book.find({ model: "deepseek-chat", atMillis: Date.UTC(2025, 5, 10, hour), promptTokens: 1 })?.input;
    expect([12, 18, 12].map(inputAt)).toEqual([270, 135, 270]);
  });

  it("is that of a release where the list has one, and not that of a paid variant for a free one", () => {
    expect(find("gpt-4o-2024-05-13")).toMatchObject({ input: 5_000 });
    expect(find("gpt-4o")).toMatchObject({ input: 2_500 });
    expect(find("deepseek/deepseek-r1:free")).toBeUndefined();
  });

  it("stays right when the book has been asked about more models than it remembers", () => {
    const book = createPriceBook();
    for (let i = 0; i < 10_050; i++) book.find({ model: `claude-sonnet-5-5[${i}]`, atMillis: NOW, promptTokens: 1 });
    expect(book.find({ model: "claude-sonnet-5-5", atMillis: NOW, promptTokens: 1 })).toMatchObject({ input: 2_000 });
  });
});

describe("model names", () => {
  it("lose what does not change the price", () => {
    expect(cleanModelName("gpt-4o-2024-08-06")).toBe("gpt-4o");
    expect(cleanModelName("claude-3-5-haiku-20241022")).toBe("claude-3-5-haiku");
  });

  it("of newer versions are not older ones", () => {
    expect(isOlderVersion("claude-sonnet-5-5", "claude-sonnet-5")).toBe(true);
    expect(isOlderVersion("gpt-5.6", "gpt-5")).toBe(true);
    expect(isOlderVersion("gpt-5-codex", "gpt-5")).toBe(false);
    expect(isOlderVersion("gpt-5", "gpt-5")).toBe(false);
  });
});
