import type { Alert } from "@moai-metrics/report";
import { resolveConfig } from "@moai-metrics/settings";
import { describe, expect, it } from "vitest";
import { alertsOfSession, budgetsOf, decideBudget } from "../../src/hook/decide-budget.ts";
import { type HookPayload, parseHookPayload } from "../../src/hook/hook-payload.ts";

function alert(more: Partial<Alert> = {}): Alert {
  return {
    key: "budget day",
    kind: "budget",
    state: "exceeded",
    message: "Too much.",
    next: "moai-metrics budget",
    budget: "day",
    per: "day",
    limit: "costUsd",
    subject: "2026-11-22",
    ...more,
  };
}

function payload(more: Partial<HookPayload> = {}): HookPayload {
  return {
    event: "PreToolUse",
    sessionId: "s",
    transcriptPath: undefined,
    folder: "/home/dev/shop/src",
    agent: "main",
    ...more,
  };
}

function decide(event: string, alerts: readonly Alert[], { mayStop = true, news = alerts } = {}): unknown {
  const text = decideBudget({ event, alerts, news, mayStop });
  return text === "" ? "" : JSON.parse(text);
}

describe("decideBudget", () => {
  const reason =
    "moai-metrics: Too much. See: moai-metrics budget\n" +
    "To go on, raise the limit in the configuration (moai-metrics config list).";
  const warning = { systemMessage: "moai-metrics: Too much. See: moai-metrics budget" };

  it("blocks a prompt, and stops the agent before and after its tools, when it may", () => {
    expect(decide("UserPromptSubmit", [alert()])).toEqual({ decision: "block", reason });
    for (const event of ["PreToolUse", "PostToolUse", "PostToolBatch"]) {
      expect(decide(event, [alert({ limit: "tokens" })])).toEqual({ continue: false, stopReason: reason });
    }
  });

  it("stops every time, also when the session was told before", () => {
    expect(decide("PreToolUse", [alert()], { news: [] })).toEqual({ continue: false, stopReason: reason });
  });

  it("only warns where nothing can be kept from happening, and where it may not stop", () => {
    expect(decide("Stop", [alert()])).toEqual(warning);
    expect(decide("SessionStart", [alert()])).toEqual(warning);
    expect(decide("PreToolUse", [alert()], { mayStop: false })).toEqual(warning);
  });

  it("only warns of warnings, and of limits that stopping does not mend", () => {
    expect(decide("PreToolUse", [alert({ state: "warning" })])).toEqual(warning);
    expect(decide("PreToolUse", [alert({ limit: "successRate" })])).toEqual(warning);
    expect(decide("PreToolUse", [alert({ limit: "p95Seconds" })])).toEqual(warning);
  });

  it("is silent within budget, and about what was told", () => {
    expect(decide("PreToolUse", [])).toBe("");
    expect(decide("PreToolUse", [alert({ state: "warning" })], { news: [] })).toBe("");
  });
});

describe("alertsOfSession", () => {
  it("leaves out other agents and projects, and prices", () => {
    const alerts = [
      alert(),
      alert({ per: "agent", subject: "main" }),
      alert({ per: "agent", subject: "expert" }),
      alert({ per: "project", subject: "/home/dev/shop" }),
      alert({ per: "project", subject: "/home/dev/shop/src" }),
      alert({ per: "project", subject: "/home/dev/sho" }),
      alert({ kind: "unpriced", subject: "m" }),
    ];
    expect(alertsOfSession(alerts, payload()).map(({ subject }) => subject)).toEqual([
      "2026-11-22",
      "main",
      "/home/dev/shop",
      "/home/dev/shop/src",
    ]);
    expect(alertsOfSession(alerts, payload({ folder: undefined, agent: "expert" }))).toHaveLength(2);
  });
});

describe("budgetsOf", () => {
  it("keeps the budgets that this agent uses up in this folder", () => {
    const { budgets } = resolveConfig({
      budgets: [
        { name: "all", per: "day", max_usd: 1 },
        { name: "named", per: "day", max_usd: 1, project: "shop" },
        { name: "path", per: "day", max_usd: 1, project: "/home/dev" },
        { name: "other project", per: "day", max_usd: 1, project: "blog" },
        { name: "expert", per: "day", max_usd: 1, agent: "expert" },
        { name: "codex", per: "day", max_usd: 1, product: "codex" },
        { name: "model", per: "day", max_usd: 1, model: "m" },
      ],
    });
    const names = (of: HookPayload) => budgetsOf(budgets, of).map(({ name }) => name);
    expect(names(payload())).toEqual(["all", "named", "path", "model"]);
    expect(names(payload({ agent: "expert" }))).toContain("expert");
    expect(names(payload({ folder: undefined }))).toEqual(["all", "model"]);
  });
});

describe("parseHookPayload", () => {
  it("reads what is there", () => {
    expect(
      parseHookPayload(
        JSON.stringify({
          session_id: "s",
          hook_event_name: "Stop",
          transcript_path: "/t.jsonl",
          cwd: "/w",
          agent_type: "expert",
        }),
      ),
    ).toEqual({ event: "Stop", sessionId: "s", transcriptPath: "/t.jsonl", folder: "/w", agent: "expert" });
    expect(parseHookPayload('{"session_id":"s","cwd":3}')).toEqual({
      event: "",
      sessionId: "s",
      transcriptPath: undefined,
      folder: undefined,
      agent: "main",
    });
  });

  it.each(["", "{", "[]", "null", "3", '{"session_id":""}', '{"session_id":1}'])("takes %j for no payload", (text) => {
    expect(parseHookPayload(text)).toBeUndefined();
  });
});
