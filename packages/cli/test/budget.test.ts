import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, runBinary, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

/** The recorded session used 17,115 tokens, 11,515 of them new, and $0.06636. */
function homeWith(metrics: unknown): string {
  const home = homeWithTranscripts();
  mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
  writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics }));
  return home;
}

const DAY = { name: "Daily spend", per: "day" };

describe("budget", () => {
  it("shows every limit, what is left of it, and what to do about those that are used up", () => {
    const home = homeWith({
      tokens: { warn_threshold: 10_000 },
      budgets: [
        { ...DAY, max_usd: 1 },
        { name: "Sessions", per: "session", max_tokens: 10_000, min_success_rate: 0.9 },
        { name: "Month", per: "month", max_usd: 0.08 },
      ],
    });
    const { stdout, exitCode } = runBinary(home, ["budget"]);
    expect(stdout).toMatchInlineSnapshot(`
      "Budget       State     Limit        Used   Of     Share  Which
      ─────────────────────────────────────────────────────────────────────────
      Daily spend  ok        cost         $0.07  $1.00  7%     day 2026-11-22
      Sessions     exceeded  tokens       17.1K  10.0K  171%   session eb48af2e
      Sessions     ok        min success  100%   90%    0%     session eb48af2e
      Month        warning   cost         $0.07  $0.08  83%    month 2026-11

      Budget "Sessions" is exceeded: 17.1K of 10.0K tokens by session
      eb48af2e-79c3-46e9-aef8-1722a7dd74f2 on 2026-11-22.
        Next: moai-metrics session eb48af2e-79c3-46e9-aef8-1722a7dd74f2
      Budget "Month" is used up to 83%: $0.07 of $0.08 spent in 2026-11.
        Next: moai-metrics monthly --last 1 --breakdown
      Session eb48af2e-79c3-46e9-aef8-1722a7dd74f2 used 11.5K new tokens, the
      threshold is 10.0K.
        Next: moai-metrics session eb48af2e-79c3-46e9-aef8-1722a7dd74f2
      "
    `);
    expect(exitCode).toBe(0);
  });

  it("says how to set one where there are none", () => {
    const home = temporaryHome();
    const { stdout } = runBinary(home, ["budget"]);
    expect(stdout).toContain(`No budgets are set in ${join(home, ".config/moai-metrics/config.json")}. Set one:`);
    expect(stdout).toContain("]' --user\n");
    const command = /config set budgets '(.*)'/.exec(stdout)?.[1] ?? "";
    runBinary(home, ["config", "set", "--user", "budgets", command]);
    expect(runBinary(home, ["budget"]).stdout).toContain("day     ok     cost   $0.00  $20.00  0%     day 2026-11-22");
  });

  it("tells a screen full of alerts, and counts the others", async () => {
    const budgets = Array.from({ length: 14 }, (_, i) => ({ ...DAY, name: `b${i}`, max_usd: 0.01 }));
    const { stdout } = await runHere(homeWith({ budgets }), ["budget"]);
    expect(stdout).toContain("and 2 more in --json\n");
  });

  it("says why a cost is unknown", async () => {
    const home = homeWith({ budgets: [{ ...DAY, max_usd: 1 }], token_tracking: { enabled: false } });
    const { stdout } = await runHere(home, ["budget"]);
    expect(stdout).toMatch(/Daily spend +unknown/);
    expect(stdout).toContain("unknown: the limit is not reached by what is known");
  });
});

describe("docs/budgets.md", () => {
  it("has a configuration that holds, in which every budget is judged", async () => {
    const text = readFileSync(new URL("../../../docs/budgets.md", import.meta.url), "utf8");
    const { metrics } = JSON.parse(/```json\n(.*?)```/s.exec(text)?.[1] ?? "");
    const home = homeWithTranscripts();
    mkdirSync(join(home, ".moai", "metrics"), { recursive: true });
    writeFileSync(join(home, ".moai", "metrics", "config.json"), JSON.stringify({ metrics }));
    expect((await runHere(home, ["config", "validate"])).exitCode).toBe(0);
    const { budget } = JSON.parse((await runHere(home, ["budget", "--json"])).stdout);
    expect(budget.budgets.map(({ state }: { state: string }) => state)).toEqual(Array(5).fill("ok"));
  });
});

