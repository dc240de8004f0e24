/** What keys do to the state. */

import { createPalette, type DashboardDetail } from "@moai-metrics/report";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KeyName, type KeyPress, pressKey } from "../../src/dashboard/keys.ts";
import { agentRows, queueRows } from "../../src/dashboard/rows.ts";
import { renderScreen } from "../../src/dashboard/screen/render-screen.ts";
import { type DashboardState, SECTIONS } from "../../src/dashboard/state.ts";
import { DASHBOARD, stateOf } from "../support/dashboards.ts";

const NAMES: readonly KeyName[] = [
  ...(["up", "down", "left", "right", "pageUp", "pageDown", "home", "end"] as const),
  ...(["tab", "backTab", "enter", "escape", "backspace", "interrupt"] as const),
];

/** Names of keys as they are; everything else letter by letter. */
function press(state: DashboardState, ...keys: readonly string[]): DashboardState {
  return keys.reduce((each, key) => {
    const name = NAMES.find((known) => known === key);
    return name === undefined
      ? [...key].reduce((typed, text) => pressKey(typed, { text }), each)
      : pressKey(each, { name });
  }, state);
}

const START = stateOf(80, 24);
const detail = (rows: number): DashboardDetail => ({
  ...{ subject: { kind: "agent", agent: "a" }, isKnown: true, fields: [], isCutOff: false },
  timeline: Array.from({ length: rows }, (_, i) => ({
    ...{ kind: "task", at: DASHBOARD.at, name: `t${i}`, agent: "a", durationMs: 1, totalTokens: 1, totalCost: 1 },
    ...{ result: "success", errorType: null, sessionId: "s", taskId: `t${i}` },
  })),
});

describe("keys", () => {
  it("go through the sections and back", () => {
    const focuses = SECTIONS.map((_, i) => press(START, ...Array.from({ length: i }, () => "tab")).focus);
    expect(focuses).toEqual([...SECTIONS]);
    expect(press(START, "backTab").focus).toBe("alerts");
    expect(press(START, "left", "right").focus).toBe("agents");
  });

  it("choose rows, and never one that is not there", () => {
    expect(press(START, "j", "down").selected.agents).toBe(2);
    expect(press(START, "j", "k", "up").selected.agents).toBe(0);
    expect(press(START, "end").selected.agents).toBe(3);
    expect(press(START, "pageDown", "pageUp", "home").selected.agents).toBe(0);
    expect(press(START, "tab", "end").selected.queue).toBe(4);
    expect(press(START, "tab", "tab", "down").selected.trends).toBe(0);
    const gone = { ...START, selected: { ...START.selected, agents: 3 }, filter: "expert" };
    expect(press(gone, "up").selected.agents).toBe(1);
  });

  it("change period, group, unit, order and measure, and begin at the first row again", () => {
    const moved = press(START, "j");
    expect(press(moved, "p")).toMatchObject({ choice: { period: "30d" }, selected: { agents: 0 } });
    expect(press(START, "ppp").choice.period).toBe("today");
    expect(press(START, "gggg").choice.groupBy).toBe("agent");
    expect(press(START, "g").choice.groupBy).toBe("model");
    expect(press(START, "tab", "tab", "g").choice.trendUnit).toBe("week");
    expect(press(START, "tab", "tab", "s").measure).toBe("cost");
    expect(press(START, "s").sort).toBe("cost");
    expect(press(START, "ssssss").sort).toBe("tokens");
  });

  it("open an agent, a task, a session and a call, and come back", () => {
    expect(press(START, "enter").detail?.subject).toEqual({ kind: "agent", agent: "expert-backend" });
    const queue = press(START, "tab");
    expect(press(queue, "enter").detail?.subject).toEqual({ kind: "task", sessionId: "session-1", taskId: "task-1" });
    expect(press(queue, "jj", "enter").detail?.subject).toEqual({ kind: "session", sessionId: "session-1" });
    expect(press(queue, "jjj", "enter").detail?.subject).toMatchObject({ kind: "task", taskId: "task-2" });
    expect(press(queue, "jjjj", "enter").detail?.subject).toEqual({ kind: "session", sessionId: "session-1" });
    expect(press(queue, "enter", "escape").detail).toBeUndefined();
    expect(press(START, "tab", "tab", "enter")).toEqual(press(START, "tab", "tab"));
    expect(press({ ...START, dashboard: undefined }, "enter").detail).toBeUndefined();
  });

  it("scroll a timeline and open its task", () => {
    const open = {
      ...START,
      detail: { subject: { kind: "agent", agent: "a" }, content: detail(3), offset: 0 },
    } as const;
    expect(press(open, "jjjjj").detail?.offset).toBe(2);
    expect(press(open, "j", "enter").detail?.subject).toEqual({ kind: "task", sessionId: "s", taskId: "t1" });
    expect(press(open, "tab").focus).toBe("agents");
    const task = press(open, "enter");
    expect(press(task, "enter")).toEqual(task);
  });

  it("filter by what is typed", () => {
    const typed = press(START, "/", "debugg", "backspace", "enter");
    expect([typed.filter, typed.editing]).toEqual(["debug", undefined]);
    expect(agentRows(typed).map(({ name }) => name)).toEqual(["expert-debug"]);
    expect(queueRows(press(START, "/", "tester", "enter")).map(({ kind }) => kind)).toEqual(["task", "call"]);
    expect(press(typed, "/", "x", "escape").filter).toBe("debug");
    expect(press(typed, "escape").filter).toBe("");
    expect(press(START, "/", "q", "down").isOver).toBe(false);
  });

  it("narrow to the chosen name where rows are not agents", () => {
    const models = { ...START, choice: { ...START.choice, groupBy: "model" as const } };
    expect(press(models, "enter").filter).toBe("model:expert-backend");
    const spaced = {
      ...DASHBOARD.agents,
      rows: DASHBOARD.agents.rows.map((row) => ({ ...row, name: 'my "own" model' })),
    };
    expect(press({ ...models, dashboard: { ...DASHBOARD, agents: spaced } }, "enter").filter).toBe(
      'model:"my own model"',
    );
  });

  it("help, write and quit", () => {
    const help = press(START, "?");
    expect(help.isHelpShown).toBe(true);
    expect(press(help, "j")).toMatchObject({ isHelpShown: false, selected: { agents: 0 } });
    expect(press(help, "q").isOver).toBe(true);
    expect(press(START, "e").exports).toBe(1);
    expect(press(START, "q").isOver).toBe(true);
    expect(press(START, "/", "interrupt").isOver).toBe(true);
    expect(press({ ...START, notice: "Written." }, "j").notice).toBeUndefined();
    expect(press(START, "x", "escape")).toEqual(START);
  });

  it("in any order leave a state that can be drawn", () => {
    const anyKey: fc.Arbitrary<KeyPress> = fc.oneof(
      fc.constantFrom(...NAMES.filter((name) => name !== "interrupt")).map((name) => ({ name })),
      fc.constantFrom(..."jkpgse?/x").map((text) => ({ text })),
    );
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 40 }), (keys) => {
        const state = keys.reduce(pressKey, START);
        expect(renderScreen(state, createPalette(false)).length).toBe(24);
        expect(state.selected[state.focus]).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
