import { createZoneCalendar } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { renderCsv } from "../src/render/csv.ts";
import { createPalette } from "../src/render/palette.ts";
import { renderTable } from "../src/render/table.ts";
import { usageTable } from "../src/tables/usage-table.ts";
import { unpricedModels, usageByDimension, usageByPeriod } from "../src/usage-rows.ts";
import { call, DAY, HOUR, NOON, session, storeWith, task, tool } from "./support/ledger.ts";

const UTC = createZoneCalendar("UTC");

function twoDays() {
  const yesterday = NOON - DAY;
  return storeWith([
    session("s1", yesterday - HOUR, yesterday),
    session("s2", NOON - HOUR, NOON),
    task("s1", "t1", "main", yesterday, "success"),
    task("s2", "t2", "main", NOON, "failure"),
    task("s2", "t3", "expert-backend", NOON - 60_000, "unknown", { parentTaskId: "t2" }),
    call("s1", "t1", "r1", yesterday),
    call("s2", "t2", "r2", NOON),
    call("s2", "t3", "r3", NOON - 60_000, { model: "home-grown-1" }),
    call("s2", "t3", "r4", NOON - 60_000, { usage: undefined, model: "home-grown-1" }),
    tool("s2", "t3", "u1", "Bash", NOON - 90_000, false),
  ]).ledger;
}

describe("usage by day", () => {
  it("has a row for each day with activity and totals that are their sums", () => {
    const { rows, totals } = usageByPeriod(twoDays(), { unit: "day", calendar: UTC, filter: {} });
    expect(rows.map((row) => [row.date, row.calls, row.totalTokens, row.tasksCompleted, row.sessions])).toEqual([
      ["2026-11-21", 1, 3700, 1, 1],
      ["2026-11-22", 3, 7400, 1, 1],
    ]);
    expect(totals).toMatchObject({
      inputTokens: 3000,
      outputTokens: 1200,
      cacheReadTokens: 6000,
      cacheCreationTokens: 900,
      totalTokens: 11_100,
      calls: 4,
      callsWithoutUsage: 1,
      unpricedCalls: 1,
      tasksCompleted: 2,
      successRate: 0.5,
      unknownShare: 1 / 3,
      averageDurationMs: 60_000,
      toolCalls: 1,
      toolErrors: 1,
      sessions: 2,
      modelsUsed: ["claude-sonnet-4-5", "home-grown-1"],
    });
  });

  it("counts a day as the zone counts it", () => {
    const calendar = createZoneCalendar("Pacific/Auckland");
    const { rows } = usageByPeriod(twoDays(), { unit: "day", calendar, filter: {} });
    expect(rows.map((row) => row.date)).toEqual(["2026-11-22", "2026-11-23"]);
  });

  it("cuts periods at the edges of a range", () => {
    const range = { startMillis: UTC.startOf("2026-11-22"), endMillis: UTC.startOf("2026-11-23") };
    const week = usageByPeriod(twoDays(), { unit: "week", calendar: UTC, filter: {}, range });
    expect(week.rows.map((row) => [row.week, row.calls])).toEqual([["2026-W47", 3]]);
    const month = usageByPeriod(twoDays(), { unit: "month", calendar: UTC, filter: {} });
    expect(month.rows.map((row) => [row.month, row.calls])).toEqual([["2026-11", 4]]);
  });

  it("is empty for an empty ledger and for a range in which nothing is known", () => {
    const range = { startMillis: 0, endMillis: 900_000 };
    expect(usageByPeriod(twoDays(), { unit: "day", calendar: UTC, filter: {}, range }).rows).toEqual([]);
    const empty = usageByPeriod(storeWith([]).ledger, { unit: "day", calendar: UTC, filter: {} });
    expect(empty.rows).toEqual([]);
    expect(empty.totals.totalCost).toBe(0);
  });

  it("splits rows by a dimension", () => {
    const { rows } = usageByPeriod(twoDays(), { unit: "day", calendar: UTC, filter: {}, groupBy: ["agent"] });
    expect(rows.map((row) => [row.date, row.agent, row.calls]).toSorted()).toEqual([
      ["2026-11-21", "main", 1],
      ["2026-11-22", "expert-backend", 2],
      ["2026-11-22", "main", 1],
    ]);
    expect(rows[0]).not.toHaveProperty("sessions");
  });
});

