import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { overviewReport } from "../src/overview.ts";
import { renderOverview } from "../src/render/overview.ts";
import { createPalette } from "../src/render/palette.ts";
import { widthOf } from "../src/render/width.ts";
import { call, DAY, HOUR, NOON, session, storeWith, task } from "./support/ledger.ts";

const UTC = createZoneCalendar("UTC");
const OPTIONS = { columns: 80, rows: 23, palette: createPalette(false), notes: ["A note."] };

function day(name: string, atMillis: number, calls: number, more: Partial<Parameters<typeof call>[4]> = {}): Fact[] {
  return [
    session(name, atMillis - HOUR, atMillis),
    task(name, `${name}-t`, "main", atMillis, "success"),
    ...Array.from({ length: calls }, (_, index) => call(name, `${name}-t`, `${name}-${index}`, atMillis, more)),
  ];
}

function overviewOf(facts: readonly Fact[], nowMillis = NOON) {
  return overviewReport(storeWith(facts).ledger, { calendar: UTC, nowMillis, filter: {} });
}

describe("the overview", () => {
  it("compares today with the same hours of yesterday", () => {
    const overview = overviewOf([
      ...day("today", NOON - HOUR, 3),
      ...day("yesterday-morning", NOON - DAY - HOUR, 2),
      ...day("yesterday-evening", NOON - DAY + 6 * HOUR, 5),
    ]);
    expect(overview.today).toMatchObject({ calls: 3, sessions: 1, from: "2026-11-22", to: "2026-11-22" });
    expect(overview.today.changes).toMatchObject({ sessions: 0, totalTokens: 0.5, successRate: 0 });
    expect(overview.last7Days).toMatchObject({ calls: 10, sessions: 3, from: "2026-11-16" });
    expect(overview.last7Days.changes.totalTokens).toBeNull();
    expect(overview.thisMonth).toMatchObject({ calls: 10, from: "2026-11-01" });
  });

  it("does not reach into this month when the month before was shorter", () => {
    const lastOfMarch = Date.UTC(2026, 2, 31, 12);
    const overview = overviewOf(
      [...day("march", Date.UTC(2026, 2, 1, 3), 4), ...day("february", Date.UTC(2026, 1, 28, 12), 2)],
      lastOfMarch,
    );
    expect(overview.thisMonth.calls).toBe(4);
    expect(overview.thisMonth.changes.totalTokens).toBe(1);
  });

  it("shows all there is when the last seven days are empty", () => {
    const overview = overviewOf(day("old", NOON - 20 * DAY, 1));
    expect(overview.detailPeriod).toBe("all");
    expect(overview.byAgent.map((row) => row.agent)).toEqual(["main"]);
    expect(renderOverview(overview, OPTIONS).join("\n")).toContain("Agents, since 2026-11-02");
  });

  it("knows that an empty ledger has no oldest day", () => {
    expect(overviewOf([])).toMatchObject({ oldestDate: null, byAgent: [], byModel: [] });
  });

  it("names models without a price and the share of unknown results", () => {
    const overview = overviewOf([
      ...day("s", NOON - HOUR, 1, { model: "home-grown\u001b[1m" }),
      task("s", "silent", "main", NOON - HOUR, "unknown"),
    ]);
    const screen = renderOverview(overview, OPTIONS).join("\n");
    expect(screen).toContain("No list price known for home-grown\ufffd[1m: left out of the cost");
    expect(screen).toContain("50% of the tasks of the last 7 days ended without a known result.");
    expect(screen).toContain("A note.");
    expect(screen).toContain("unpriced");
  });

  it("stays on one screen of 80 columns however many agents and models there are", () => {
    const facts = Array.from({ length: 30 }, (_, index) => [
      session(`s${index}`, NOON - HOUR, NOON),
      task(`s${index}`, `t${index}`, `an-agent-with-a-rather-long-name-${index}`, NOON, "success"),
      call(`s${index}`, `t${index}`, `r${index}`, NOON, { model: `model-${index}` }),
    ]).flat();
    const notes = ["One.", "Two.", "Three."];
    const lines = renderOverview(overviewOf(facts), { ...OPTIONS, label: "SIMULATED", notes });
    const unpricedLines = lines.filter((line) => line.startsWith("No list price")).length;
    expect(unpricedLines).toBe(1);
    expect(lines.every((line) => widthOf(line) <= 80)).toBe(true);
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(lines.filter((line) => /^\d+ of 30 (agents|models), 7 days/.test(line))).toHaveLength(2);
  });

  it("leaves out what a narrow screen has no room for, and what is not known", () => {
    const overview = overviewOf([session("s", NOON - HOUR, NOON), call("s", "t", "r", NOON - HOUR)]);
    const lines = renderOverview(overview, { ...OPTIONS, columns: 48, notes: [] });
    expect(lines[0]).toBe("moai-metrics  2026-11-22 UTC");
    expect(lines.find((line) => line.startsWith("Success rate"))).toMatch(/–/);
    expect(lines.find((line) => line.startsWith("Average duration"))).toMatch(/–/);
    expect(lines.at(-1)).toMatch(/^claude-sonnet-4-5/);
  });

  it.each([40, 50, 60, 70, 79, 80, 100, 200])("lines up its figures under their periods at %i columns", (columns) => {
    const overview = overviewOf([
      ...day("today", NOON - HOUR, 2),
      ...day("before", NOON - DAY - HOUR, 1),
      ...day("last-week", NOON - 8 * DAY, 1),
    ]);
    const lines = renderOverview(overview, { ...OPTIONS, columns, notes: [] });
    const header = lines[1] ?? "";
    const figures = lines.find((line) => line.startsWith("Sessions")) ?? "";
    const values = [...figures.matchAll(/(?<= )\d+(?= |$)/g)].map((match) => match.index + match[0].length);
    const titles = ["Today", "Last 7 days", "This month"].filter((title) => header.includes(title));
    expect(titles.map((title) => header.indexOf(title) + title.length)).toEqual(values);
    expect(lines.slice(0, 8).every((line) => widthOf(line) <= columns)).toBe(true);
    expect(figures.includes("▲")).toBe(columns >= 79);
  });

  it("colours what got better or worse, and only with colours on", () => {
    const overview = overviewOf([
      ...day("today", NOON - HOUR, 1),
      ...day("before", NOON - DAY - HOUR, 1),
      task("before", "failed", "main", NOON - DAY - HOUR, "failure"),
    ]);
    const coloured = renderOverview(overview, { ...OPTIONS, palette: createPalette(true) }).join("\n");
    expect(coloured).toContain("\u001b[32m  ▲ 50 pp");
    expect(renderOverview(overview, OPTIONS).join("\n")).not.toContain("\u001b");
  });
});
