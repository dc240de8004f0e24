import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { lineFor } from "../../src/statusline/run-status-line.ts";
import { homeWithTranscripts, NOW, temporaryHome } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";

const SESSION = "eb48af2e-79c3-46e9-aef8-1722a7dd74f2";

async function homeWith(metrics: unknown): Promise<string> {
  const home = homeWithTranscripts();
  await runHere(home, ["import"]);
  mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
  writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics }));
  return home;
}

function line(
  home: string,
  input: object,
  more: { variables?: Record<string, string>; nowMillis?: number } = {},
): string {
  return lineFor(JSON.stringify(input), {
    environment: { HOME: home, NO_COLOR: "1", ...more.variables },
    workingFolder: home,
    nowMillis: more.nowMillis ?? NOW,
  });
}

describe("the status line", () => {
  beforeAll(() => {
    process.env["TZ"] = "UTC";
  });

  it("counts weeks from Monday and months from their first day", async () => {
    const budgets = (per: string) => ({ budgets: [{ name: "B", per, max_tokens: 20_000 }] });
    const day = 86_400_000;
    // 22 November 2026 is a Sunday: the week ends with it, the month a week later.
    const week = await homeWith(budgets("week"));
    expect(line(week, {}, { nowMillis: NOW })).toContain("B 2,885 tokens left");
    expect(line(week, {}, { nowMillis: NOW + day })).toContain("B 20.0K tokens left");
    const month = await homeWith(budgets("month"));
    expect(line(month, {}, { nowMillis: NOW + 8 * day })).toContain("B 2,885 tokens left");
    expect(line(month, {}, { nowMillis: NOW + 9 * day })).toContain("B 20.0K tokens left");
  });

  it("warns in yellow from warn_at on, tells an excess in red, and that of a full context", async () => {
    const home = await homeWith({ budgets: [{ name: "B", per: "day", max_usd: 0.07, warn_at: 0.9 }] });
    const coloured = { variables: { NO_COLOR: "" } };
    expect(line(home, {}, coloured)).toContain("\u001b[33mB <$0.01 left\u001b[39m");
    const spent = { session_id: SESSION, cost: { total_cost_usd: 0.5 } };
    expect(line(home, spent, coloured)).toContain("\u001b[31mB $0.43 over\u001b[39m");
    expect(line(home, { context_window: { used_percentage: 80 } }, coloured)).toContain("\u001b[33mcontext 80%");
    expect(line(home, { context_window: { used_percentage: 79 } }, coloured)).toContain("| context 79%");
  });

  it("does not take away what the store knows beyond the agent's own figure", async () => {
    const home = await homeWith({});
    expect(line(home, { session_id: SESSION, cost: { total_cost_usd: 0.01 } })).toBe(
      "session 17.1K tokens $0.01 | today $0.07",
    );
    expect(line(home, { session_id: "unknown", cost: { total_cost_usd: 0.01 } })).toBe("session $0.01 | today $0.08");
    expect(line(home, { session_id: "unknown" })).toBe("today $0.07");
  });

  it("asks the configuration of the project that the agent works in", async () => {
    const home = await homeWith({});
    const project = join(home, "shop");
    mkdirSync(join(project, ".moai", "metrics"), { recursive: true });
    writeFileSync(
      join(project, ".moai", "metrics", "config.json"),
      JSON.stringify({ metrics: { budgets: [{ name: "Shop", per: "project", max_usd: 1 }] } }),
    );
    expect(line(home, { cwd: project })).toContain("Shop $1.00 left");
    expect(line(home, { model: { id: "m" }, cwd: "/" })).toBe("m | today $0.07");
  });

  it("has nothing to say about nothing", () => {
    expect(line(temporaryHome(), {})).toBe("moai-metrics: nothing recorded yet");
  });
});
