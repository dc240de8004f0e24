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

  it("may name many models with stars; the most exact name holds, then the latest day", () => {
    const book = createPriceBook([
      { model: "house-*", inputUsd: 1, outputUsd: 1 },
      { model: "house-large-*", from: "2026-11-01", inputUsd: 2, outputUsd: 2 },
      { model: "house-large-2", from: "2026-11-20", inputUsd: 3, outputUsd: 3 },
      { model: "*-of-*-us", inputUsd: 4, outputUsd: 4 },
    ]);
    const input = (model: string, atMillis = DAY) => book.find(ask(model, atMillis))?.input;
    expect(input("house-small")).toBe(1_000);
    expect(input("acme/house-large-1-20250929")).toBe(2_000);
    expect(input("house-large-2")).toBe(3_000);
    expect(input("house-large-2", Date.UTC(2026, 10, 19))).toBe(2_000);
    expect(input("house-large-2", Date.UTC(2026, 9, 1))).toBe(1_000);
    expect(input("one-of-many-of-us")).toBe(4_000);
    expect(input("one-of-us")).toBeUndefined();
    expect(input("houseboat")).toBeUndefined();
    expect(input("house")).toBeUndefined();
  });

  it("price every token of a call whose prompt is longer than their threshold", () => {
    const book = createPriceBook([
      {
        model: "house-model",
        inputUsd: 1,
        outputUsd: 2,
        longContext: { abovePromptTokens: 1_000, inputUsd: 3, outputUsd: 4, cacheReadUsd: 0.3 },
      },
    ]);
    const find = (promptTokens: number) => book.find({ model: "house-model", atMillis: DAY, promptTokens });
    expect(find(1_000)).toMatchObject({ input: 1_000, output: 2_000, cacheRead: 1_000 });
    expect(find(1_001)).toMatchObject({ input: 3_000, output: 4_000, cacheRead: 300, cacheWrite1h: 3_000 });
  });

  it("are exact where a double would not be", () => {
    const book = createPriceBook([{ model: "house-model", inputUsd: 0.07, outputUsd: 0.0000011 }]);
    expect(book.find(ask("house-model"))).toMatchObject({ input: 70, output: 0.0011 });
  });

  it("stay right when more models are asked about than are remembered", () => {
    const book = createPriceBook([{ model: "house-*", inputUsd: 1, outputUsd: 1 }]);
    for (let i = 0; i < 1_100; i++) expect(book.find(ask(`house-${i}`))?.input).toBe(1_000);
  });
});
