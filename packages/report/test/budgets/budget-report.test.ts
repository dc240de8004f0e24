import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import { resolveConfig } from "@moai-metrics/settings";
import { describe, expect, it } from "vitest";
import {
  alertsOf,
  atMoment,
  type BudgetQuestion,
  type BudgetReport,
  budgetReport,
  createPalette,
  renderBudgets,
  tokenWarningNote,
  watchSettings,
} from "../../src/index.ts";
import { call, DAY, HOUR, NOON, session, storeWith, task } from "../support/ledger.ts";

type Block = Parameters<typeof resolveConfig>[0];
type Budget = NonNullable<Block["budgets"]>[number];

/** Call: 3,700 tokens, of which 2,000 are read from a cache; $0.009 input and output and cache as sonnet 4.5 costs. */
const TOKENS = 3_700;
const COST = (1000 * 3 + 2000 * 0.3 + 300 * 3.75 + 400 * 15) / 1e6;

const FACTS: readonly Fact[] = [
  session("s1", NOON - HOUR, NOON),
  task("s1", "t1", "main", NOON - 60_000, "success"),
  call("s1", "t1", "c1", NOON - 90_000),
  task("s1", "t2", "expert", NOON - 30_000, "failure", { startedAtMillis: NOON - 30_000 - 200_000 }),
  call("s1", "t2", "c2", NOON - 60_000),
  call("s1", "t2", "c3", NOON - 50_000, { model: "claude-haiku-4-5" }),
  { ...session("s2", NOON - 2 * HOUR, NOON - HOUR), project: "/home/dev/blog" } as Fact,
  task("s2", "t3", "main", NOON - HOUR, undefined),
  call("s2", "t3", "c4", NOON - HOUR - 1),
  session("old", NOON - 3 * DAY, NOON - 3 * DAY),
  task("old", "t4", "main", NOON - 3 * DAY, "success"),
  call("old", "t4", "c5", NOON - 3 * DAY - 1),
];

function report(budgets: Budget[], more: Partial<BudgetQuestion> = {}, facts = FACTS): BudgetReport {
  return budgetReport(storeWith(facts), {
    ...watchSettings(resolveConfig({ budgets })),
    calendar: createZoneCalendar("UTC"),
    range: atMoment(NOON),
    ...more,
  });
}

function usedOf(budget: Budget, more: Partial<BudgetQuestion> = {}, facts = FACTS): Record<string, unknown> {
  const [status] = report([{ warn_at: 0, ...budget }], more, facts).budgets;
  return Object.fromEntries(
    (status?.notOk ?? []).map(({ subject, limits }) => [subject, limits.map(({ used }) => used)]),
  );
}

