/** When the reading thread reads what. */
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { DEFAULT_CONFIG, type MetricsConfig } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import SqliteDatabase from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { call, NOON, session, task } from "../../../report/test/support/ledger.ts";
import type { FromReader, ReaderQuestion } from "../../src/dashboard/live/messages.ts";
import { createReaderLoop } from "../../src/dashboard/live/reader-loop.ts";

const QUESTION: ReaderQuestion = {
  choice: { period: "7d", groupBy: "agent", trendUnit: "day" },
  filter: {},
  detail: undefined,
};
const FACTS: readonly Fact[] = [
  session("s", NOON - 60_000, NOON),
  task("s", "t", "main", NOON, undefined),
  call("s", "t", "r1", NOON),
];

function loopOver(path: string, config: MetricsConfig = DEFAULT_CONFIG) {
  let nowMillis = NOON + 1_000;
  const said: FromReader[] = [];
  const loop = createReaderLoop(
    {
      ...{ path, config, timeZone: "UTC", isSystemZone: false, workingFolder: "/" },
      ...{ intervalMillis: 5_000, isOwnData: true, question: QUESTION },
    },
    { now: () => nowMillis, say: (message) => said.push(message) },
  );
  onTestFinished(() => loop.close());
  return {
    loop,
    /** What was said since the last call. */
    take: () => said.splice(0),
    lookAfter: (millis: number) => {
      nowMillis += millis;
      loop.look();
      return said.splice(0);
    },
  };
}

const pathOfStore = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "reader-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "metrics.db");
};
const write = (path: string, facts: readonly Fact[]): void => {
  using store = openStore({ path });
  store.write({ facts });
};

/** The dashboards among messages. */
const dashboards = (messages: readonly FromReader[]) =>
  messages.flatMap((message) => (message.kind === "dashboard" ? [message.dashboard] : []));

