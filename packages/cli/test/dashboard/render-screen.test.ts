/** The screen as a function of its state. */
import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import {
  createPalette,
  type Dashboard,
  type DashboardQuestion,
  dashboardDetail,
  dashboardReport,
  widthOf,
} from "@moai-metrics/report";
import { DEFAULT_CONFIG } from "@moai-metrics/settings";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONTROL_CHARACTERS, HOSTILE_NAMES } from "../../../report/test/support/hostile-names.ts";
import { call, NOON, session, storeWith, task, tool } from "../../../report/test/support/ledger.ts";
import { renderScreen } from "../../src/dashboard/screen/render-screen.ts";
import { renderSpoken } from "../../src/dashboard/screen/render-spoken.ts";
import { type DashboardState, initialState, SECTIONS, TREND_MEASURES } from "../../src/dashboard/state.ts";
import { DASHBOARD, stateOf } from "../support/dashboards.ts";

const PLAIN = createPalette(false);
const COLOURED = createPalette(true);
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
const STYLES = /\u001b\[\d+m/g;

const textOf = (state: DashboardState): string => renderScreen(state, PLAIN).join("\n");

function expectToFit(state: DashboardState): void {
  const lines = renderScreen(state, COLOURED);
  expect(lines.length).toBeLessThanOrEqual(state.rows);
  for (const coloured of lines) {
    const plain = coloured.replaceAll(STYLES, "");
    expect(plain).not.toMatch(CONTROL_CHARACTERS);
    expect(widthOf(plain)).toBeLessThanOrEqual(state.columns);
  }
}

describe("the screen", () => {
  it.each([
    [80, 24],
    [120, 40],
    [60, 18],
  ])("at %d × %d", async (columns, rows) => {
    await expect(`${textOf(stateOf(columns, rows))}\n`).toMatchFileSnapshot(
      `../snapshots/dashboard-${columns}x${rows}.txt`,
    );
  });

  it("shows what is chosen: another section, its chosen row, help, a filter while it is typed", async () => {
    const screens = [
      stateOf(80, 24, { focus: "queue", selected: { agents: 0, queue: 1, trends: 0, resources: 0, alerts: 0 } }),
      stateOf(80, 24, { focus: "trends", measure: "cost" }),
      stateOf(80, 24, { focus: "resources", label: "SIMULATED DATA: invented." }),
      stateOf(80, 24, { focus: "alerts", filter: "task" }),
      stateOf(80, 24, { isHelpShown: true }),
      stateOf(80, 24, { editing: "project:shop" }),
    ].map(textOf);
    await expect(`${screens.join(`\n${"═".repeat(80)}\n`)}\n`).toMatchFileSnapshot("../snapshots/dashboard-states.txt");
  });

  it("fits at every size, whatever is chosen", () => {
    const anyState = fc.record({
      columns: fc.integer({ min: 1, max: 240 }),
      rows: fc.integer({ min: 1, max: 80 }),
      focus: fc.constantFrom(...SECTIONS),
      measure: fc.constantFrom(...TREND_MEASURES),
      filter: fc.constantFrom("", "expert", "nothing like that"),
      editing: fc.option(fc.string(), { nil: undefined }),
      isHelpShown: fc.boolean(),
      isOnce: fc.boolean(),
      notice: fc.option(fc.string({ maxLength: 300 }), { nil: undefined }),
      label: fc.option(fc.string(), { nil: undefined }),
      dashboard: fc.constantFrom(undefined, DASHBOARD),
    });
    fc.assert(
      fc.property(anyState, ({ columns, rows, ...more }) => expectToFit(stateOf(columns, rows, more))),
      { numRuns: 400 },
    );
  });

  it.each([
    [60, 18],
    [80, 24],
  ])("tells every key in full at %d × %d", (columns, rows) => {
    const text = textOf(stateOf(columns, rows, { isHelpShown: true }));
    expect(text).not.toContain("…");
    for (const told of ["Any key goes back", "next or previous", "product: agent: model:", "quit", "not known"]) {
      expect(text).toContain(told);
    }
  });

  it("tells of the newest call once, and of open sessions where there are two lines", () => {
    const calls = (text: string): number => text.match(/last call|call 12:00:04/g)?.length ?? 0;
    expect(calls(textOf(stateOf(60, 18)))).toBe(1);
    for (const text of [textOf(stateOf(80, 24)), textOf(stateOf(120, 40))]) {
      expect(text).toContain("1 session open");
      expect(calls(text)).toBe(1);
    }
  });

  it("tells of the newest call also where more tasks run than there are rows", () => {
    const [running] = DASHBOARD.queue.tasks;
    if (running === undefined) throw new Error("There is no task.");
    const tasks = Array.from({ length: 60 }, (_, i) => ({ ...running, taskId: `task-${i}` }));
    const dashboard = { ...DASHBOARD, queue: { ...DASHBOARD.queue, tasks } };
    for (const [columns, rows] of [
      [60, 18],
      [80, 24],
      [120, 40],
    ] as const) {
      expect(textOf(stateOf(columns, rows, { dashboard }))).toContain("last call");
    }
  });

  it("says so where a chart has no room for the whole stretch", () => {
    const [bucket] = DASHBOARD.trends.buckets;
    if (bucket === undefined) throw new Error("There is no bucket.");
    const buckets = Array.from({ length: 90 }, (_, i) => ({ ...bucket, totalTokens: i }));
    const dashboard = { ...DASHBOARD, trends: { ...DASHBOARD.trends, buckets } };
    expect(textOf(stateOf(120, 40, { dashboard }))).toMatch(/Tokens {2}newest \d\d of 90 days/);
    const small = textOf(stateOf(80, 24, { dashboard }));
    const [, chart = "", told] = /Tokens +([▁▂▃▄▅▆▇█]+) {2}newest (\d+), now 89, most 89/.exec(small) ?? [];
    expect(chart).toHaveLength(Number(told));
  });

  it("says in one line that it needs more room", () => {
    expect(renderScreen(stateOf(59, 18), PLAIN)).toEqual(["59 × 18 is too small: enlarge to 60 × 18, or q to quit."]);
    expect(renderScreen(stateOf(60, 17), PLAIN)).toHaveLength(1);
  });

  it("says the whole of what keeps it from reading, over as many lines as that takes", () => {
    const problem = `${"/a/long/path".repeat(5)}/metrics.db is damaged. Run "moai-metrics db salvage" to save what can be read.`;
    const state = { ...initialState({ columns: 60, rows: 18 }), problem };
    const lines = renderScreen(state, PLAIN).map((text) => text.trimEnd());
    expect(lines.slice(1, -1).join(" ")).toContain('Run "moai-metrics db salvage" to save what can be read.');
    expectToFit(state);
  });

  it("waits for the first answer", () => {
    expect(textOf(initialState({ columns: 80, rows: 24 }))).toContain("Reading the store …");
  });

  it("tells levels by marks and words as well as by colours", () => {
    const [plain, coloured] = [PLAIN, COLOURED].map((palette) => renderScreen(stateOf(80, 24), palette).join("\n"));
    expect(coloured?.replaceAll(STYLES, "")).toBe(plain);
    expect(plain).toMatch(/expert-backend .*89%!/);
    expect(plain).toMatch(/expert-frontend? .*75%!!/);
    expect(plain).toContain("▼ 15% better");
    expect(coloured).toContain("\u001b[32m▼ 15% better");
  });

  it("has something to say where there is nothing", () => {
    const question = { period: "7d", groupBy: "agent", trendUnit: "day", filter: {} } as const;
    const nothing = dashboardReport(storeWith([]), {
      ...{ ...question, nowMillis: NOON, calendar: createZoneCalendar("UTC"), config: DEFAULT_CONFIG },
    });
    const text = textOf(stateOf(80, 24, { dashboard: nothing }));
    expect(text).toContain("Nothing in this period.");
    expect(text).toContain("Nothing runs · 0 sessions open");
    expect(text).toContain("None.");
    expectToFit(stateOf(80, 24, { dashboard: nothing, focus: "trends" }));
  });
});

describe("hostile names", () => {
  const facts = HOSTILE_NAMES.flatMap((name, i): Fact[] => [
    { ...session(`s${i}${name}`, NOON - 9_000, NOON), project: `/p/${name}`, branch: name, version: name } as Fact,
    task(`s${i}${name}`, `t${i}${name}`, name, NOON + i, i % 2 === 0 ? undefined : "failure", {
      errorType: name,
    } as object),
    call(`s${i}${name}`, `t${i}${name}`, `r${i}`, NOON, { model: name }),
    tool(`s${i}${name}`, `t${i}${name}`, `c${i}`, name, NOON),
  ]);
  const store = () => storeWith(facts);
  const question: DashboardQuestion = {
    ...{ period: "7d", groupBy: "agent", trendUnit: "day", filter: {}, nowMillis: NOON + 60_000 },
    ...{ calendar: createZoneCalendar("UTC"), config: DEFAULT_CONFIG },
  };

  it("stay in their place in every section and in every detail", () => {
    const source = store();
    for (const groupBy of ["agent", "model", "project"] as const) {
      const dashboard: Dashboard = dashboardReport(source, { ...question, groupBy });
      for (const focus of SECTIONS) {
        for (let row = 0; row < HOSTILE_NAMES.length; row += 37) {
          const selected = { agents: row, queue: row, trends: 0, resources: 0, alerts: row };
          for (const [columns, rows] of [
            [60, 18],
            [80, 24],
            [120, 40],
            [240, 80],
          ] as const) {
            expectToFit(stateOf(columns, rows, { dashboard, focus, selected, filter: HOSTILE_NAMES[row] ?? "" }));
            expectToFit(stateOf(columns, rows, { dashboard, focus, selected, notice: HOSTILE_NAMES[row] }));
          }
        }
      }
    }
    for (const [i, name] of HOSTILE_NAMES.entries()) {
      if (i % 11 !== 0) continue;
      for (const subject of [
        { kind: "agent", agent: name },
        { kind: "session", sessionId: `s${i}${name}` },
        { kind: "task", sessionId: `s${i}${name}`, taskId: `t${i}${name}` },
      ] as const) {
        const content = dashboardDetail(source, question, subject);
        expectToFit(stateOf(80, 24, { detail: { subject, content, offset: 0 } }));
        expectToFit(stateOf(60, 18, { detail: { subject, content, offset: 1 } }));
      }
    }
  });

  it("stay on their line when they are read aloud", () => {
    for (const line of renderSpoken(dashboardReport(store(), question), "a label")) {
      expect(line).not.toMatch(CONTROL_CHARACTERS);
      expect(line).not.toContain("\n");
    }
  });
});
