/** The live dashboard over a real store: its own thread reads, transcripts are taken in, the terminal is replayed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { databasePath, loadConfig } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { call, session, task } from "../../../report/test/support/ledger.ts";
import { createCliContext } from "../../src/create-context.ts";
import type { DashboardFlags } from "../../src/dashboard/dashboard-flags.ts";
import { runLive } from "../../src/dashboard/live/run-live.ts";
import { readEnvironment } from "../../src/environment.ts";
import { homeWithTranscripts, moveTranscripts, temporaryHome } from "../support/run-binary.ts";
import { createFakeTerminal } from "../support/terminal.ts";

const FLAGS: DashboardFlags = { color: true, period: "7d", groupBy: "agent", by: "day", interval: 1 };

function start(home: string, { isOwnData = true, variables = {} as Record<string, string> } = {}) {
  const terminal = createFakeTerminal(100, 30);
  const environment = readEnvironment({
    ...{ env: { HOME: home, TZ: "UTC", ...variables }, cwd: () => home },
    ...{ stdout: terminal.stdout, stderr: { isTTY: true }, stdin: terminal.stdin },
  });
  const context = createCliContext(environment, { stdout: terminal.stdout, stderr: { write: () => true } });
  const storage = join(home, ".local", "share", "moai-metrics");
  const over = runLive(
    context,
    FLAGS,
    { path: databasePath(storage), storage: isOwnData ? storage : undefined },
    terminal,
  );
  onTestFinished(async () => {
    terminal.type("\u0003");
    await over;
  });
  const see = (text: string): Promise<void> =>
    vi.waitFor(async () => expect((await terminal.screen()).join("\n")).toContain(text), {
      timeout: 20_000,
      interval: 50,
    });
  return { terminal, over, storage, see };
}

/** The session of the fixture happened just now. */
function transcriptsOfNow(): string {
  const home = homeWithTranscripts();
  moveTranscripts(home, new Date(Date.now() - 1_000).toISOString().slice(0, 19), "2026-11-22T07:37:34");
  return home;
}

describe("the live dashboard", () => {
  it("takes transcripts in while no receiver runs, and shows a call that is written while it is open", async () => {
    const { see, storage, terminal, over } = start(transcriptsOfNow());
    await see("expert-backend");
    await see("live from transcripts");
    await see("Receiver    not running");
    using store = openStore({ path: databasePath(storage) });
    const now = Date.now();
    store.write({
      facts: [session("new", now, now), task("new", "t", "newcomer", now, undefined), call("new", "t", "r", now)],
    });
    await see("1 running");
    terminal.type("\t");
    await see("task t");
    terminal.type("\r");
    await see("call claude-sonnet-4-5");
    terminal.type("q");
    await over;
    expect(await terminal.isAlternate()).toBe(false);
    // What draws all day took over the screen, instead of entering it again.
    expect(terminal.written.split("\u001b[?1049h")).toHaveLength(2);
    expect(terminal.written.split("\u001b[?1049l")).toHaveLength(2);
  });

  it("says that it waits where nothing is stored", async () => {
    const { see } = start(temporaryHome(), { variables: { MOAI_METRICS_DISABLED: "1" } });
    await see("Nothing is stored yet");
  });

  it("is not live over data that is not the user's own", async () => {
    const home = temporaryHome();
    const path = databasePath(join(home, ".local", "share", "moai-metrics"));
    mkdirSync(join(path, ".."), { recursive: true });
    {
      using store = openStore({ path });
      const now = Date.now();
      store.write({ facts: [session("s", now, now), task("s", "t", "someone", now, "success")] });
    }
    const { see, terminal } = start(home, { isOwnData: false });
    await see("someone");
    await see("This screen");
    expect((await terminal.screen()).join("\n")).not.toContain("Receiver");
  });

  it("uses the settings that hold", async () => {
    const home = transcriptsOfNow();
    mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
    const metrics = { budgets: [{ name: "Much too little", per: "day", max_tokens: 10 }] };
    writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics }));
    expect(loadConfig({ environment: { HOME: home }, folder: "/" }).config.budgets).toHaveLength(1);
    await start(home).see("Much too little");
  });
});
