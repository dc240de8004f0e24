/** What a person sees on the terminal: the bytes that the shell writes, replayed. */
import { createPalette } from "@moai-metrics/report";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { HOSTILE_NAMES } from "../../../report/test/support/hostile-names.ts";
import { createSession, type Session } from "../../src/dashboard/live/session.ts";
import { showApp } from "../../src/dashboard/live/show-app.ts";
import { renderScreen } from "../../src/dashboard/screen/render-screen.ts";
import { DASHBOARD, stateOf } from "../support/dashboards.ts";
import { createFakeTerminal, type FakeTerminal } from "../support/terminal.ts";

const PLAIN = createPalette(false);

interface Shown {
  readonly terminal: FakeTerminal;
  readonly session: Session;
  readonly over: Promise<void>;
}

function show(columns: number, rows: number, isColoured = true): Shown {
  const terminal = createFakeTerminal(columns, rows);
  terminal.stdout.write("before\r\n");
  const session = createSession(stateOf(columns, rows), {}, { ask: () => {}, write: async () => "Written." });
  const over = showApp(session, createPalette(isColoured), terminal);
  onTestFinished(async () => {
    session.end();
    await over;
  });
  return { terminal, session, over };
}

/** The screen is what the state says, once everything was written. */
async function expectScreen({ terminal, session }: Shown): Promise<void> {
  const seen = (lines: readonly string[]): string =>
    lines
      .map((line) => line.trimEnd())
      .join("\n")
      .trimEnd();
  const expected = seen(renderScreen(session.state(), PLAIN));
  await vi.waitFor(async () => expect(seen(await terminal.screen())).toBe(expected), {
    timeout: 5_000,
  });
}

describe.each([
  [80, 24],
  [120, 40],
])("at %d × %d", (columns, rows) => {
  it("draws the state, in colours and without", async () => {
    await expectScreen(show(columns, rows));
    await expectScreen(show(columns, rows, false));
  });

  it("follows keys, one by one and together", async () => {
    const shown = show(columns, rows);
    const typed = async (text: string, focus: string): Promise<void> => {
      shown.terminal.type(text);
      await vi.waitFor(() => expect(shown.session.state().focus).toBe(focus));
      await expectScreen(shown);
    };
    await typed("\t", "queue");
    await typed("\u001b[C", "trends");
    await typed("\u001b[Z", "queue");
    await typed("\t\t\t", "alerts");
    shown.terminal.type("?");
    await vi.waitFor(() => expect(shown.session.state().isHelpShown).toBe(true));
    await expectScreen(shown);
    shown.terminal.type("j/expert\r");
    await vi.waitFor(() => expect(shown.session.state().filter).toBe("expert"));
    await expectScreen(shown);
  });

  it("follows what happens, call by call", async () => {
    const shown = show(columns, rows);
    for (let i = 1; i <= 5; i++) {
      const [call] = DASHBOARD.queue.recentCalls;
      if (call === undefined) throw new Error("There is no call.");
      const recentCalls = [{ ...call, agent: `agent-${i}`, totalTokens: i * 1_111 }];
      const dashboard = { ...DASHBOARD, queue: { ...DASHBOARD.queue, recentCalls, length: i } };
      shown.session.take({ kind: "dashboard", dashboard, warnings: [] });
      await expectScreen(shown);
    }
  });
});

/** Begins at 80 × 24 and looks at the screen after each resize. */
async function seeEachSize(sizes: readonly (readonly [columns: number, rows: number])[]): Promise<void> {
  const shown = show(80, 24);
  await expectScreen(shown);
  for (const [columns, rows] of sizes) {
    await shown.terminal.resize(columns, rows);
    await vi.waitFor(() => expect(shown.session.state()).toMatchObject({ columns, rows }));
    await expectScreen(shown);
  }
}

it("resizes without garbage", async () => {
  await seeEachSize([
    [120, 40],
    [60, 18],
    [240, 80],
    [40, 10],
    [100, 30],
    [60, 18],
    [81, 25],
  ]);
});

it("leaves nothing of lines that were wider than the screen has become", async () => {
  await seeEachSize([
    [60, 17],
    [20, 5],
    [10, 5],
    [30, 10],
    [8, 3],
    [60, 10],
    [20, 10],
  ]);
});

it("shows hostile names and nothing that they would do", async () => {
  const shown = show(80, 24);
  for (const name of HOSTILE_NAMES.filter((_, i) => i % 6 === 0)) {
    const rows = DASHBOARD.agents.rows.map((row) => ({ ...row, name }));
    const dashboard = { ...DASHBOARD, agents: { ...DASHBOARD.agents, rows } };
    shown.session.take({ kind: "dashboard", dashboard, warnings: [] });
    const expected = renderScreen(shown.session.state(), PLAIN);
    await vi.waitFor(async () => {
      const screen = await shown.terminal.screen();
      // How wide some characters are is for each terminal to say; the lines around them stay in place.
      expect(screen.slice(0, 8)).toEqual(expected.slice(0, 8));
      expect(screen.slice(12)).toEqual(expected.slice(12));
    });
  }
});

it("leaves the terminal as it was", async () => {
  const { terminal, session, over } = show(80, 24);
  await vi.waitFor(async () => expect(await terminal.isAlternate()).toBe(true));
  expect(await terminal.isCursorVisible()).toBe(false);
  terminal.type("q");
  await over;
  expect(session.state().isOver).toBe(true);
  expect(await terminal.isAlternate()).toBe(false);
  expect(await terminal.isCursorVisible()).toBe(true);
  expect((await terminal.screen())[0]).toBe("before");
});

it("leaves the terminal as it was when drawing fails", async () => {
  const terminal = createFakeTerminal(80, 24);
  const session = createSession(stateOf(80, 24), {}, { ask: () => {}, write: async () => "" });
  const over = showApp(session, createPalette(false), terminal);
  const failed = expect(over).rejects.toThrow();
  await vi.waitFor(async () => expect(await terminal.isAlternate()).toBe(true));
  session.take({ kind: "dashboard", dashboard: { ...DASHBOARD, agents: undefined } as never, warnings: [] });
  await failed;
  expect(await terminal.isAlternate()).toBe(false);
  expect(await terminal.isCursorVisible()).toBe(true);
});
