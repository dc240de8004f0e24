import type { Dashboard } from "@moai-metrics/report";
import { describe, expect, it } from "vitest";
import { renderSpoken } from "../../src/dashboard/screen/render-spoken.ts";
import { DASHBOARD } from "../support/dashboards.ts";

const spoken = (change: Partial<Dashboard> = {}, label?: string): string =>
  renderSpoken({ ...DASHBOARD, ...change }, label).join("\n");

describe("the spoken dashboard", () => {
  it("is sentences without drawings, and says at once that data is invented", () => {
    expect(spoken()).not.toMatch(/[─█▁-▇┤]/);
    expect(spoken({}, "SIMULATED DATA")).toContain("SIMULATED DATA");
    expect(spoken()).not.toContain("SIMULATED DATA");
  });

  it("calls not known what nobody knows, and unchanged what did not change", () => {
    const { summary } = DASHBOARD;
    const text = spoken({
      summary: {
        ...summary,
        tasksCompleted: null,
        successRate: { ...summary.successRate, value: null },
        averageDurationMs: { ...summary.averageDurationMs, value: 2_000, change: 0 },
        totalCost: { ...summary.totalCost, value: 1, change: null },
        tokensPerDay: { ...summary.tokensPerDay, value: 10, change: -0.5 },
      },
    });
    expect(text).toContain("Tasks completed: not known.");
    expect(text).toContain("Success rate: not known.");
    expect(text).toMatch(/Average duration: .*, unchanged\./);
    expect(text).toMatch(/Cost: \$1\.00\./);
    expect(text).toContain("Tokens per day: 10, down 50%.");
  });

  it("leaves out of an agent what is not known of it", () => {
    const [row] = DASHBOARD.agents.rows;
    if (row === undefined) throw new Error("The dashboard of the tests has no agents.");
    const unknown = { ...row, name: "nobody", successRate: null, averageDurationMs: null, totalCost: null };
    const text = spoken({ agents: { ...DASHBOARD.agents, rows: [unknown] } });
    expect(text).toMatch(/nobody: [\d,.]+\S* tasks, [\d.,]+\S* tokens, unpriced\./);
  });

  it("says what of the resources is not known, and nothing of what is not there", () => {
    const { resources } = DASHBOARD;
    const contexts = resources.contexts.map((context) => ({ ...context, share: null }));
    const budgets = resources.budgets.map((budget) => ({ ...budget, share: null }));
    const text = spoken({
      resources: { ...resources, contexts, budgets, store: null, receiver: null, costToday: null },
    });
    expect(text).toMatch(/Today: .* tokens, unpriced\./);
    expect(text).not.toContain("Receiver:");
    expect(text).not.toContain("Store:");
    expect(text).not.toMatch(/% (full|used)/);
  });
});
