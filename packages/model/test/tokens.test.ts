import {
  addTokens,
  cacheWriteTokens,
  compareTokens,
  compareToldTokens,
  NO_TOKENS,
  normalizeTokens,
  promptTokens,
  TOKEN_CONVENTIONS,
  TOKEN_PARTS,
  type TokenUsage,
  toldTokens,
  totalTokens,
} from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const count = fc.nat(1_000_000_000);
const usage: fc.Arbitrary<TokenUsage> = fc.record({
  input: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  output: count,
  reasoning: count,
});
const anything = fc.option(fc.oneof(fc.double(), fc.integer()), { nil: undefined });
const reported = fc.record({
  input: anything,
  cacheRead: anything,
  cacheWrite: anything,
  cacheWrite5m: anything,
  cacheWrite1h: anything,
  output: anything,
  reasoning: anything,
});
const convention = fc.constantFrom(...Object.values(TOKEN_CONVENTIONS));

const greater = (a: TokenUsage, b: TokenUsage) => (compareTokens(a, b) >= 0 ? a : b);

describe("token algebra", () => {
  it("totals the disjoint parts and leaves reasoning out", () => {
    const one = { input: 1, cacheRead: 10, cacheWrite5m: 100, cacheWrite1h: 1000, output: 10_000, reasoning: 9000 };
    expect(cacheWriteTokens(one)).toBe(1100);
    expect(promptTokens(one)).toBe(1111);
    expect(totalTokens(one)).toBe(11_111);
  });

  it("adds part by part, with nothing as the neutral element", () => {
    fc.assert(
      fc.property(usage, usage, (a, b) => {
        expect(addTokens(a, NO_TOKENS)).toEqual(a);
        expect(addTokens(a, b)).toEqual(addTokens(b, a));
        expect(totalTokens(addTokens(a, b))).toBe(totalTokens(a) + totalTokens(b));
      }),
    );
  });

  it("picks the greater of two usages commutatively, associatively and idempotently", () => {
    const small = fc.record(
      Object.fromEntries(TOKEN_PARTS.map((part) => [part, fc.nat(2)])) as Record<
        keyof TokenUsage,
        fc.Arbitrary<number>
      >,
    );
    fc.assert(
      fc.property(small, small, small, (a, b, c) => {
        expect(greater(a, b)).toEqual(greater(b, a));
        expect(greater(a, greater(b, c))).toEqual(greater(greater(a, b), c));
        expect(greater(a, a)).toEqual(a);
        expect(Math.sign(compareTokens(a, b))).toBe(0 - Math.sign(compareTokens(b, a)));
      }),
    );
  });

  it("orders by total before it looks at the parts", () => {
    expect(compareTokens({ ...NO_TOKENS, output: 2 }, { ...NO_TOKENS, input: 1 })).toBeGreaterThan(0);
    expect(compareTokens({ ...NO_TOKENS, output: 1 }, { ...NO_TOKENS, input: 1 })).toBeLessThan(0);
  });
});

describe("conversion of reported tokens", () => {
  it("brings the same call to the same parts whatever convention reported it", () => {
    const parts = { input: 100, cacheRead: 20, cacheWrite5m: 3, cacheWrite1h: 4, output: 50, reasoning: 10 };
    const writes = { cacheWrite5m: 3, cacheWrite1h: 4, cacheRead: 20, reasoning: 10 };
    const { anthropic, openai, google, semconv } = TOKEN_CONVENTIONS;
    expect(normalizeTokens({ ...writes, input: 100, output: 50 }, anthropic)).toEqual(parts);
    expect(normalizeTokens({ ...writes, input: 127, output: 50 }, openai)).toEqual(parts);
    expect(normalizeTokens({ ...writes, input: 127, output: 50 }, semconv)).toEqual(parts);
    expect(normalizeTokens({ ...writes, input: 120, output: 40 }, google)).toEqual(parts);
  });

  it("counts cache writes of unknown lifetime as five-minute writes, and lets the greater figure win", () => {
    const { anthropic } = TOKEN_CONVENTIONS;
    expect(normalizeTokens({ cacheWrite: 10 }, anthropic).cacheWrite5m).toBe(10);
    expect(normalizeTokens({ cacheWrite: 10, cacheWrite1h: 4 }, anthropic)).toMatchObject({
      cacheWrite5m: 6,
      cacheWrite1h: 4,
    });
    expect(normalizeTokens({ cacheWrite: 5, cacheWrite5m: 9, cacheWrite1h: 4 }, anthropic)).toMatchObject({
      cacheWrite5m: 9,
      cacheWrite1h: 4,
    });
  });

  it("yields safe non-negative integers for any input, with reasoning inside the output", () => {
    fc.assert(
      fc.property(reported, convention, (input, how) => {
        const result = normalizeTokens(input, how);
        for (const part of TOKEN_PARTS) {
          expect(Number.isInteger(result[part])).toBe(true);
          expect(result[part]).toBeGreaterThanOrEqual(0);
        }
        expect(result.reasoning).toBeLessThanOrEqual(result.output);
      }),
    );
  });

  it("never subtracts below nothing", () => {
    expect(normalizeTokens({ input: 5, cacheRead: 9 }, TOKEN_CONVENTIONS.openai)).toMatchObject({
      input: 0,
      cacheRead: 9,
    });
  });
});

describe("what every witness tells", () => {
  it("is ordered as whole usages are, so that the greater of two stays the greater", () => {
    fc.assert(
      fc.property(usage, usage, (a, b) => {
        const byTold = compareToldTokens(toldTokens(a), toldTokens(b));
        if (byTold !== 0) expect(Math.sign(compareTokens(a, b))).toBe(Math.sign(byTold));
      }),
    );
  });

  it("says nothing of the lifetimes of cache writes, nor of reasoning", () => {
    const written = { ...NO_TOKENS, cacheWrite5m: 60, cacheWrite1h: 40, output: 5, reasoning: 3 };
    const other = { ...NO_TOKENS, cacheWrite5m: 100, output: 5 };
    expect(toldTokens(written)).toEqual({ input: 0, cacheRead: 0, cacheWrite: 100, output: 5 });
    expect(compareToldTokens(toldTokens(written), toldTokens(other))).toBe(0);
    expect(compareTokens(written, other)).not.toBe(0);
  });
});
