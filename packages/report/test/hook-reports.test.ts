/** What hooks reported of tasks, in rows, totals and the PRD's documents. */
import type { TaskFact } from "@moai-metrics/model";
import { createZoneCalendar } from "@moai-metrics/model";
import type { Store } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { exportCsv } from "../src/export/export-csv.ts";
import { taskMetricsDocument, taskReport, taskTable, tokenUsageDocument } from "../src/index.ts";
import { renderCsv } from "../src/render/csv.ts";
import { usageByDimension, usageByPeriod } from "../src/usage-rows.ts";
import { call, HOUR, NOON, session, storeWith, task } from "./support/ledger.ts";

const UTC = createZoneCalendar("UTC");

function hook(taskId: string, agent: string, atMillis: number): TaskFact {
  return {
    kind: "task",
    witness: "hook",
    product: "claude-code",
    sessionId: "s1",
    taskId,
    taskKind: "hook",
    agent,
    lastSeenAtMillis: atMillis,
    outcome: { result: "success", origin: "reported", atMillis },
    report: { name: "task-001", tokens: 25_000, durationMillis: 90_000, knowsSession: true },
  };
}

/** A call of 3,700 tokens in a run of `main`; a hook that tells of the same, and an earlier one that tells of more. */
function day(): Store {
  return storeWith([
    session("s1", NOON - HOUR, NOON),
    task("s1", "t1", "main", NOON, "success"),
    call("s1", "t1", "r1", NOON),
    hook("hook:early", "expert-backend", NOON - HOUR),
    hook("hook:same", "main", NOON + 1),
  ]);
}

describe("tokens that only a hook reported", () => {
  it("are in the total of a row and of the table, and in none of its parts", () => {
    const { rows, totals } = usageByPeriod(day().ledger, { unit: "day", calendar: UTC, filter: {} });
    const expected = { totalTokens: 28_700, undividedTokens: 25_000, inputTokens: 1_000, outputTokens: 400, calls: 1 };
    expect(rows).toMatchObject([expected]);
    expect(totals).toMatchObject({ ...expected, tasksCompleted: 3 });
  });

  it("belong to their agent, and to a model that is not known", () => {
    const byAgent = usageByDimension(day().ledger, { dimensions: ["agent"], filter: {} });
    expect(byAgent.rows).toMatchObject([
      { agent: "expert-backend", totalTokens: 25_000, averageDurationMs: 90_000 },
      { agent: "main", totalTokens: 3_700, undividedTokens: 0 },
    ]);
    const byModel = usageByDimension(day().ledger, { dimensions: ["model"], filter: {} });
    expect(byModel.rows.map(({ model, totalTokens }) => [model, totalTokens])).toEqual([
      ["unknown", 25_000],
      ["claude-sonnet-4-5", 3_700],
    ]);
  });

  it("say where they come from in a row of the task, whether they count or not", () => {
    const report = taskReport(day().ledger, { filter: {} });
    const figures = report.rows.map(({ taskId, taskName, totalTokens, tokensOrigin, reportedTokens, durationMs }) => [
      ...[taskId, taskName, totalTokens, tokensOrigin, reportedTokens, durationMs],
    ]);
    expect(figures).toEqual([
      ["hook:early", "task-001", 25_000, "reported by hook", 25_000, 90_000],
      ["t1", null, 3_700, "calls", null, 60_000],
      ["hook:same", "task-001", 0, null, 25_000, 90_000],
    ]);
    // The hook that tells of the same run adds neither tokens nor time.
    expect(report.totals).toMatchObject({ totalTokens: 28_700, durationMs: 150_000, tasksCompleted: 3 });
    const [header, first] = renderCsv(taskTable(report, { isBrokenDown: false })).split("\n");
    expect(header).toContain("taskName,tokensOrigin,reportedTokens");
    expect(first).toContain("task-001,reported by hook,25000");
    const store = day();
    const csv = exportCsv(
      { query: store.query, ledger: store.ledger } as never,
      { filter: {}, nowMillis: NOON },
      "tasks",
    );
    expect([...csv].join("")).toContain(",task-001,");
  });

  it("are in the PRD's documents: the newest task of a name, and what the sum of a session has no parts for", () => {
    const store = day();
    expect(taskMetricsDocument(store, "task-001")?.task_metrics).toMatchObject({
      task_id: "task-001",
      key: "hook:same",
      tokens_used: 0,
      tokens_origin: null,
    });
    expect(taskMetricsDocument(store, "hook:early")?.task_metrics).toMatchObject({
      task_id: "task-001",
      duration_ms: 90_000,
      started_at: "2026-11-22T10:58:30Z",
      tokens_used: 25_000,
      tokens_origin: "reported by hook",
    });
    const { token_usage } = tokenUsageDocument(store, "s1") ?? {};
    expect(token_usage).toMatchObject({
      total_tokens: 28_700,
      by_category: { prompt: 3_300, completion: 400, undivided: 25_000 },
    });
  });
});
