import type { Alert } from "@moai-metrics/report";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planTold, type Told } from "../../src/alerts/plan-told.ts";

const DAY = 86_400_000;

function alert(key: string, state: Alert["state"] = "warning"): Alert {
  return { key, kind: "budget", state, message: key, next: "", subject: key };
}

const keysOf = (alerts: readonly Alert[]): string[] => alerts.map(({ key }) => key);

describe("planTold", () => {
  it("tells each alert once, and again when its state changes", () => {
    const first = planTold([alert("budget a"), alert("tokens b")], {}, 0);
    expect(keysOf(first.news)).toEqual(["budget a", "tokens b"]);
    expect(planTold([alert("budget a"), alert("tokens b")], first.told, 1).news).toEqual([]);
    const second = planTold([alert("budget a", "exceeded"), alert("tokens b")], first.told, 1);
    expect(keysOf(second.news)).toEqual(["budget a"]);
    expect(second.told["budget a"]).toEqual({ state: "exceeded", atMillis: 1 });
  });

  it("forgets a budget that holds again and telemetry that is back, and remembers tokens that were used for forty days", () => {
    const { told } = planTold([alert("budget a"), alert("tokens b"), alert("telemetry duration c")], {}, 0);
    expect(Object.keys(planTold([], told, DAY).told)).toEqual(["tokens b"]);
    expect(Object.keys(planTold([], told, 40 * DAY).told)).toEqual([]);
    expect(Object.keys(planTold([alert("tokens b")], told, 400 * DAY).told)).toEqual(["tokens b"]);
  });

  it("has no news right after it told", () => {
    const alerts = fc.uniqueArray(
      fc.record({ key: fc.stringMatching(/^(budget|tokens) [a-d]$/), state: fc.constantFrom("warning", "exceeded") }),
      { selector: ({ key }) => key },
    );
    fc.assert(
      fc.property(fc.array(alerts), (rounds) => {
        let told: Told = {};
        rounds.forEach((round, at) => {
          const now = round.map(({ key, state }) => alert(key, state as Alert["state"]));
          told = planTold(now, told, at).told;
          expect(planTold(now, told, at + 1).news).toEqual([]);
        });
      }),
    );
  });
});
