import type { Fact } from "@moai-metrics/model";
import type { SeriesIdentity, Store } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { PRODUCT_TELLINGS } from "../../../agents/src/telling.ts";
import { reconcileReport } from "../../src/reconcile/reconcile-report.ts";
import { reconcileTable } from "../../src/reconcile/reconcile-table.ts";
import { createPalette } from "../../src/render/palette.ts";
import { renderTable } from "../../src/render/table.ts";
import { call, HOUR, NOON, session, storeWith, tool } from "../support/ledger.ts";

const QUESTION = { filter: {}, tellings: PRODUCT_TELLINGS, nowMillis: NOON + 24 * HOUR };
const log = { witness: "log" } as const;

/** Points of the metric in which Claude Code counts its tokens. */
function writeMetric(
  store: Store,
  model: string,
  temporality: "delta" | "cumulative",
  values: readonly [string, number][],
): void {
  const identity = (type: string): SeriesIdentity => ({
    metric: "claude_code.token.usage",
    kind: "sum",
    unit: "tokens",
    description: "",
    temporality,
    isMonotonic: true,
    valueType: "double",
    attributes: { "session.id": "s", model, type },
    resource: {},
    scope: { name: "com.anthropic.claude_code", version: "" },
  });
  store.writePoints({
    series: values.map(([type, value], at) => ({
      identity: identity(type),
      points: [
        {
          startTimeUnixNano: BigInt(NOON) * 1_000_000n,
          timeUnixNano: BigInt(NOON + at + 1) * 1_000_000n,
          value: { kind: "number", value },
        },
      ],
    })),
  });
}

describe("a session of which every witness told the same", () => {
  it("agrees, and the metric is counted with the name that calls are told by", () => {
    const facts = [call("s", "t", "r1", NOON), call("s", "t", "r2", NOON + 1000)];
    const store = storeWith([session("s", NOON, NOON + 1000), ...facts, ...facts.map((fact) => ({ ...fact, ...log }))]);
    const { input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output = 0 } = facts[0]?.usage ?? {};
    writeMetric(store, "claude-sonnet-4-5[1m]", "cumulative", [
      ["input", 2 * input],
      ["cacheRead", 2 * cacheRead],
      ["cacheCreation", 2 * (cacheWrite5m + cacheWrite1h)],
      ["output", output],
      ["output", 2 * output],
    ]);
    const { sessions, totals } = reconcileReport(store, QUESTION);
    expect(sessions).toMatchObject([{ sessionId: "s", agreement: "agrees" }]);
    expect(
      sessions[0]?.models[0]?.witnesses.map(({ witness, gapTokens, reason }) => [witness, gapTokens, reason]),
    ).toEqual([
      ["transcript", 0, null],
      ["log", 0, null],
      ["span", -totals.ledger.totalTokens, "not_sent"],
      ["metric", 0, null],
    ]);
    expect(totals).toMatchObject({ sessions: 1, agree: 1, differ: 0, oneWitness: 0 });
    expect(totals.witnesses).toMatchObject({ log: { calls: 2 }, metric: { calls: null } });
    expect(totals.witnesses.span).toBeUndefined();
  });
});

describe("a session of which one witness told less", () => {
  const store = () =>
    storeWith([
      session("s", NOON, NOON + 3000),
      ...[1, 2, 3].map((n) => call("s", "t", `r${n}`, NOON + n * 1000)),
      ...[2, 3].map((n) => ({ ...call("s", "t", `r${n}`, NOON + n * 1000), ...log })),
      tool("s", "t", "u1", "Bash", NOON + 1000),
      { ...tool("s", "t", "u1", "Bash", NOON + 1000), witness: "hook" as const },
    ]);

  it("differs, and says at which end", () => {
    const { sessions, totals } = reconcileReport(store(), QUESTION);
    const told = sessions[0]?.models[0]?.witnesses.find(({ witness }) => witness === "log");
    expect(told).toMatchObject({ calls: 2, gapCalls: -1, reason: "began_later" });
    expect(told?.gapTokens).toBe(-totals.ledger.totalTokens / 3);
    expect(totals).toMatchObject({ differ: 1, agree: 0 });
  });

  it("fits 80 columns: one line for the ledger, one for each witness, one for hooks that know tools only", () => {
    const lines = renderTable(reconcileTable(reconcileReport(store(), QUESTION), { isCompact: true }), {
      columns: 80,
      palette: createPalette(false),
      timeZone: "UTC",
    });
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const words = lines.slice(2).map((line) => line.trim().split(/ {2,}/));
    expect(words.slice(0, 6).map((line) => line.find((word) => /^[a-z]+$/.test(word) && word !== "s"))).toEqual([
      "ledger",
      "transcript",
      "log",
      "span",
      "metric",
      "hook",
    ]);
    expect(lines.find((line) => line.includes("log"))).toContain("began late");
  });
});