describe("budgetReport", () => {
  it("counts day, week and month from their beginning until now", () => {
    expect(usedOf({ name: "b", per: "day", max_tokens: 1 })).toEqual({ "2026-11-22": [4 * TOKENS] });
    expect(usedOf({ name: "b", per: "week", max_tokens: 1 })).toEqual({ "2026-W47": [5 * TOKENS] });
    expect(usedOf({ name: "b", per: "month", max_tokens: 1 })).toEqual({ "2026-11": [5 * TOKENS] });
    expect(usedOf({ name: "b", per: "day", max_tokens: 1 }, { range: atMoment(NOON - 3 * DAY) })).toEqual({
      "2026-11-19": [TOKENS],
    });
  });

  it("looks at nothing behind the end of the range", () => {
    const untilTen = { startMillis: NOON - 2 * HOUR, endMillis: NOON - HOUR };
    expect(usedOf({ name: "b", per: "day", max_tokens: 1 }, { range: untilTen })).toEqual({ "2026-11-22": [TOKENS] });
  });

  it("has nothing to judge in a period that has not begun", () => {
    const tomorrow = { startMillis: NOON + DAY, endMillis: NOON + DAY };
    for (const per of ["day", "agent", "session", "task"] as const) {
      const found = report([{ name: "b", per, max_tokens: 1 }], { range: tomorrow });
      expect(found).toMatchObject({ state: "ok", budgets: [{ worst: null }], tokenWarnings: { peaks: [] } });
    }
  });

  it("judges each day of a longer range", () => {
    const range = { startMillis: NOON - 3 * DAY, endMillis: NOON };
    const [status] = report([{ name: "b", per: "day", max_tokens: TOKENS }], { range }).budgets;
    expect(status).toMatchObject({
      counts: { ok: 2, warning: 1, exceeded: 1 },
      worst: { subject: "2026-11-22" },
    });
  });

  it("gives each agent and project the whole budget", () => {
    expect(usedOf({ name: "b", per: "agent", window: "day", max_tokens: 1 })).toEqual({
      main: [2 * TOKENS],
      expert: [2 * TOKENS],
    });
    expect(usedOf({ name: "b", per: "project", max_tokens: 1 })).toEqual({
      "/home/dev/shop": [4 * TOKENS],
      "/home/dev/blog": [TOKENS],
    });
  });

  it("counts only what the filters of a budget name", () => {
    const day = { name: "b", per: "day", max_tokens: 1 } as const;
    const today = (tokens: number) => ({ "2026-11-22": [tokens] });
    expect(usedOf({ ...day, agent: "main" })).toEqual(today(2 * TOKENS));
    expect(usedOf({ ...day, model: "claude-haiku-4-5" })).toEqual(today(TOKENS));
    expect(usedOf({ ...day, project: "blog" })).toEqual(today(TOKENS));
    expect(usedOf({ ...day, project: "/home/dev" })).toEqual(today(4 * TOKENS));
    expect(usedOf({ ...day, project: "/home/dev/" })).toEqual(today(4 * TOKENS));
    expect(usedOf({ ...day, project: "/home/de" })).toEqual({});
    expect(usedOf({ ...day, product: "codex" })).toEqual({});
  });

  it("counts whole sessions that were active in the window, or the part of an agent or model", () => {
    const each = { name: "b", per: "session", max_tokens: 1 } as const;
    expect(usedOf(each)).toEqual({ s1: [3 * TOKENS], s2: [TOKENS] });
    expect(usedOf({ ...each, window: "week" })).toEqual({ s1: [3 * TOKENS], s2: [TOKENS], old: [TOKENS] });
    expect(usedOf({ ...each, agent: "expert" })).toEqual({ s1: [2 * TOKENS] });
    expect(usedOf({ ...each, model: "claude-haiku-4-5" })).toEqual({ s1: [TOKENS] });
    expect(usedOf({ ...each, project: "blog" })).toEqual({ s2: [TOKENS] });
    expect(usedOf(each, { sessionId: "s2" })).toEqual({ s2: [TOKENS] });
    expect(usedOf({ ...each, project: "nowhere" })).toEqual({});
  });

  it("counts a task's own calls, and for one session only what still runs", () => {
    const each = { name: "b", per: "task", max_tokens: 1 } as const;
    expect(usedOf(each)).toEqual({ t1: [TOKENS], t2: [2 * TOKENS], t3: [TOKENS] });
    expect(usedOf({ ...each, model: "claude-haiku-4-5" })).toEqual({ t2: [TOKENS] });
    expect(usedOf(each, { sessionId: "s2" })).toEqual({ t3: [TOKENS] });
    expect(usedOf(each, { sessionId: "s1" })).toEqual({});
  });

  it("knows cost, success rate and the 95th percentile everywhere", () => {
    const limits = { max_usd: 0.0001, min_success_rate: 0.99, max_p95_seconds: 1 };
    const day = usedOf({ name: "b", per: "day", ...limits })["2026-11-22"] as number[];
    const haiku = (1000 * 1 + 2000 * 0.1 + 300 * 1.25 + 400 * 5) / 1e6;
    expect(day[0]).toBeCloseTo(3 * COST + haiku, 9);
    expect(day[1]).toBe(0.5);
    expect(day[2]).toBeCloseTo(200, -1);
    expect(usedOf({ name: "b", per: "agent", window: "day", ...limits })).toMatchObject({
      expert: [expect.closeTo(COST + haiku, 9), 0, expect.closeTo(200, -1)],
    });
    expect(usedOf({ name: "b", per: "project", window: "day", project: "shop", ...limits })).toMatchObject({
      "/home/dev/shop": [expect.anything(), 0.5, expect.closeTo(200, -1)],
    });
    expect(usedOf({ name: "b", per: "session", ...limits })).toMatchObject({
      s1: [expect.closeTo(2 * COST + haiku, 9), 0.5, 200],
      s2: [expect.closeTo(COST, 9), null, null],
    });
    expect(usedOf({ name: "b", per: "task", ...limits })).toMatchObject({ t1: [expect.anything(), 1, 60] });
  });

  it("warns of sessions and tasks from the threshold on, without cache reads unless they are wanted", () => {
    const idsOf = (threshold: number, counts: "new" | "total", more: Partial<BudgetQuestion> = {}) =>
      report([], { warnThreshold: threshold, warnCounts: counts, ...more }).tokenWarnings.peaks.map(
        ({ kind, sessionId, taskId, tokens }) => [kind, taskId || sessionId, tokens],
      );
    expect(idsOf(3_400, "new")).toEqual([
      ["session", "s1", 5_100],
      ["task", "t2", 3_400],
    ]);
    expect(idsOf(7_400, "total")).toEqual([
      ["session", "s1", 11_100],
      ["task", "t2", 7_400],
    ]);
    expect(idsOf(5_101, "new")).toEqual([]);
    expect(idsOf(0, "new")).toEqual([]);
    expect(
      idsOf(1_700, "new", { filter: { projects: ["/home/dev/blog"] } })
        .map(([, id]) => id)
        .sort(),
    ).toEqual(["s2", "t3"]);
    expect(idsOf(3_400, "new", { filter: { agents: ["expert"] } })).toEqual([["task", "t2", 3_400]]);
    expect(
      idsOf(1_700, "new", { sessionId: "s2" })
        .map(([, id]) => id)
        .sort(),
    ).toEqual(["s2", "t3"]);
  });

  it("names the models without a price, and never takes their cost for nothing", () => {
    const facts = [...FACTS, call("s1", "t1", "c9", NOON - 10_000, { model: "house-model" })];
    const found = report([{ name: "b", per: "day", max_usd: 100 }], {}, facts);
    expect(found.unpricedModels).toEqual(["house-model"]);
    expect(found.budgets[0]).toMatchObject({ state: "unknown", worst: { limits: [{ isLowerBound: true }] } });
    expect(alertsOf(found).map(({ key, next }) => [key, next])).toEqual([
      ["unpriced house-model", 'add it to "prices" in the configuration'],
    ]);
  });
});

