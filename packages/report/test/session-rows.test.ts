import type { SessionFact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { renderCsv } from "../src/render/csv.ts";
import { createPalette } from "../src/render/palette.ts";
import { renderSessionCard } from "../src/render/session-card.ts";
import { renderTable } from "../src/render/table.ts";
import { sessionReport } from "../src/session-rows.ts";
import { sessionTable } from "../src/tables/session-table.ts";
import { taskTable } from "../src/tables/task-table.ts";
import { toolTable } from "../src/tables/tool-table.ts";
import { taskReport } from "../src/task-rows.ts";
import { toolReport } from "../src/tool-rows.ts";
import { call, HOUR, NOON, session, storeWith, task, tool } from "./support/ledger.ts";

const OPTIONS = { columns: 80, palette: createPalette(false), timeZone: "UTC" };

function twoSessions() {
  return storeWith([
    session("aaaa-1", NOON - 2 * HOUR, NOON - HOUR),
    session("bbbb-2", NOON - HOUR / 2, NOON),
    task("aaaa-1", "t1", "main", NOON - HOUR, "success"),
    task("bbbb-2", "t2", "main", NOON, "failure", {
      outcome: { result: "failure", origin: "reported", atMillis: NOON, errorType: "rate_limit" },
    }),
    task("bbbb-2", "t3", "expert-backend", NOON - 60_000, undefined, { parentTaskId: "t2" }),
    call("aaaa-1", "t1", "r1", NOON - HOUR),
    call("bbbb-2", "t2", "r2", NOON),
    call("bbbb-2", "t3", "r3", NOON - 60_000),
    tool("bbbb-2", "t3", "u1", "Bash", NOON - 90_000, false),
    tool("bbbb-2", "t3", "u2", "Bash", NOON - 80_000),
    tool("bbbb-2", "t3", "u3", "Edit", NOON - 70_000),
    {
      witness: "transcript",
      kind: "file_change",
      product: "claude-code",
      sessionId: "bbbb-2",
      taskId: "t3",
      path: "/home/dev/shop/a.ts",
      change: "modified",
      atMillis: NOON - 70_000,
    },
  ]).ledger;
}

describe("sessions", () => {
  it("tell duration, tasks, tools with counts, files and errors by type, oldest first", () => {
    const { rows, totals } = sessionReport(twoSessions(), { filter: {} });
    expect(rows.map((row) => row.sessionId)).toEqual(["aaaa-1", "bbbb-2"]);
    expect(rows[1]).toMatchObject({
      project: "/home/dev/shop",
      branch: "main",
      version: "2.1.197",
      startedAt: "2026-11-22T11:30:00.000Z",
      lastActivity: "2026-11-22T12:00:00.000Z",
      wallDurationMs: HOUR / 2,
      activeDurationMs: HOUR / 2,
      tasksCompleted: 1,
      successRate: 0,
      openTasks: 1,
      toolCalls: 3,
      toolErrors: 1,
      tools: { Bash: { calls: 2, errors: 1 }, Edit: { calls: 1, errors: 0 } },
      filesCreated: 0,
      filesModified: 1,
      errors: { rate_limit: 1, tool_error: 1 },
      errorCount: 2,
      calls: 2,
      totalTokens: 7400,
    });
    expect(totals).toMatchObject({ calls: 3, tasksCompleted: 2, toolCalls: 3, activeDurationMs: 1.5 * HOUR });
  });

  it("can be limited to the newest, or to an id's beginning", () => {
    const ledger = twoSessions();
    expect(sessionReport(ledger, { filter: {}, last: 1 }).rows.map((row) => row.sessionId)).toEqual(["bbbb-2"]);
    expect(sessionReport(ledger, { filter: {}, idPrefix: "aa" }).rows.map((row) => row.sessionId)).toEqual(["aaaa-1"]);
  });

  it("show on 80 columns what matters, and all in CSV", () => {
    const table = sessionTable(sessionReport(twoSessions(), { filter: {} }), { isBrokenDown: true });
    const lines = renderTable(table, OPTIONS);
    expect(lines[0]).toMatch(/^Started +Session +Project +Active .*Tasks .*Total +Cost$/);
    expect(lines[3]).toMatch(/^└ claude-sonnet-4-5/);
    const csv = renderCsv(table).split("\n");
    expect(csv[0]).toContain("tools,errors");
    expect(csv[2]).toContain('"Bash 2 (1 failed), Edit 1","rate_limit 1, tool_error 1"');
  });

  it("show in full on a card", () => {
    const [, second] = sessionReport(twoSessions(), { filter: {} }).rows;
    const lines = renderSessionCard(second!, OPTIONS);
    expect(lines[0]).toBe("Session bbbb-2");
    expect(lines).toContain("Tools           3 calls: Bash 2 (1 failed), Edit 1");
    expect(lines).toContain("Tasks           1 completed, 0% successful (1 failure, 1 open)");
    expect(lines).toContain("Errors          rate_limit 1, tool_error 1");
  });

  it("without anything in them have a card all the same", () => {
    const ledger = storeWith([session("s", NOON, NOON + 1)]).ledger;
    const lines = renderSessionCard(sessionReport(ledger, { filter: {} }).rows[0]!, OPTIONS);
    expect(lines).toContain("Tasks           0 completed");
    expect(lines).toContain("Tools           0 calls: –");
    expect(lines).toContain("Errors          none");
  });
});

describe("tasks", () => {
  it("tell who ran them, how they ended, and only their own figures", () => {
    const { rows, totals } = taskReport(twoSessions(), { filter: {} });
    expect(rows.map((row) => [row.taskId, row.agent, row.result, row.totalTokens])).toEqual([
      ["t1", "main", "success", 3700],
      ["t3", "expert-backend", "open", 3700],
      ["t2", "main", "failure", 3700],
    ]);
    expect(rows[1]).toMatchObject({
      parentTaskId: "t2",
      kind: "subagent",
      endedAt: null,
      resultOrigin: null,
      durationMs: 60_000,
      filesModified: 1,
      toolErrors: 1,
    });
    expect(rows[2]).toMatchObject({ errorType: "rate_limit", endedAt: "2026-11-22T12:00:00.000Z" });
    expect(totals).toMatchObject({ tasksCompleted: 2, successRate: 0.5, openTasks: 1, calls: 3 });
    expect(taskReport(twoSessions(), { filter: {}, last: 1 }).rows.map((row) => row.taskId)).toEqual(["t2"]);
  });

  it("fit on 80 columns with the agent's whole name", () => {
    const lines = renderTable(taskTable(taskReport(twoSessions(), { filter: {} }), { isBrokenDown: true }), OPTIONS);
    expect(lines.some((line) => line.includes("expert-backend") && line.includes("open"))).toBe(true);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });
});

describe("wide screens and CSV", () => {
  it("have every column of tasks", () => {
    const table = taskTable(taskReport(twoSessions(), { filter: {} }), { isBrokenDown: false });
    const [header = ""] = renderTable(table, { ...OPTIONS, columns: 400 });
    expect(header).toMatch(/Started .*Task .*Kind .*Error .*Project .*Session .*Parent .*Models$/);
    const csv = renderCsv(table).split("\n");
    expect(csv[0]).toMatch(/^startedAt,endedAt,agent,taskId,kind,result,errorType,resultOrigin,/);
    expect(csv[3]).toMatch(
      /^2026-11-22T11:59:00.000Z,2026-11-22T12:00:00.000Z,main,t2,prompt,failure,rate_limit,reported,60000,/,
    );
  });

  it("have every column of sessions", () => {
    const table = sessionTable(sessionReport(twoSessions(), { filter: {} }), { isBrokenDown: false });
    const [header = ""] = renderTable(table, { ...OPTIONS, columns: 400 });
    expect(header).toMatch(/Product .*Branch .*Version .*Wall .*Tools used .*Errors by type .*Models$/);
  });
});

describe("tools", () => {
  it("tell how often they were called and failed", () => {
    const report = toolReport(twoSessions(), {});
    expect(report.rows).toEqual([
      { tool: "Bash", calls: 2, errors: 1, errorRate: 0.5, durationMs: 1000 },
      { tool: "Edit", calls: 1, errors: 0, errorRate: 0, durationMs: 500 },
    ]);
    expect(renderTable(toolTable(report), OPTIONS).at(-1)).toBe(
      "Total      3       1           33%      1.5s    500ms",
    );
  });

  it("says null for a branch and a version that are not known, and their names where they are", () => {
    const { branch: _branch, version: _version, ...bare } = session("s1", NOON - HOUR, NOON) as SessionFact;
    expect(sessionReport(storeWith([bare]).ledger, { filter: {} }).rows[0]).toMatchObject({
      branch: null,
      version: null,
    });
    const known = storeWith([session("s1", NOON - HOUR, NOON)]);
    expect(sessionReport(known.ledger, { filter: {} }).rows[0]).toMatchObject({ branch: "main", version: "2.1.197" });
  });
});