describe("budget check", () => {
  it("ends with 3 and names the budgets and the file when one is exceeded", async () => {
    const home = homeWith({
      budgets: [
        { ...DAY, max_usd: 0.05 },
        { name: "fine", per: "week", max_usd: 5 },
      ],
    });
    const { stderr, stdout, exitCode } = runBinary(home, ["budget", "check"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: `1 of 2 budgets is exceeded: Daily spend. Spend less, or raise the limit in ${join(home, ".config/moai-metrics/config.json")}.\n`,
    });
    expect(stdout).toContain('Budget "Daily spend" is exceeded: $0.07 of $0.05 spent on 2026-11-22.');
    const two = homeWith({ budgets: ["a", "b"].map((name) => ({ ...DAY, name, max_usd: 0.05 })) });
    expect((await runHere(two, ["budget", "check"])).stderr).toContain("2 of 2 budgets are exceeded: a, b.");
  });

  it("ends with 0 while budgets hold, warnings and unknown costs included", () => {
    const home = homeWith({ tokens: { warn_threshold: 1 }, budgets: [{ ...DAY, max_usd: 0.07 }] });
    const { exitCode, stdout } = runBinary(home, ["budget", "check", "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).budget).toMatchObject({
      state: "warning",
      from: "2026-11-22",
      budgets: [{ name: "Daily spend", state: "warning", worst: { limits: [{ used: 0.06636, allowed: 0.07 }] } }],
      tokenWarnings: { threshold: 1, counts: "new", peaks: [{ tokens: 11_515 }, { tokens: 8_225 }, { tokens: 3_290 }] },
      unpricedModels: [],
    });
  });

  it("ends with 0 without any budget", async () => {
    const { exitCode, stdout } = await runHere(temporaryHome(), ["budget", "check"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("No budgets are set");
  });
});

describe("budgets elsewhere", () => {
  const block = {
    tokens: { warn_threshold: 10_000 },
    budgets: [
      { ...DAY, max_usd: 0.05 },
      { name: "Week", per: "week", max_tokens: 1_000_000 },
    ],
  };

  it("stand in the overview, which has no word of them where nothing is set", async () => {
    const { stdout } = await runHere(homeWith(block), []);
    expect(stdout).toContain("\nDaily spend  exceeded  cost    $0.07  $0.05  133%   day 2026-11-22\n");
    expect(stdout).toContain("1 session used 10.0K new tokens or more: moai-metrics budget\n");
    expect((await runHere(homeWithTranscripts(), [])).stdout).not.toMatch(/budget/i);
    const { overview, budget } = JSON.parse((await runHere(homeWith(block), ["overview", "--json"])).stdout);
    expect(overview.today.totalTokens).toBe(17_115);
    expect(budget.state).toBe("exceeded");
  });

  it("stand in the pages and documents of a day, a week and a month, as they were at its end", async () => {
    const home = homeWith(block);
    for (const format of ["table", "md", "html"]) {
      const { stdout } = await runHere(home, ["report", "daily", "--date", "2026-11-22", "--format", format]);
      expect(stdout).toContain("Did it stay within the budgets?");
      expect(stdout).toMatch(/1 session used 10\\?\.0K new tokens or more/);
    }
    const read = async (...argv: string[]) =>
      JSON.parse((await runHere(home, ["report", ...argv, "--format", "json"])).stdout);
    expect((await read("daily", "--date", "2026-11-22")).daily_report.budgets).toEqual([
      { name: "Daily spend", per: "day", state: "exceeded", counts: { ok: 0, unknown: 0, warning: 0, exceeded: 1 } },
      { name: "Week", per: "week", state: "ok", counts: { ok: 1, unknown: 0, warning: 0, exceeded: 0 } },
    ]);
    expect((await read("daily", "--date", "2026-11-21")).daily_report.budgets[0].state).toBe("ok");
    expect((await read("weekly", "--date", "2026-11-22")).weekly_report.budgets[0].counts).toEqual({
      ok: 6,
      unknown: 0,
      warning: 0,
      exceeded: 1,
    });
    expect((await read("monthly", "--date", "2026-11-22")).monthly_report.budgets[0].state).toBe("exceeded");
    expect((await read("monthly", "--date", "2027-01-01")).monthly_report.budgets[0].state).toBe("ok");
    expect((await read("daily", "--date", "2026-11-22", "--agent", "main")).daily_report.budgets).toBeUndefined();
  });
});
