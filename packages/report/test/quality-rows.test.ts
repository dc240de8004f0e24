/** Rows, trends and pages of quality. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createZoneCalendar, DAY_MILLIS, type QualityFact } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPalette, qualityByPeriod, qualityReport, qualityTable, renderTable } from "../src/index.ts";
import { qualityPage, renderHtml, renderMarkdown, renderText } from "../src/pages.ts";
import { formatScore, formatScoreChange } from "../src/render/numbers.ts";

/** A Sunday. */
const NOON = Date.UTC(2026, 10, 22, 12);
const UTC = createZoneCalendar("UTC");

function ledgerWith(facts: readonly Partial<QualityFact>[]) {
  const folder = mkdtempSync(join(tmpdir(), "quality-"));
  const store = openStore({ path: join(folder, "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const base = { kind: "quality", witness: "toolReport", measure: "test_coverage", project: "/p/shop" } as const;
  const { refused } = store.write({ facts: facts.map((fact) => ({ ...base, atMillis: NOON, score: 0, ...fact })) });
  expect(refused).toEqual({});
  return store.ledger;
}

const onDay = (day: number, score: number): Partial<QualityFact> => ({ atMillis: NOON + day * DAY_MILLIS, score });

describe("a report of quality", () => {
  it("tells the last measurement of the range and that before the range", () => {
    const ledger = ledgerWith([onDay(-9, 0.1), onDay(-3, 0.2), onDay(-1, 0.4), onDay(0, 0.5), onDay(2, 0.9)]);
    const range = { startMillis: NOON - 2 * DAY_MILLIS, endMillis: NOON + DAY_MILLIS };
    const { rows, totals } = qualityReport(ledger, { filter: { range }, calendar: UTC, unit: "day" });
    expect(rows).toMatchObject([{ score: 0.5, previousScore: 0.2, change: 0.3, measurements: 2, good: null }]);
    expect(rows[0]?.trend.map(({ period, score, change }) => [period, score, change])).toEqual([
      ["2026-11-21", 0.4, 0.2],
      ["2026-11-22", 0.5, 0.09999999999999998],
    ]);
    expect(totals).toEqual({ measurements: 2 });
  });

  it("leaves out what was not measured in the range, and has nothing to compare the first measurement with", () => {
    const ledger = ledgerWith([onDay(-9, 0.1), { ...onDay(0, 0.5), project: undefined }]);
    const range = { startMillis: NOON, endMillis: NOON + 1 };
    const { rows } = qualityReport(ledger, { filter: { range }, calendar: UTC, unit: "day" });
    expect(rows).toMatchObject([{ project: "unknown", previousScore: null, previousAt: null, change: null }]);
  });

  it("keeps projects, measures, benchmarks and tools apart", () => {
    const ledger = ledgerWith([
      { score: 0.1, tool: "lcov" },
      { score: 0.2, tool: "istanbul" },
      { score: 0.3, project: "/p/other" },
      { score: 40, measure: "benchmark_score", benchmark: "a" },
      { score: 50, measure: "benchmark_score", benchmark: "b" },
    ]);
    const { rows } = qualityReport(ledger, { filter: {}, calendar: UTC, unit: "day" });
    expect(rows.map(({ project, benchmark, tool, score }) => [project, benchmark, tool, score])).toEqual([
      ["/p/other", null, null, 0.3],
      ["/p/shop", "a", null, 40],
      ["/p/shop", "b", null, 50],
      ["/p/shop", null, "istanbul", 0.2],
      ["/p/shop", null, "lcov", 0.1],
    ]);
  });

  it("counts the days of the user's zone, and weeks that begin where they want", () => {
    const ledger = ledgerWith([onDay(0, 0.1), { atMillis: NOON + 5 * 3_600_000, score: 0.2 }]);
    const labels = (timeZone: string, unit: "day" | "week", weekStart?: "sunday") =>
      qualityByPeriod(
        qualityReport(ledger, { filter: {}, calendar: createZoneCalendar(timeZone), unit, weekStart }),
      ).rows.map(({ period }) => period);
    expect(labels("UTC", "day")).toEqual(["2026-11-22"]);
    expect(labels("Asia/Seoul", "day")).toEqual(["2026-11-22", "2026-11-23"]);
    expect(labels("UTC", "week")).toEqual(["2026-W47"]);
    expect(labels("UTC", "week", "sunday")).toEqual(["2026-11-22"]);
  });

  it("has changes that add up from the first score to the last, whatever the unit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ day: fc.integer({ min: 0, max: 90 }), percent: fc.nat({ max: 100 }) }), { minLength: 1 }),
        fc.constantFrom("day" as const, "week" as const, "month" as const),
        (measured, unit) => {
          const ledger = {
            quality: () =>
              measured
                .toSorted((a, b) => a.day - b.day)
                .map(({ day, percent }) => ({
                  project: "p",
                  measure: "lint_score" as const,
                  benchmark: "",
                  tool: "",
                  atMillis: NOON + day * DAY_MILLIS,
                  score: percent / 100,
                  counts: undefined,
                })),
          };
          const { rows } = qualityReport(ledger as never, { filter: {}, calendar: UTC, unit });
          const trend = rows[0]?.trend ?? [];
          const sum = trend.reduce((total, { change }) => total + (change ?? 0), trend[0]?.score ?? 0);
          expect(sum).toBeCloseTo(rows[0]?.score ?? -1, 9);
          expect(new Set(trend.map(({ period }) => period)).size).toBe(trend.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a page of quality", () => {
  const options = { subtitle: "s", timeZone: "UTC", range: undefined };
  const screen = { columns: 80, palette: createPalette(false), timeZone: "UTC" };

  it("draws benchmarks with their own numbers, and none that fall below zero", () => {
    const benchmark = (day: number, score: number, name: string): Partial<QualityFact> => ({
      ...onDay(day, score),
      measure: "benchmark_score",
      benchmark: name,
    });
    const ledger = ledgerWith([
      benchmark(0, 1234.5, "up"),
      benchmark(1, 1250.25, "up"),
      benchmark(0, -3, "below"),
      benchmark(1, 4, "below"),
    ]);
    const report = qualityReport(ledger, { filter: {}, calendar: UTC, unit: "day" });
    const text = renderText(qualityPage(report, options), screen).join("\n");
    expect(text).toContain("Benchmark up of shop\n2026-11-22    1234.5  █");
    expect(text).not.toContain("Benchmark below of shop");
    expect(text).toMatch(/Benchmark +below +– +4 +▲ 7/);
    expect(renderTable(qualityTable(report), screen).join("\n")).toMatch(/Name .*\n.*\nshop +Benchmark +below/);
  });

  it("fits a narrow screen without losing the measure and the score", () => {
    const ledger = ledgerWith([{ score: 0.5, counts: { good: 5, total: 10 }, tool: "a-tool-with-a-long-name" }]);
    const report = qualityReport(ledger, { filter: {}, calendar: UTC, unit: "day" });
    const lines = renderText(qualityPage(report, options), { ...screen, columns: 60 });
    expect(lines.find((line) => line.startsWith("shop"))).toMatch(/Test coverage +a-tool-wit… +50\.0% +5 +10/);
  });

  it("is harmless whatever a project is called", () => {
    const project = "/p/<script>alert(1)</script>\u001b[31m=cmd()|x";
    const ledger = ledgerWith([onDay(0, 0.5), onDay(1, 0.6)].map((fact) => ({ ...fact, project })));
    const page = qualityPage(qualityReport(ledger, { filter: {}, calendar: UTC, unit: "day" }), options);
    expect(renderHtml(page)).not.toContain("<script>");
    expect(renderMarkdown(page)).not.toContain("<script>");
    expect(renderText(page, screen).join("\n")).not.toContain("\u001b");
  });
});

describe("a score for people", () => {
  it.each([
    [0, true, "0.0%"],
    [0.0001, true, "<0.1%"],
    [0.538_46, true, "53.8%"],
    [0.999_96, true, ">99.9%"],
    [1, true, "100.0%"],
    [12_345, false, "12,345"],
    [0.123_45, false, "0.123"],
  ])("%d is %s", (score, isShare, text) => {
    expect(formatScore(score, isShare)).toBe(text);
  });

  it.each([
    [0.0329, true, "▲ 3.3 pp"],
    [-0.1888, true, "▼ 18.9 pp"],
    [0.0001, true, "= 0 pp"],
    [-2.5, false, "▼ 2.5"],
    [0, false, "= 0"],
    [1_000, false, "▲ 1,000"],
  ])("a change of %d is told", (change, isShare, text) => {
    expect(formatScoreChange(change, isShare)).toBe(text);
  });
});
