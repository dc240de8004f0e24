import { readFileSync } from "node:fs";
import type { Fact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { mapHook } from "../../src/index.ts";

const AT = Date.UTC(2026, 10, 22, 7, 37, 34);
const EXPERT = "agent:af78b6fb22be885ff";
const PROMPT = "prompt:3ac1fe85-7319-498c-b275-f5bdba803ee9";

const recorded = readFileSync(new URL("../fixtures/claude-code-otlp/subagent-hooks.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line, at) => mapHook(JSON.parse(line), AT + at * 10));

describe("the hooks of a recorded run", () => {
  const facts = recorded.flatMap((mapped): readonly Fact[] => (typeof mapped === "string" ? [] : mapped));

  it("name the subagent, its parent and the ends of both runs", () => {
    const tasks = facts.filter((fact) => fact.kind === "task");
    expect(tasks.map(({ taskId, agent, outcome }) => [taskId, agent, outcome?.result])).toEqual([
      [PROMPT, "main", undefined],
      [EXPERT, "expert-backend", undefined],
      [EXPERT, "expert-backend", "success"],
      [PROMPT, "main", "success"],
    ]);
    expect(tasks[1]).toMatchObject({ taskKind: "subagent", parentTaskId: PROMPT });
  });

  it("tell each tool call, its task and how it ended", () => {
    const ends = facts.filter((fact) => fact.kind === "tool_call" && fact.isSuccess !== undefined);
    expect(
      ends.map((fact) => fact.kind === "tool_call" && [fact.callId, fact.taskId, fact.tool, fact.isSuccess]),
    ).toEqual([
      ["toolu_3", EXPERT, "Write", true],
      ["toolu_4", EXPERT, "Edit", true],
      ["toolu_5", EXPERT, "Bash", true],
      ["toolu_6", EXPERT, "Bash", false],
      ["toolu_2", PROMPT, "Agent", true],
    ]);
  });

  it("know the folder of the session and its end, and keep no content", () => {
    expect(facts.find((fact) => fact.kind === "session")).toMatchObject({ project: "/home/devusr/work2" });
    expect(facts.findLast((fact) => fact.kind === "session")).toMatchObject({ hasEnded: true });
    expect(JSON.stringify(facts)).not.toMatch(/DELEGATE|MAKE-ERROR|made\.txt|exit 3|stand-in/);
    expect(recorded.filter((mapped) => typeof mapped === "string")).toEqual([]);
  });
});

describe("a hook", () => {
  const payload = (hook_event_name: string, more: object = {}) => ({ session_id: "s", hook_event_name, ...more });

  it.each([
    [undefined, "hook without a session"],
    [[], "hook without a session"],
    [{ hook_event_name: "Stop" }, "hook without a session"],
    [payload("Notification"), "hook without figures: Notification"],
    [payload("my secret"), "hook without figures: (odd name)"],
  ])("that tells nothing is told as such (%#)", (given, reason) => {
    expect(mapHook(given, AT)).toBe(reason);
  });

  it("tells why a turn failed, and how long a tool took", () => {
    expect(mapHook(payload("StopFailure", { prompt_id: "p", error: "rate_limit" }), AT)).toMatchObject([
      { kind: "session" },
      { taskId: "prompt:p", outcome: { result: "failure", origin: "reported", errorType: "rate_limit" } },
    ]);
    expect(mapHook(payload("StopFailure", { prompt_id: "p", error: "a secret text" }), AT)).toMatchObject([
      {},
      { outcome: { errorType: "unknown" } },
    ]);
    expect(
      mapHook(payload("PostToolUse", { tool_use_id: "t", tool_name: "Bash", duration_ms: "250" }), AT),
    ).toMatchObject([{}, { witness: "hook", startedAtMillis: AT - 250, endedAtMillis: AT, isSuccess: true }]);
  });

  it("without ids tells at least that its session lives", () => {
    for (const event of ["Stop", "PreToolUse", "SubagentStop"]) {
      expect(mapHook(payload(event), AT)).toMatchObject([{ kind: "session", sessionId: "s" }]);
    }
  });
});