describe("alertsOf", () => {
  it("says what is used of what, where, and what to do next", () => {
    const found = report(
      [
        { name: "day", per: "day", max_tokens: 20_000, warn_at: 0.5 },
        { name: "week", per: "week", max_usd: 0.01 },
        { name: "month", per: "month", min_success_rate: 0.9 },
        { name: "agents", per: "agent", max_p95_seconds: 100 },
        { name: "project", per: "project", max_tokens: 10_000 },
        { name: "task", per: "task", max_tokens: 5_000 },
        { name: "session", per: "session", min_success_rate: 0.5 },
      ],
      { warnThreshold: 5_000 },
    );
    expect(alertsOf(found).map(({ message, next }) => `${message} ${next}`)).toMatchInlineSnapshot(`
      [
        "Budget "week" is exceeded: $0.05 of $0.01 spent in 2026-W47. moai-metrics weekly --last 1 --breakdown",
        "Budget "month" does not hold: success rate 67%, at least 90% is wanted, in 2026-11. moai-metrics monthly --last 1 --breakdown",
        "Budget "agents" does not hold: 95th percentile of task durations 3m 20s, at most 1m 40s is wanted, by agent expert in 2026-11. moai-metrics agent --breakdown",
        "Budget "project" is exceeded: 14.8K of 10.0K tokens by project /home/dev/shop in 2026-11. moai-metrics project --breakdown",
        "Budget "task" is exceeded: 7,400 of 5,000 tokens by task t2 on 2026-11-22. moai-metrics report task t2",
        "Budget "day" is used up to 74%: 14.8K of 20.0K tokens on 2026-11-22. moai-metrics daily --last 1 --breakdown",
        "Budget "session" is close to its limit: success rate 50%, at least 50% is wanted, by session s1 on 2026-11-22. moai-metrics session s1",
        "Session s1 used 5,100 new tokens, the threshold is 5,000. moai-metrics session s1",
      ]
    `);
    expect(new Set(alertsOf(found).map(({ key }) => key)).size).toBe(alertsOf(found).length);
  });
});

