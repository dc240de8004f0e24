import type { ToldCalls } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { type Comparison, planReason } from "../../src/reconcile/plan-reasons.ts";

const MINUTE = 60_000;
const calls = (fields: Partial<ToldCalls> = {}): ToldCalls => ({
  calls: 4,
  callsWithoutUsage: 0,
  tokens: { input: 10, cacheRead: 20, cacheWrite: 5, output: 7 },
  firstMillis: 1000,
  lastMillis: 4000,
  ...fields,
});
const reason = (fields: Partial<Comparison> & { readonly calls?: Partial<ToldCalls> }): string | null => {
  const told = calls(fields.calls);
  return planReason({
    teller: "log",
    ledger: calls(),
    told: { tokens: told.tokens, calls: told },
    hasOtherTelemetry: true,
    quietMillis: 60 * MINUTE,
    ...fields,
  });
};
const metric = (output: number, quietMillis = 60 * MINUTE): string | null =>
  reason({ teller: "metric", told: { tokens: { ...calls().tokens, output } }, quietMillis });

describe("the reason of a gap", () => {
  it("is none where a witness told what the ledger holds", () => {
    expect(reason({})).toBeNull();
    expect(metric(7)).toBeNull();
  });

  it("tells a witness that said nothing by what else was heard", () => {
    expect(reason({ told: undefined })).toBe("not_sent");
    expect(reason({ told: undefined, hasOtherTelemetry: false })).toBe("telemetry_off");
    expect(reason({ told: undefined, teller: "transcript" })).toBe("no_transcript");
  });

  it("tells at which end calls are missing", () => {
    expect(reason({ calls: { calls: 3, firstMillis: 2000 } })).toBe("began_later");
    expect(reason({ calls: { calls: 3, lastMillis: 3000 } })).toBe("stopped_earlier");
    expect(reason({ calls: { calls: 3 } })).toBe("calls_missing");
    expect(reason({ calls: { calls: 2, firstMillis: 2000, lastMillis: 3000 } })).toBe("calls_missing");
  });

  it("tells other counts of the same calls, also where the total is the same", () => {
    expect(reason({ calls: { tokens: { input: 11, cacheRead: 19, cacheWrite: 5, output: 7 } } })).toBe("other_counts");
  });

  it("waits two minutes for a metric that is exported every minute", () => {
    expect(metric(6, 2 * MINUTE - 1)).toBe("not_exported_yet");
    expect(metric(6, 2 * MINUTE)).toBe("exports_lost");
    expect(metric(8, 0)).toBe("beyond_calls");
  });
});
