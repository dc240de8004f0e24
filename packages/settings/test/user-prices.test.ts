import { describe, expect, it } from "vitest";
import { createPriceBook } from "../src/index.ts";

const DAY = Date.UTC(2026, 10, 23);
const ask = (model: string, atMillis = DAY, speed?: "fast") => ({ model, atMillis, promptTokens: 1_000, speed });

describe("prices of the user", () => {
  it("outrank the list and price what the list does not know", () => {
    const book = createPriceBook([
      { model: "claude-sonnet-4-5", inputUsd: 1, outputUsd: 2 },
      {
        model: "house-model",
        inputUsd: 0.5,
        outputUsd: 4,
        cacheReadUsd: 0.05,
        cacheWrite5mUsd: 0.6,
        cacheWrite1hUsd: 1,
      },
    ]);
    expect(book.find(ask("anthropic/claude-sonnet-4-5-20250929"))).toMatchObject({
      input: 1_000,
      output: 2_000,
      cacheRead: 1_000,
      cacheWrite5m: 1_000,
      cacheWrite1h: 1_000,
      source: "user's configuration",
    });
    expect(book.find(ask("house-model"))).toMatchObject({ cacheRead: 50, cacheWrite5m: 600, cacheWrite1h: 1_000 });
    expect(createPriceBook().find(ask("house-model"))).toBeUndefined();
  });

  it("hold from their day on, the latest first, and leave earlier calls to the list", () => {
    const book = createPriceBook([
      { model: "claude-sonnet-4-5", from: "2026-11-01", inputUsd: 1, outputUsd: 2 },
      { model: "claude-sonnet-4-5", from: "2026-11-20", inputUsd: 5, outputUsd: 9 },
    ]);
    expect(book.find(ask("claude-sonnet-4-5"))).toMatchObject({
      input: 5_000,
      source: "user's configuration 2026-11-20",
    });
    expect(book.find(ask("claude-sonnet-4-5", Date.UTC(2026, 10, 19, 23)))).toMatchObject({ input: 1_000 });
    expect(book.find(ask("claude-sonnet-4-5", Date.UTC(2026, 9, 1)))).toMatchObject({ input: 3_000 });
  });

  it("keep the price of a web search, which they do not name", () => {
    const book = createPriceBook([{ model: "claude-opus-5-5", inputUsd: 1, outputUsd: 2 }]);
    expect(book.find(ask("claude-opus-5-5"))?.webSearch).toBe(0.01 * 1e9);
    expect(book.find(ask("claude-opus-5-5"))).toBe(book.find(ask("claude-opus-5-5")));
  });

  it("are apart for the fast mode", () => {
    const book = createPriceBook([{ model: "house-model", speed: "fast", inputUsd: 8, outputUsd: 9 }]);
    expect(book.find(ask("house-model", DAY, "fast"))).toMatchObject({ input: 8_000 });
    expect(book.find(ask("house-model"))).toBeUndefined();
  });
});