describe("tokens that hooks reported of tasks", () => {
  const reported = (sessionId: string, tokens: number): Fact => ({
    kind: "task",
    witness: "hook",
    product: "claude-code",
    sessionId,
    taskId: `hook:${sessionId}`,
    taskKind: "hook",
    agent: "main",
    lastSeenAtMillis: NOON,
    outcome: { result: "success", origin: "reported", atMillis: NOON },
    report: { name: "task-001", tokens, durationMillis: HOUR, knowsSession: true },
  });
  const store = () =>
    storeWith([call("covered", "t", "r1", NOON - 60_000), reported("covered", 9000), reported("alone", 25_000)]);

  it("are told beside the calls, with what of them counts, also of sessions without a call", () => {
    const { sessions } = reconcileReport(store(), QUESTION);
    const told = Object.fromEntries(sessions.map(({ sessionId, hookTokens }) => [sessionId, hookTokens]));
    expect(told).toEqual({ covered: { reported: 9000, counted: 0 }, alone: { reported: 25_000, counted: 25_000 } });
  });

  it("have a line of their own, without a gap", () => {
    const { rows } = reconcileTable(reconcileReport(store(), QUESTION), { isCompact: true });
    const lines = rows.filter(({ witness }) => witness === "hook");
    expect(
      lines.map(({ sessionId, totalTokens, gapTokens }) => [sessionId, totalTokens, gapTokens]).toSorted(),
    ).toEqual([
      ["alone", 25_000, null],
      ["covered", 9000, null],
    ]);
    expect(rows.filter(({ isFirstOfSession }) => isFirstOfSession)).toHaveLength(2);
  });
});

describe("sessions", () => {
  it("without any telemetry have one line for it on a screen, and all of them in CSV", () => {
    const report = reconcileReport(storeWith([call("s", "t", "r1", NOON)]), QUESTION);
    const linesOf = (isCompact: boolean): (string | undefined)[] => {
      const { columns, rows } = reconcileTable(report, { isCompact });
      const witness = columns.find(({ key }) => key === "witness");
      return rows.map((row) => witness?.shortValue?.(row));
    };
    expect(linesOf(true)).toEqual(["ledger", "transcript", "telemetry"]);
    expect(linesOf(false)).toEqual(["ledger", "transcript", "log", "span", "metric"]);
  });

  it("of products that are not known by name have the witnesses that they had", () => {
    const facts = [call("s", "t", "r1", NOON)].map((fact) => ({
      ...fact,
      product: "shop",
      witness: "process" as const,
    }));
    const { sessions } = reconcileReport(storeWith(facts), QUESTION);
    expect(sessions).toMatchObject([{ product: "shop", agreement: "one_witness" }]);
    expect(sessions[0]?.models[0]?.witnesses).toHaveLength(1);
  });

  it("are chosen by the beginning of their id and by number, and are left out without a call", () => {
    const store = storeWith([
      call("aa", "t", "r1", NOON),
      call("ab", "t", "r2", NOON + 1000),
      tool("ac", "t", "u", "Bash", NOON),
    ]);
    const ids = (more: object): string[] =>
      reconcileReport(store, { ...QUESTION, ...more }).sessions.map(({ sessionId }) => sessionId);
    expect(ids({})).toEqual(["ab", "aa"]);
    expect(ids({ idPrefix: "aa" })).toEqual(["aa"]);
    expect(ids({ last: 1 })).toEqual(["ab"]);
    expect(reconcileReport(store, { ...QUESTION, idPrefix: "x" }).totals).toMatchObject({
      sessions: 0,
      ledger: { calls: 0, totalTokens: 0 },
    });
  });
});
