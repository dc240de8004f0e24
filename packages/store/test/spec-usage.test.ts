/** Usage by the SPEC that sessions are tagged with. */
import { describe, expect, it } from "vitest";
import { call, NOON, session, task, temporaryStore, tool } from "./helpers.ts";

const TAGS = { "moai.spec": "SPEC-AUTH-001", "moai.phase": "run" };

describe("usage by SPEC", () => {
  const store = () => {
    const opened = temporaryStore();
    opened.write({
      facts: [
        session({ tags: TAGS, project: "/home/dev/shop" }),
        session({ sessionId: "s2", project: "/home/dev/shop" }),
        task({ agent: "expert-backend", outcome: { result: "success", origin: "reported", atMillis: NOON + 5_000 } }),
        call(),
        tool({ isSuccess: false }),
        call({ sessionId: "s2", taskId: undefined, requestId: "r2", responseId: "m2", model: "claude-opus-5-5" }),
      ],
    });
    return opened;
  };

  it("adds up the calls, tasks and tools of its sessions by agent and model", () => {
    const groups = store().ledger.usageBySpec({ by: ["agent", "model"] });
    const figures = groups.map(({ spec, agent, model, calls, toolErrors, tasksByResult }) => [
      ...[spec, agent, model, calls, toolErrors, tasksByResult.success],
    ]);
    expect(figures.toSorted()).toEqual([
      ["", "", "claude-opus-5-5", 1, 0, 0],
      ["SPEC-AUTH-001", "expert-backend", "", 0, 1, 1],
      ["SPEC-AUTH-001", "expert-backend", "claude-sonnet-4-5", 1, 0, 0],
    ]);
  });

  it("adds up to what the rollups say, over any range and filter", () => {
    const { ledger } = store();
    for (const question of [
      {},
      { agents: ["expert-backend"] },
      { models: ["claude-opus-5-5"] },
      { projects: ["/no"] },
    ]) {
      const whole = ledger.usage(question);
      const parts = ledger.usageBySpec({ ...question, by: [] });
      const calls = parts.reduce((sum, part) => sum + part.calls, 0);
      expect([question, calls]).toEqual([question, whole[0]?.calls ?? 0]);
    }
    expect(ledger.usageBySpec({ range: { startMillis: 0, endMillis: NOON }, by: [] })).toEqual([]);
    expect(ledger.usageBySpec({ sessionIds: ["s1"], by: [] })).toMatchObject([{ spec: "SPEC-AUTH-001", calls: 1 }]);
  });
});
