import { join } from "node:path";
import { createZoneCalendar } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { createBudgetGauges } from "../../src/exposition/budget-gauges.ts";
import { temporaryFolder } from "../support/receiver.ts";

const NOON = Date.UTC(2026, 10, 28, 12);
const COMMON = { window: "day", warnAtShare: 0.8 } as const;
const BUDGETS = [
  { ...COMMON, name: "Day", per: "day", maxTokens: 1_000, minSuccessRate: 0.9 },
  { ...COMMON, name: "Session", per: "session", maxTokens: 50, maxUsd: 1 },
] as const;

function storeWithCalls() {
  const clock = { millis: NOON };
  const store = openStore({ path: join(temporaryFolder(), "metrics.db"), now: () => clock.millis });
  onTestFinished(() => store.close());
  const write = (session: string, output: number): void => {
    store.write({
      facts: [
        {
          ...{ kind: "model_call", witness: "log", product: "claude-code", sessionId: session, requestId: session },
          ...{ model: "m", endedAtMillis: NOON },
          usage: { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output, reasoning: 0 },
        },
      ],
    });
  };
  return { store, clock, write };
}

const valuesOf = (gauges: ReturnType<ReturnType<typeof createBudgetGauges>>) =>
  Object.fromEntries(
    gauges.flatMap(({ name, series }) =>
      series.map(({ attributes, sum }) => [
        `${name} ${attributes["moai.budget.name"]} ${attributes["moai.budget.measure"]}`,
        sum,
      ]),
    ),
  );

describe("gauges of budgets", () => {
  it("tell each limit and what was used of it, by the session that used most; unknown use is told of as nothing", () => {
    const { store, clock, write } = storeWithCalls();
    write("a", 40);
    write("b", 45);
    const gauges = createBudgetGauges({
      budgets: BUDGETS,
      calendar: createZoneCalendar("UTC"),
      now: () => clock.millis,
    });
    expect(valuesOf(gauges(store))).toEqual({
      "moai.budget.limit Day tokens": 1_000,
      "moai.budget.limit Day success_rate": 0.9,
      "moai.budget.limit Session tokens": 50,
      "moai.budget.limit Session cost_usd": 1,
      "moai.budget.usage Day tokens": 85,
      "moai.budget.usage Session tokens": 45,
      "moai.budget.usage Session cost_usd": 0,
    });
  });

  it("are worked out anew after five seconds, and not at all without budgets", () => {
    const { store, clock, write } = storeWithCalls();
    const calendar = createZoneCalendar("UTC");
    const gauges = createBudgetGauges({ budgets: BUDGETS, calendar, now: () => clock.millis });
    const used = () => valuesOf(gauges(store))["moai.budget.usage Day tokens"];
    expect(used()).toBe(0);
    write("a", 40);
    clock.millis += 4_999;
    expect(used()).toBe(0);
    clock.millis += 1;
    expect(used()).toBe(40);
    const none = createBudgetGauges({ budgets: [], calendar, now: () => clock.millis });
    expect(none(store)).toEqual([]);
  });
});
