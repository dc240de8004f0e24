import { describe, expect, it } from "vitest";
import { createPriceBook, type PriceConfig } from "../src/index.ts";

const NOW = Date.UTC(2026, 10, 22);

function lines(model: string, own: readonly PriceConfig[] = [], atMillis = NOW) {
  return createPriceBook(own)
    .lines({ model, atMillis })
    .map(({ speed, abovePromptTokens, prices, from }) => ({
      ...(speed && { speed }),
      ...(from && { from }),
      abovePromptTokens,
      input: prices.input,
      source: prices.source,
    }));
}

describe("the prices of a model", () => {
  it("are those of the list, with its long-context price", () => {
    expect(lines("claude-sonnet-4-5")).toEqual([
      { abovePromptTokens: 0, input: 3_000, source: "genai-prices 0.1.8" },
      { abovePromptTokens: 200_000, input: 6_000, source: "genai-prices 0.1.8" },
    ]);
  });

  it("are those of our overrides, with the fast mode and the long-context price", () => {
    const source = "moai-metrics overrides 2026-11-20";
    expect(lines("claude-opus-5-5")).toEqual([
      { abovePromptTokens: 0, input: 4_000, source },
      { speed: "fast", abovePromptTokens: 0, input: 8_000, source },
    ]);
    expect(lines("claude-haiku-5-5")).toEqual([
      { abovePromptTokens: 0, input: 100, source },
      { abovePromptTokens: 100_000, input: 500, source },
    ]);
  });

  it("are the user's where he has written some, each with its first day", () => {
    const own: PriceConfig[] = [
      {
        model: "claude-haiku-5-5",
        from: "2026-11-01",
        inputUsd: 1,
        outputUsd: 2,
        longContext: { abovePromptTokens: 50_000, inputUsd: 3, outputUsd: 4 },
      },
      { model: "claude-opus-5-5", inputUsd: 5, outputUsd: 6 },
    ];
    const source = "user's configuration 2026-11-01";
    expect(lines("claude-haiku-5-5", own)).toEqual([
      { from: "2026-11-01", abovePromptTokens: 0, input: 1_000, source },
      { from: "2026-11-01", abovePromptTokens: 50_000, input: 3_000, source },
    ]);
    expect(lines("claude-opus-5-5", own).map(({ input }) => input)).toEqual([5_000, 8_000]);
  });

  it("say from when they hold where the list knows an earlier price", () => {
    const [now] = lines("o3");
    const [before] = lines("o3", [], Date.UTC(2025, 5, 1));
    expect(now).toMatchObject({ from: "2025-06-10", input: 2_000 });
    expect(before).toMatchObject({ input: 10_000 });
    expect(before).not.toHaveProperty("from");
  });

  it("are none for a model that nobody knows", () => {
    expect(lines("home-grown-1")).toEqual([]);
  });
});