describe("the reading thread", () => {
  it("waits for a store, says so once, and reads it when it comes", () => {
    const path = pathOfStore();
    const { lookAfter } = loopOver(path);
    expect(lookAfter(0)).toEqual([{ kind: "problem", message: `Nothing is stored yet at ${path}: waiting.` }]);
    expect(lookAfter(250)).toEqual([]);
    write(path, FACTS);
    expect(dashboards(lookAfter(250))).toMatchObject([{ summary: { totalTokens: 3_700 }, queue: { length: 1 } }]);
  });

  it("says what is in the way of a store that another process keeps to itself, and reads it when it lets go", () => {
    const path = pathOfStore();
    write(path, FACTS);
    const other = new SqliteDatabase(path);
    onTestFinished(() => void other.close());
    other.pragma("locking_mode = EXCLUSIVE");
    other.exec("BEGIN IMMEDIATE");
    const { lookAfter } = loopOver(path);
    const message = `Another process keeps ${path} to itself: waiting until it lets go.`;
    expect(lookAfter(0)).toEqual([{ kind: "problem", message }]);
    expect(lookAfter(250)).toEqual([]);
    other.close();
    expect(dashboards(lookAfter(250))).toMatchObject([{ summary: { totalTokens: 3_700 } }]);
  });

  it("reads what runs as soon as someone wrote, and figures of the period when they are due", () => {
    const path = pathOfStore();
    write(path, FACTS);
    const { lookAfter } = loopOver(path);
    expect(dashboards(lookAfter(0))).toMatchObject([{ queue: { tasks: [{ totalTokens: 3_700 }] } }]);
    // What is watched was left out of the first frame.
    expect(dashboards(lookAfter(250))).toHaveLength(1);
    expect(lookAfter(250)).toEqual([]);
    write(path, [call("s", "t", "r2", NOON + 1_200)]);
    const [live] = dashboards(lookAfter(250));
    expect(live).toMatchObject({ queue: { tasks: [{ totalTokens: 7_400 }] }, summary: { totalTokens: 3_700 } });
    expect(live?.queue.recentCalls).toHaveLength(2);
    expect(lookAfter(250)).toEqual([]);
    expect(dashboards(lookAfter(4_500))).toMatchObject([{ summary: { totalTokens: 7_400 } }]);
  });

  it("reads what is watched with its second look, and from then on within half a minute of a write", () => {
    const path = pathOfStore();
    write(path, FACTS);
    const tokens = { ...DEFAULT_CONFIG.tokens, warnThreshold: 1_000 };
    const { loop, take, lookAfter } = loopOver(path, { ...DEFAULT_CONFIG, tokens });
    const warned = (messages: readonly FromReader[]): string[] =>
      (dashboards(messages).at(-1)?.alerts ?? []).filter(({ kind }) => kind === "tokens").map(({ message }) => message);
    expect(warned(lookAfter(0))).toEqual([]);
    const before = warned(lookAfter(250));
    expect(before).not.toEqual([]);
    // Someone writes, and nobody ever after.
    write(path, [call("s", "t", "r2", NOON + 1_200)]);
    expect(warned(lookAfter(5_250))).toEqual(before);
    const seen = Array.from({ length: 6 }, () => warned(lookAfter(5_250)));
    expect(seen.at(-1)).not.toEqual(before);
    loop.take({ kind: "question", question: { ...QUESTION, filter: { agent: ["main"] } } });
    expect(warned(take())).not.toEqual(before);
  });

  it("goes on with time while nothing is written", () => {
    const path = pathOfStore();
    write(path, FACTS);
    const { lookAfter } = loopOver(path);
    lookAfter(0);
    const [first] = dashboards(lookAfter(0));
    const [second] = dashboards(lookAfter(5_000));
    expect((second?.queue.oldestAgeMs ?? 0) - (first?.queue.oldestAgeMs ?? 0)).toBe(5_000);
    const [over] = dashboards(lookAfter(1_800_000));
    expect(over?.queue.length).toBe(0);
  });

  it("reads at once what was asked for, with warnings about names that match nothing", () => {
    const path = pathOfStore();
    write(path, FACTS);
    const { loop, take, lookAfter } = loopOver(path);
    lookAfter(0);
    loop.take({ kind: "question", question: { ...QUESTION, filter: { agent: ["nobody"] } } });
    expect(take()).toMatchObject([
      {
        kind: "dashboard",
        dashboard: { summary: { totalTokens: 0 } },
        warnings: [/No agent/].map(() => expect.any(String)),
      },
    ]);
    const month = { ...QUESTION.choice, period: "30d" } as const;
    loop.take({ kind: "question", question: { ...QUESTION, choice: month } });
    expect(dashboards(take())).toMatchObject([{ period: { name: "30d" }, summary: { totalTokens: 3_700 } }]);
  });

  it("reads a detail when it is opened and when someone wrote", () => {
    const path = pathOfStore();
    write(path, FACTS);
    const { loop, take, lookAfter } = loopOver(path);
    lookAfter(0);
    lookAfter(0);
    const detail = { kind: "task", sessionId: "s", taskId: "t" } as const;
    loop.take({ kind: "question", question: { ...QUESTION, detail } });
    expect(take()).toMatchObject([{ kind: "detail", detail: { subject: detail, timeline: [{ kind: "call" }] } }]);
    expect(lookAfter(250)).toEqual([]);
    write(path, [call("s", "t", "r2", NOON + 1_200)]);
    expect(lookAfter(250)).toMatchObject([{ kind: "dashboard" }, { detail: { timeline: [{}, {}] } }]);
    loop.take({ kind: "question", question: QUESTION });
    expect(take()).toEqual([]);
  });

  it("shows readings as soon as there are some", () => {
    const path = pathOfStore();
    write(path, FACTS);
    const { loop, lookAfter } = loopOver(path);
    expect(dashboards(lookAfter(0))).toMatchObject([{ resources: { store: {}, dashboard: null } }]);
    loop.take({ kind: "readings", receiver: null, process: { residentBytes: 5, busyShare: 0.5 } });
    expect(dashboards(lookAfter(250))).toMatchObject([{ resources: { dashboard: { residentBytes: 5 } } }]);
  });

  it("notices that the file was replaced, and tells what is wrong with one that is no store", () => {
    const [path, other] = [pathOfStore(), pathOfStore()];
    write(path, FACTS);
    write(other, [call("s", "t", "r9", NOON), call("s", "t", "r8", NOON), call("s", "t", "r7", NOON)]);
    const { lookAfter } = loopOver(path);
    lookAfter(0);
    renameSync(other, path);
    expect(dashboards(lookAfter(5_000))).toMatchObject([{ summary: { totalTokens: 11_100 } }]);
    rmSync(path);
    expect(lookAfter(5_000)).toMatchObject([{ kind: "problem" }]);
  });
});
