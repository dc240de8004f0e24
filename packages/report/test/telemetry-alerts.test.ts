import type { Fact, ModelCallFact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { TELEMETRY_RULES, telemetryAlerts } from "../src/telemetry/telemetry-alerts.ts";
import { call, DAY, HOUR, NOON, storeWith } from "./support/ledger.ts";

const MINUTE = 60_000;
const { expectedCalls, silentCalls, recentCalls } = TELEMETRY_RULES;

/** Calls a minute apart that a transcript told of, the first one at a moment; heard ones a log told of as well. */
function calls(name: string, count: number, firstMillis: number, logged: Partial<ModelCallFact> | undefined): Fact[] {
  return Array.from({ length: count }, (_, at) => {
    const fact = call("s", "t", `${name}-${at}`, firstMillis + at * 2 * MINUTE);
    return logged === undefined ? [fact] : [fact, { ...fact, witness: "log" as const, ...logged }];
  }).flat();
}
const messagesOf = (facts: readonly Fact[], nowMillis = NOON): string[] =>
  telemetryAlerts(storeWith(facts).ledger, nowMillis).map(({ message }) => message);

describe("telemetry that stopped", () => {
  const heard = calls("heard", expectedCalls, NOON - 5 * HOUR, {});
  const silent = calls("silent", silentCalls, NOON - 2 * HOUR, undefined);

  it("is told when transcripts alone go on, with the moment at which it was last heard", () => {
    const [alert, ...others] = telemetryAlerts(storeWith([...heard, ...silent]).ledger, NOON);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      kind: "telemetry",
      state: "warning",
      subject: "claude-code",
      next: "moai-metrics reconcile",
    });
    expect(alert?.message).toBe(
      "Telemetry of claude-code stopped at 2026-11-22T07:38Z: 20 calls since then are known from transcripts alone.",
    );
  });

  it("is not told for fewer calls, over a shorter time, or where it was never expected", () => {
    expect(messagesOf([...heard, ...silent.slice(1)])).toEqual([]);
    expect(messagesOf([...heard.slice(2), ...silent])).toEqual([]);
    const quick = silent.map((fact, at) => ({ ...fact, endedAtMillis: NOON - HOUR + at * MINUTE }) as Fact);
    expect(messagesOf([...heard, ...quick])).toEqual([]);
    expect(messagesOf(silent)).toEqual([]);
    // A run with telemetry now and then among sessions without.
    expect(messagesOf([...heard, ...calls("between", 6, NOON - 5 * HOUR, undefined), ...silent])).toEqual([]);
  });

  it("is forgotten when it is heard again, and after a week", () => {
    expect(messagesOf([...heard, ...silent, ...calls("again", 1, NOON - MINUTE, {})])).toEqual([]);
    expect(messagesOf([...heard, ...silent], NOON + 8 * DAY)).toEqual([]);
  });
});

describe("what an agent used to tell", () => {
  const full = { durationMillis: 900, firstChunkMillis: 300, reportedCostNanoUsd: 1000 };

  it("is told when none of its newest calls has it any more", () => {
    const before = calls("before", recentCalls, NOON - 5 * HOUR, full);
    const { durationMillis: _, ...without } = full;
    expect(messagesOf([...before, ...calls("now", recentCalls, NOON - 2 * HOUR, without)])).toEqual([
      "claude-code no longer tells durations: none of its last 30 calls has one, those before did.",
    ]);
    expect(messagesOf([...before, ...calls("now", recentCalls, NOON - 2 * HOUR, {})])).toHaveLength(3);
  });

  it("is not told when some have it, when few had it before, or of few calls", () => {
    const before = calls("before", recentCalls, NOON - 5 * HOUR, full);
    const some = [...calls("now", recentCalls - 1, NOON - 2 * HOUR, {}), ...calls("one", 1, NOON - HOUR, full)];
    expect(messagesOf([...before, ...some])).toEqual([]);
    expect(messagesOf([...before.slice(2), ...calls("now", recentCalls, NOON - 2 * HOUR, {})])).toEqual([]);
    const mixed = [...calls("a", 25, NOON - 5 * HOUR, full), ...calls("b", 5, NOON - 4 * HOUR, {})];
    expect(messagesOf([...mixed, ...calls("now", recentCalls, NOON - 2 * HOUR, {})])).toEqual([]);
  });
});