describe("renderBudgets", () => {
  const palette = createPalette(false);

  it("is nothing without budgets", () => {
    expect(renderBudgets(report([]), { columns: 80, palette })).toEqual([]);
    expect(tokenWarningNote(report([]))).toBeUndefined();
  });

  it("shows a few lines, the worst first, and counts the others", () => {
    const found = report([
      { name: "fine", per: "day", max_tokens: 1_000_000 },
      { name: "close", per: "week", max_tokens: 5 * TOKENS },
      { name: "over", per: "session", max_tokens: 5_000 },
      { name: "none", per: "agent", agent: "nobody", max_usd: 1 },
    ]);
    expect(renderBudgets(found, { columns: 80, palette, maxLines: 2 }).join("\n")).toMatchInlineSnapshot(`
      "Budget  State     Limit   Used   Of     Share  Which
      over    exceeded  tokens  11.1K  5,000  222%   session s1, worst of 2
      close   warning   tokens  18.5K  18.5K  100%   week 2026-W47
      and 2 more: moai-metrics budget"
    `);
    expect(renderBudgets(found, { columns: 80, palette }).join("\n")).toMatchInlineSnapshot(`
      "Budget  State     Limit   Used   Of     Share  Which
      ─────────────────────────────────────────────────────────────────────
      fine    ok        tokens  14.8K  1.0M   1%     day 2026-11-22
      close   warning   tokens  18.5K  18.5K  100%   week 2026-W47
      over    exceeded  tokens  11.1K  5,000  222%   session s1, worst of 2
      none    ok        –       –      –      –      no agent yet"
    `);
    const narrow = renderBudgets(found, { columns: 40, palette });
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(narrow.map((line) => line.split(/ +/).slice(0, 2).join(" "))).toEqual([
      "Budget State",
      "fine ok",
      "close warning",
      "over exceeded",
      "none ok",
    ]);
    const coloured = renderBudgets(found, { columns: 80, palette: createPalette(true) });
    expect(coloured.filter((line) => line.includes("\u001b[31m"))).toHaveLength(1);
    expect(coloured.filter((line) => line.includes("\u001b[33m"))).toHaveLength(1);
  });

  it("says in one sentence how many sessions and tasks used many tokens", () => {
    expect(tokenWarningNote(report([], { warnThreshold: 3_400 }))).toBe(
      "1 session and 1 task used 3,400 new tokens or more: moai-metrics budget",
    );
    expect(tokenWarningNote(report([], { warnThreshold: 1_700, warnCounts: "total" }))).toBe(
      "2 sessions and 3 tasks used 1,700 tokens or more: moai-metrics budget",
    );
  });
});
