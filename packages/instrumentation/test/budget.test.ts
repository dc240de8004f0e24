/** What a budget allows, and what it does when it is used up. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  BudgetExceededError,
  droppedMeasurements,
  recordUsage,
  setPriceCall,
  withBudget,
  withTask,
} from "../src/index.ts";
import { openCall } from "../src/open-call.ts";
import { startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const call = (inputTokens: number) => recordUsage({ model: "m", inputTokens, outputTokens: 1 });

describe("a budget", () => {
  it("lets work be that stays within it", async () => {
    const used = await withBudget({ tokens: 11, seconds: 60 }, async ({ signal, used: soFar }) => {
      call(10);
      await Promise.resolve();
      expect(signal.aborted).toBe(false);
      return soFar();
    });
    expect(used).toEqual({ tokens: 11, usd: 0, seconds: expect.any(Number) });
    expect(withBudget({}, () => 5)).toBe(5);
  });

  it("aborts the work that uses more, with an error that says what", async () => {
    const abort = new DOMException("aborted", "AbortError");
    const work = withBudget({ tokens: 10 }, async ({ signal }) => {
      await withTask("worker", async () => call(10));
      expect(signal.reason).toBeInstanceOf(BudgetExceededError);
      call(10);
      throw abort;
    });
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "BudgetExceededError", limit: "tokens", allowed: 10, used: 11, cause: abort });
    expect((error as Error).message).toBe(
      "The budget of 10 tokens is used up: 11 used. Raise it, or let the work use less.",
    );
  });

  it("counts dollars, reported or computed, and says which calls have no price", () => {
    const takeAway = setPriceCall(({ model }) => (model === "priced" ? 0.25 : undefined));
    withBudget({ usd: 0.5 }, ({ signal, used }) => {
      recordUsage({ model: "priced", inputTokens: 1 });
      recordUsage({ model: "other", inputTokens: 1 });
      recordUsage({ model: "other", inputTokens: 1, costUsd: 0.25 });
      expect([used().usd, signal.aborted]).toEqual([0.5, false]);
      recordUsage({ model: "priced", inputTokens: 1 });
      expect(signal.reason).toMatchObject({ limit: "usd", used: 0.75 });
    });
    takeAway();
    expect(droppedMeasurements()).toMatchObject({ "call without a price in a budget": 1 });
  });

  it("ends in time", async () => {
    const work = withBudget({ seconds: 0.01 }, ({ signal }) => {
      const ended = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => ended.reject(signal.reason));
      return ended.promise;
    });
    await expect(work).rejects.toMatchObject({ name: "BudgetExceededError", limit: "seconds", allowed: 0.01 });
  });

  it("counts the calls of budgets inside of it, and calls that end after they began elsewhere", () => {
    withBudget({ tokens: 100 }, (outer) => {
      let open = openCall({ provider: "p", operation: "chat", model: "m" });
      withBudget({ tokens: 5 }, (inner) => {
        call(10);
        expect([inner.signal.aborted, outer.signal.aborted, outer.used().tokens]).toEqual([true, false, 11]);
        open = openCall({ provider: "p", operation: "chat", model: "m" });
      });
      const tokens = { input: 200, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
      open.succeed({ tokens });
      expect([outer.used().tokens, outer.signal.aborted]).toEqual([211, true]);
    });
  });

  it("passes on what is thrown for other reasons, and refuses limits that are none", () => {
    expect(() => withBudget({ tokens: 1 }, () => JSON.parse("{"))).toThrow(SyntaxError);
    expect(() => withBudget({ tokens: 0 }, () => 1)).toThrow("tokens is 0; give a number above 0");
    expect(() => withBudget({ seconds: 1e9 }, () => 1)).toThrow("give at most");
    expect(() => withBudget({ dollars: 1 } as never, () => 1)).toThrow('no "dollars"');
  });
});