describe("cost", () => {
  it("is null, never zero, where no call has a known price", () => {
    const { rows } = usageByDimension(twoDays(), { dimensions: ["model"], filter: {} });
    const unpriced = rows.find((row) => row.model === "home-grown-1");
    expect(unpriced?.totalCost).toBeNull();
    expect(rows.find((row) => row.model === "claude-sonnet-4-5")?.totalCost).toBeGreaterThan(0);
  });

  it("names the models without a price", () => {
    expect(unpricedModels(usageByDimension(twoDays(), { dimensions: ["agent"], filter: {} }))).toEqual([
      "home-grown-1",
    ]);
  });

  it("reads unpriced in a table, with a plus where it is only a part", () => {
    const report = usageByDimension(twoDays(), { dimensions: ["agent"], filter: {} });
    const table = usageTable(report, { dimensions: ["agent"], isBrokenDown: true });
    const lines = renderTable(table, { columns: 80, palette: createPalette(false), timeZone: "UTC" });
    expect(lines.find((line) => line.startsWith("expert-backend"))).toMatch(/unpriced$/);
    expect(lines.find((line) => line.startsWith("Total"))).toMatch(/\$0\.0\d\+$/);
    expect(lines.find((line) => line.startsWith("└ home-grown-1"))).toMatch(/unpriced$/);
  });
});

describe("usage by dimension", () => {
  it("orders by tokens and leaves tasks without a model out of the models", () => {
    const { rows } = usageByDimension(twoDays(), { dimensions: ["model"], filter: {} });
    expect(rows.map((row) => row.model)).toEqual(["claude-sonnet-4-5", "home-grown-1"]);
  });

  it("has exact values of every column in CSV", () => {
    const report = usageByPeriod(twoDays(), { unit: "day", calendar: UTC, filter: {} });
    const [header = "", first = ""] = renderCsv(
      usageTable(report, { unit: "day", dimensions: [], isBrokenDown: false }),
    ).split("\n");
    const values = Object.fromEntries(header.split(",").map((key, index) => [key, first.split(",")[index]]));
    expect(values).toMatchObject({
      date: "2026-11-21",
      sessions: "1",
      totalTokens: "3700",
      modelsUsed: "claude-sonnet-4-5",
    });
  });

  it("shows tokens as unknown where no call reported them", () => {
    const ledger = storeWith([call("s", "t", "r", NOON, { usage: undefined })]).ledger;
    const table = usageTable(usageByDimension(ledger, { dimensions: ["model"], filter: {} }), {
      dimensions: ["model"],
      isBrokenDown: false,
    });
    const lines = renderTable(table, { columns: 120, palette: createPalette(false), timeZone: "UTC" });
    expect(lines[2]).toMatch(/^claude-sonnet-4-5 +1 +0 +– +– +– +– +– +unpriced$/);
  });

  it("lays out every dimension and period", () => {
    const ledger = twoDays();
    for (const dimension of ["product", "project", "agent", "model"] as const) {
      const report = usageByDimension(ledger, { dimensions: [dimension], filter: {} });
      const table = usageTable(report, { dimensions: [dimension], isBrokenDown: false });
      expect(table.columns[0]?.key).toBe(dimension);
      expect(
        renderTable(table, { columns: 80, palette: createPalette(false), timeZone: "UTC" }).length,
      ).toBeGreaterThan(4);
    }
    for (const [unit, key] of [
      ["day", "date"],
      ["week", "week"],
      ["month", "month"],
    ] as const) {
      const report = usageByPeriod(ledger, { unit, calendar: UTC, filter: {} });
      const table = usageTable(report, { unit, dimensions: [], isBrokenDown: false });
      expect(table.columns[0]?.key).toBe(key);
      expect(table.columns[0]?.value(table.rows[0]!)).toMatch(/^2026-/);
    }
  });
});
