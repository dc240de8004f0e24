/** The reading thread's work, in the test's own process: it looks, takes in, and does what it is told. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_CONFIG, databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { growTranscripts } from "../../../../bench/lib/growing-transcripts.ts";
import { generateTranscripts } from "../../../../bench/transcripts.ts";
import { call, session, task } from "../../../report/test/support/ledger.ts";
import type { FromReader, ReaderQuestion, ToReader } from "../../src/dashboard/live/messages.ts";
import { createReader } from "../../src/dashboard/live/reader.ts";
import { homeWithTranscripts, temporaryHome } from "../support/run-binary.ts";

const QUESTION: ReaderQuestion = {
  choice: { period: "90d", groupBy: "agent", trendUnit: "day" },
  filter: {},
  detail: undefined,
};

function start(home: string, waiting: () => ToReader | undefined = () => undefined) {
  const storage = join(home, "storage");
  const path = databasePath(storage);
  const said: FromReader[] = [];
  let hasEnded = false;
  const reader = createReader(
    {
      ...{ path, config: DEFAULT_CONFIG, timeZone: "UTC", isSystemZone: false, workingFolder: "/" },
      ...{ intervalMillis: 1_000, isOwnData: true, question: QUESTION },
      sources: { storage, environment: { HOME: home }, homeFolder: home },
    },
    { say: (message) => said.push(message), waiting, onEnd: () => (hasEnded = true) },
  );
  const ended = (): Promise<void> => vi.waitFor(() => expect(hasEnded).toBe(true), { timeout: 10_000, interval: 20 });
  onTestFinished(async () => {
    reader.take({ kind: "stop" });
    await ended();
  });
  const dashboards = () =>
    said.flatMap((message) => (message.kind === "dashboard" ? [{ ...message.dashboard, ...message }] : []));
  return {
    reader,
    path,
    ended,
    said,
    see: (check: (last: ReturnType<typeof dashboards>[number] | undefined) => void) =>
      vi.waitFor(() => check(dashboards().at(-1)), { timeout: 20_000, interval: 20 }),
  };
}

describe("the reading thread", () => {
  it("takes in what agents left and what they write while it is told to", async () => {
    const home = homeWithTranscripts();
    const { reader, see } = start(home);
    reader.take({ kind: "taking_in", isOn: true });
    await see((last) => expect(last?.agents.rows.map(({ name }) => name)).toContain("expert-backend"));
    const growing = growTranscripts(join(home, ".claude", "projects"));
    growing.step(Date.now());
    await see((last) => expect(last?.queue.sessions).toHaveLength(4));
    // It may be turned on and off again and again.
    reader.take({ kind: "taking_in", isOn: true });
    reader.take({ kind: "taking_in", isOn: false });
    reader.take({ kind: "taking_in", isOn: false });
  });

  it("shows a call that someone else wrote, without being asked to look", async () => {
    const home = temporaryHome();
    mkdirSync(join(home, "storage"), { recursive: true });
    using store = openStore({ path: databasePath(join(home, "storage")) });
    const { see } = start(home);
    await see((last) => expect(last?.queue.length).toBe(0));
    const now = Date.now();
    store.write({
      facts: [session("s", now, now), task("s", "t", "newcomer", now, undefined), call("s", "t", "r", now)],
    });
    await see((last) => expect(last?.queue.recentCalls).toMatchObject([{ agent: "newcomer" }]));
  });

  it("says why nothing can be stored, while there is nothing to read", async () => {
    const home = homeWithTranscripts();
    writeFileSync(join(home, "storage"), "a file where the folder would be");
    const { reader, said, path } = start(home);
    reader.take({ kind: "taking_in", isOn: true });
    const problem = (): string =>
      said.flatMap((message) => (message.kind === "problem" ? [message.message] : [])).at(-1) ?? "";
    await vi.waitFor(() => expect(problem()).toContain("ENOTDIR"), { timeout: 20_000, interval: 20 });
    expect(problem()).toContain(path);
  });

  it("does what it is told in the middle of taking much in", async () => {
    const home = temporaryHome();
    const tree = generateTranscripts(join(home, ".claude", "projects"), {
      totalBytes: 12_000_000,
      startMillis: Date.now() - 3_600_000,
    });
    let asked = 0;
    const { reader, path, ended } = start(home, () => {
      asked += 1;
      return asked === 1 ? { kind: "stop" } : undefined;
    });
    reader.take({ kind: "taking_in", isOn: true });
    await ended();
    using store = openStore({ path, readOnly: true });
    const { totalCalls } = store.query.summary({});
    expect(totalCalls).toBeGreaterThan(0);
    expect(totalCalls).toBeLessThan(tree.modelCalls);
  });

  it("says why nothing is taken in", async () => {
    const home = homeWithTranscripts();
    mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
    writeFileSync(join(home, ".config", "moai-metrics", "config.json"), "no JSON");
    mkdirSync(join(home, "storage"), { recursive: true });
    openStore({ path: databasePath(join(home, "storage")) }).close();
    const { reader, see } = start(home);
    reader.take({ kind: "taking_in", isOn: true });
    await see((last) => expect(last?.warnings).toEqual([expect.stringContaining("config.json")]));
  });
});
