import { type BudgetConfig, resolveConfig } from "@moai-metrics/settings";
import type { CallMeasures } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Amounts, judge, sumUp } from "../../src/budgets/judge.ts";
import { BUDGET_STATES, type BudgetState } from "../../src/budgets/types.ts";

interface Given {
  readonly max_tokens?: number;
  readonly max_usd?: number;
  readonly min_success_rate?: number;
  readonly max_p95_seconds?: number;
  readonly warn_at?: number;
}

function budget(given: Given): BudgetConfig {
  const [only] = resolveConfig({ budgets: [{ name: "b", per: "day", ...given }] }).budgets;
  if (only === undefined) throw new Error("no budget");
  return only;
}

function used(more: Partial<CallMeasures> & Partial<Amounts> & { tokensUsed?: number } = {}): Amounts {
  const { tokensUsed = 0, successRate = null, p95Millis = null, ...calls } = more;
  return {
    subject: "2026-11-22",
    period: "2026-11-22",
    successRate,
    p95Millis,
    calls: {
      calls: 1,
      callErrors: 0,
      callsWithoutUsage: 0,
      tokens: { input: tokensUsed, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 },
      costNanoUsd: 0,
      reportedCostNanoUsd: 0,
      unpricedCalls: 0,
      callMillis: 0,
      ...calls,
    },
  };
}

const stateOf = (given: Given, amounts: Amounts): BudgetState => judge(budget(given), amounts).state;

describe("judge", () => {
  it("allows a limit to be reached, and warns from its share on", () => {
    const limit = { max_tokens: 100 };
    expect(stateOf(limit, used({ tokensUsed: 79 }))).toBe("ok");
    expect(stateOf(limit, used({ tokensUsed: 80 }))).toBe("warning");
    expect(stateOf(limit, used({ tokensUsed: 100 }))).toBe("warning");
    expect(stateOf(limit, used({ tokensUsed: 101 }))).toBe("exceeded");
    expect(stateOf({ ...limit, warn_at: 0.5 }, used({ tokensUsed: 50 }))).toBe("warning");
  });

  it("takes a cost without all prices for a lower bound: unknown below the warning, certain above the limit", () => {
    const limit = { max_usd: 1 };
    expect(stateOf(limit, used({ costNanoUsd: 0.1e9, unpricedCalls: 1 }))).toBe("unknown");
    expect(stateOf(limit, used({ costNanoUsd: 0.1e9, callsWithoutUsage: 1 }))).toBe("unknown");
    expect(stateOf(limit, used({ costNanoUsd: 0.9e9, unpricedCalls: 1 }))).toBe("warning");
    expect(stateOf(limit, used({ costNanoUsd: 1.1e9, unpricedCalls: 1 }))).toBe("exceeded");
    expect(judge(budget(limit), used({ unpricedCalls: 1 })).limits[0]?.isLowerBound).toBe(true);
    expect(stateOf({ max_tokens: 10 }, used({ callsWithoutUsage: 1 }))).toBe("unknown");
    expect(stateOf({ max_tokens: 10 }, used({ unpricedCalls: 1 }))).toBe("ok");
  });

  it("counts of a success rate the failures that it allows", () => {
    const limit = { min_success_rate: 0.9 };
    expect(stateOf(limit, used({ successRate: 1 }))).toBe("ok");
    expect(stateOf(limit, used({ successRate: 0.93 }))).toBe("ok");
    expect(stateOf(limit, used({ successRate: 0.915 }))).toBe("warning");
    expect(stateOf(limit, used({ successRate: 0.9 }))).toBe("warning");
    expect(stateOf(limit, used({ successRate: 0.89 }))).toBe("exceeded");
    expect(stateOf(limit, used({ successRate: null }))).toBe("unknown");
  });

  it("lets nothing be allowed", () => {
    expect(stateOf({ max_usd: 0 }, used())).toBe("ok");
    expect(judge(budget({ max_usd: 0 }), used({ costNanoUsd: 1 })).limits[0]).toMatchObject({
      state: "exceeded",
      share: null,
    });
    expect(stateOf({ min_success_rate: 1 }, used({ successRate: 1 }))).toBe("ok");
    expect(stateOf({ min_success_rate: 1 }, used({ successRate: 0.99 }))).toBe("exceeded");
    expect(stateOf({ max_usd: 1, warn_at: 0 }, used())).toBe("ok");
  });

  it("compares the 95th percentile in seconds", () => {
    expect(stateOf({ max_p95_seconds: 60 }, used({ p95Millis: 60_001 }))).toBe("exceeded");
    expect(stateOf({ max_p95_seconds: 60 }, used({ p95Millis: 50_000 }))).toBe("warning");
    expect(stateOf({ max_p95_seconds: 60 }, used({ p95Millis: null }))).toBe("unknown");
  });

  it("never finds a better state for more tokens", () => {
    const count = fc.nat({ max: 1_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        count,
        count,
        (max_tokens, warn_at, a, b) => {
          const rank = (tokensUsed: number): number =>
            BUDGET_STATES.indexOf(stateOf({ max_tokens, warn_at }, used({ tokensUsed })));
          expect(rank(Math.max(a, b))).toBeGreaterThanOrEqual(rank(Math.min(a, b)));
        },
      ),
    );
  });
});

describe("sumUp", () => {
  it("has the worst state of all, counts them, and names the one that used up most", () => {
    const limit = budget({ max_tokens: 100 });
    const entries = [10, 90, 300, 200].map((tokensUsed) => ({
      ...judge(limit, used({ tokensUsed })),
      subject: String(tokensUsed),
    }));
    const status = sumUp(limit, entries);
    expect(status).toMatchObject({ state: "exceeded", counts: { ok: 1, unknown: 0, warning: 1, exceeded: 2 } });
    expect(status.worst?.subject).toBe("300");
    expect(status.notOk.map(({ subject }) => subject)).toEqual(["300", "200", "90"]);
  });

  it("is ok with nothing to judge", () => {
    expect(sumUp(budget({ max_tokens: 1 }), [])).toMatchObject({ state: "ok", worst: null, notOk: [] });
  });
});
