/** `import quality`, `quality` and `report quality` as a person types them: the real command, recorded reports. */
import { cpSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, type Result, runBinary, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const REPORTS = fileURLToPath(new URL("../../agents/test/fixtures/quality", import.meta.url));
const MEASURED = new Date("2026-11-22T10:30:00Z");
const WEEK_BEFORE = new Date("2026-11-15T10:30:00Z");
const ON = { quality: { test_coverage: true, lint_scores: true } };

/** A home that is a project as well, with reports in it. */
function projectWithReports(metrics: object = ON, home = temporaryHome()): string {
  mkdirSync(join(home, ".moai", "metrics"), { recursive: true });
  writeFileSync(join(home, ".moai", "metrics", "config.json"), JSON.stringify({ metrics }));
  cpSync(REPORTS, join(home, "reports"), { recursive: true });
  for (const name of ["istanbul/lcov.info", "v8/lcov.info", "eslint.json", "biome-report.json", "ruff.json"]) {
    touch(home, name, MEASURED);
  }
  return home;
}

function touch(home: string, name: string, time: Date): void {
  utimesSync(join(home, "reports", name), time, time);
}

const importReports = (home: string, ...more: string[]): Result => runBinary(home, ["import", "quality", ...more]);
const rowsOf = (home: string, ...more: string[]): unknown[] =>
  JSON.parse(runBinary(home, ["quality", "--json", ...more]).stdout).quality;

/** A week of two measurements of coverage, and one of linting. */
function homeWithTrend(): string {
  const home = projectWithReports();
  touch(home, "v8/lcov.info", WEEK_BEFORE);
  const { exitCode } = importReports(home, "reports/v8/lcov.info", "reports/istanbul/lcov.info", "reports/eslint.json");
  expect(exitCode).toBe(0);
  return home;
}

describe("import quality", () => {
  it("says what it read of each file, and counts a file once however often it is imported", () => {
    const home = projectWithReports();
    const files = ["reports/istanbul/lcov.info", "reports/eslint.json"];
    const account = (state: string, sum: string): string =>
      [
        `Quality of ${home}`,
        `  reports/istanbul/lcov.info (lcov): ${state}`,
        "    test coverage 53.8%: 7 of 13 lines, measured 2026-11-22 10:30 UTC",
        `  reports/eslint.json (eslint): ${state}`,
        "    lint score 75.0%: 3 of 4 files without errors (1 more not linted), measured 2026-11-22 10:30 UTC",
        `  ${sum}`,
        "",
      ].join("\n");
    expect(importReports(home, ...files)).toEqual({ stdout: account("new", "2 new"), stderr: "", exitCode: 0 });
    expect(importReports(home, ...files)).toEqual({
      stdout: account("known already", "2 known"),
      stderr: "",
      exitCode: 0,
    });
    expect(rowsOf(home)).toMatchObject([{ measurements: 1 }, { measurements: 1 }]);
  });

  it("tells each broken file in one line, goes on with the others, and ends with 1", () => {
    const home = projectWithReports();
    writeFileSync(join(home, "cut.json"), '{"secret": ');
    const result = importReports(home, "cut.json", "none.xml", "reports/biome-report.json", "reports/ruff.json");
    expect(result).toEqual({
      stdout: [
        `Quality of ${home}`,
        "  reports/biome-report.json (biome): new",
        "    lint score 75.0%: 3 of 4 files without errors, measured 2026-11-22 10:30 UTC",
        "  1 new",
        "",
      ].join("\n"),
      stderr: [
        "cut.json is not JSON, or is cut off.",
        "none.xml is not there.",
        "reports/ruff.json is of Ruff, which lists only what it found: say how many files it looked at with --files N " +
          "(ruff check --show-files | wc -l).",
        "error: 3 of 4 files could not be used.",
        "",
      ].join("\n"),
      exitCode: 1,
    });
  });

  it("takes the number of Ruff's files, a time, a project and a zone", async () => {
    const home = projectWithReports();
    mkdirSync(join(home, "inner"));
    const argv = ["reports/ruff.json", "--files", "4", "--at", "2026-11-20", "--project", "inner", "-z", "Asia/Seoul"];
    expect(importReports(home, ...argv).stdout).toBe(
      [
        `Quality of ${home}/inner`,
        "  reports/ruff.json (ruff): new",
        "    lint score 50.0%: 2 of 4 files without errors, measured 2026-11-20 00:00 Asia/Seoul",
        "  1 new",
        "",
      ].join("\n"),
    );
    const other = ["reports/ruff.json", "--files", "2", "--at", "2026-11-21T09:00+09:00"];
    await runHere(home, ["import", "quality", ...other, "--config", join(home, ".moai/metrics/config.json")]);
    expect(rowsOf(home)).toMatchObject([
      { project: home, measuredAt: "2026-11-21T00:00:00.000Z", score: 0 },
      { project: `${home}/inner`, measuredAt: "2026-11-19T15:00:00.000Z", score: 0.5 },
    ]);
    expect(rowsOf(home, "--project", "inner")).toMatchObject([{ project: `${home}/inner` }]);
  });

  it("refuses two files that would be the same measurement and differ", async () => {
    const home = projectWithReports();
    const files = ["reports/istanbul/lcov.info", "reports/v8/lcov.info"];
    const { stderr, exitCode } = await runHere(home, ["import", "quality", ...files]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("reports/v8/lcov.info says something else than reports/istanbul/lcov.info for the same");
    expect(rowsOf(home)).toMatchObject([{ good: 7, total: 13, measurements: 1 }]);
  });

  it("answers in JSON", () => {
    const home = projectWithReports();
    const { stdout, exitCode } = importReports(home, "reports/eslint.json", "nothing", "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      import: [
        {
          file: "reports/eslint.json",
          format: "eslint",
          tool: "eslint",
          measure: "lint_score",
          notLinted: 1,
          score: 0.75,
          good: 3,
          total: 4,
          state: "new",
          project: home,
          measuredAt: MEASURED.toISOString(),
        },
      ],
      failed: [{ file: "nothing", problem: "is not there" }],
      skipped: {},
    });
  });

  it.each([
    [["quality"], "import quality needs files: moai-metrics import quality coverage/lcov.info eslint.json"],
    [["quality", "x", "--path", "y"], "--path does not concern quality: name the files themselves."],
    [["quality", "x", "--project", "no"], "there is no such folder."],
    [["quality", "x", "--at", "2027-01-01"], "--at must be a time since 1970 that is not in the future."],
    [["quality", "x", "--at", "2026-02-30T10:00Z"], "Write a time as 2026-11-22, 2026-11-22T16:30:00Z"],
    [["claude-code", "x"], "import claude-code takes no files. To import reports: moai-metrics import quality x"],
    [["--files", "4"], "--files concerns only import quality."],
  ])("is told from what it cannot be: %j", async (argv, message) => {
    const { stderr, exitCode } = await runHere(temporaryHome(), ["import", ...argv]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it("collects nothing while collecting is off", () => {
    const home = homeWithTrend();
    const { stdout, exitCode } = runBinary(home, ["import", "quality", "reports/ruff.json", "--files", "4"], {
      MOAI_METRICS_DISABLED: "1",
    });
    expect([stdout, exitCode]).toEqual(["", 1]);
  });
});

describe("quality that the settings switch off", () => {
  it.each([
    ["test_coverage", "reports/istanbul/lcov.info", "lint_score"],
    ["lint_scores", "reports/eslint.json", "test_coverage"],
  ])("is not stored, and counted by its reason: %s", async (key, file, other) => {
    const home = projectWithReports({ quality: { ...ON.quality, [key]: false } });
    const { stdout, stderr, exitCode } = await runHere(home, ["import", "quality", file]);
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(stdout).toContain(`not stored (switched off: quality.${key})`);
    expect(stdout).toContain(`  1 not stored\n  To store and show it: moai-metrics config set quality.${key} true\n`);
    const again = await runHere(home, ["import", "quality", file, "--json"]);
    expect(JSON.parse(again.stdout).skipped).toEqual({
      [`switched off: quality.${key}`]: 1,
    });
    importReports(home, "reports/istanbul/lcov.info", "reports/eslint.json");
    writeFileSync(join(home, ".moai", "metrics", "config.json"), JSON.stringify({ metrics: ON }));
    expect(rowsOf(home)).toMatchObject([{ measure: other }]);
  });

  it("is not shown, neither as rows nor in reports", async () => {
    const home = homeWithTrend();
    const off = ["--config", join(home, "off.json")];
    writeFileSync(join(home, "off.json"), JSON.stringify({ metrics: { quality: { lint_scores: true } } }));
    expect(rowsOf(home, ...off)).toMatchObject([{ measure: "lint_score" }]);
    const page = runBinary(home, ["report", "daily", "--date", "2026-11-22", ...off]).stdout;
    expect(page).toContain("Lint score");
    expect(page).not.toContain("Test coverage");
    const daily = ["report", "daily", "--date", "2026-11-22", "--format", "json", ...off];
    expect(JSON.parse(runBinary(home, daily).stdout).daily_report.quality).toMatchObject([{ measure: "lint_score" }]);
    writeFileSync(join(home, "off.json"), "{}");
    expect(JSON.parse(runBinary(home, daily).stdout).daily_report).not.toHaveProperty("quality");
    expect(await runHere(home, ["quality", ...off])).toEqual({
      stdout: "Nothing recorded for this choice.\n",
      stderr:
        "Switched off here: test_coverage and lint_score. To store and show it:\n" +
        "  moai-metrics config set quality.test_coverage true\n  moai-metrics config set quality.lint_scores true\n",
      exitCode: 0,
    });
    expect((await runHere(home, ["report", "quality", ...off])).stderr).toContain("Switched off here");
  });

  it("is off by default", () => {
    const home = projectWithReports({});
    expect(importReports(home, "reports/eslint.json").stdout).toContain("  1 not stored\n");
  });
});

describe("quality", () => {
  it("shows the latest measurement of each thing and its change", () => {
    const home = homeWithTrend();
    const name = home.split("/").at(-1) ?? "";
    const lines = runBinary(home, ["quality"], { COLUMNS: "100" }).stdout.split("\n");
    expect(lines.map((line) => line.replace(name, "NAME").replaceAll(/ {2,}/g, "  "))).toEqual([
      "Project  Measure  Tool  Score  Change  Good  Of  Measured  Times",
      expect.stringMatching(/^─+$/),
      "NAME  Lint score  eslint  75.0%  3  4  11-22 10:30  1",
      "NAME  Test coverage  lcov  53.8%  ▼ 3.3 pp  7  13  11-22 10:30  2",
      "Change: against the measurement before.",
      "Test coverage: covered lines / lines. Lint score: linted files without errors / linted files.",
      "",
    ]);
  });

  it("prints what the guide shows", () => {
    const home = homeWithTrend();
    mkdirSync(join(home, "shop"));
    const argv = ["--project", "shop", "--storage", join(home, "other")];
    importReports(home, "reports/v8/lcov.info", "reports/eslint.json", ...argv);
    importReports(home, "reports/istanbul/lcov.info", ...argv);
    const guide = readFileSync(new URL("../../../docs/quality.md", import.meta.url), "utf8");
    expect(guide).toContain(runBinary(home, ["quality", "--storage", join(home, "other")]).stdout);
  });

  it("compares with what came before the days that are asked for", async () => {
    const home = homeWithTrend();
    const { stdout } = runBinary(home, ["quality", "--last", "3", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      quality: [
        expect.objectContaining({ measure: "lint_score", previousScore: null, previousAt: null, change: null }),
        {
          project: home,
          measure: "test_coverage",
          benchmark: null,
          tool: "lcov",
          score: 7 / 13,
          good: 7,
          total: 13,
          measuredAt: MEASURED.toISOString(),
          previousScore: 12 / 21,
          previousAt: WEEK_BEFORE.toISOString(),
          change: 7 / 13 - 12 / 21,
          measurements: 1,
          trend: [{ period: "2026-11-22", score: 7 / 13, good: 7, total: 13, change: 7 / 13 - 12 / 21 }],
        },
      ],
      totals: { measurements: 2 },
    });
    expect((await runHere(home, ["quality", "--last", "3"])).stdout).toContain(
      "Change: against what was measured last before these days.",
    );
  });

  it("shows trends by day, week or month", async () => {
    const home = homeWithTrend();
    expect(runBinary(home, ["quality", "--by", "week", "--csv"]).stdout).toBe(
      [
        "period,project,measure,benchmark,tool,score,change,good,total",
        `2026-W47,${home},lint_score,,eslint,0.75,,3,4`,
        `2026-W46,${home},test_coverage,,lcov,${12 / 21},,12,21`,
        `2026-W47,${home},test_coverage,,lcov,${7 / 13},${7 / 13 - 12 / 21},7,13`,
        "",
      ].join("\n"),
    );
    const byMonth = await runHere(home, ["quality", "--json", "--by", "month", "--sort", "score", "-o", "asc"]);
    expect(JSON.parse(byMonth.stdout).quality).toMatchObject([
      { period: "2026-11", score: 7 / 13 },
      { period: "2026-11", score: 0.75 },
    ]);
  });

  it("says the same in every form of the report", async () => {
    const home = homeWithTrend();
    const forms = await Promise.all(
      ["table", "md", "html", "csv"].map((format) => runHere(home, ["report", "quality", "--format", format])),
    );
    for (const { stdout, exitCode } of forms) {
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/53\.8%|0\.538461538461/);
    }
    const [table, markdown, html] = forms.map(({ stdout }) => stdout);
    expect(table).toContain("▼ 3.3 pp");
    expect(table).toMatch(/2026-W46 +57% +█+\n2026-W47 +54% +█+/);
    expect(markdown).toMatch(/\| 2026\\-W46 \| 57% \|/);
    expect(html).toContain('aria-label="The last measurement of each period. 2026-W46: 57%; 2026-W47: 54%"');
    const argv = ["report", "quality", "--format", "json", "--out", "q.json"];
    expect((await runHere(home, [...argv, "--last", "20"])).stdout).toBe("");
    expect(JSON.parse(readFileSync(join(home, "q.json"), "utf8")).quality).toEqual(rowsOf(home, "--last", "20"));
    runBinary(home, [...argv, "--by", "day"]);
    expect(JSON.parse(readFileSync(join(home, "q.json"), "utf8")).quality).toEqual(rowsOf(home));
  });

  it("is a part of the reports of the day, the week and the month", () => {
    const home = homeWithTrend();
    for (const [period, key] of [
      ["daily", "daily_report"],
      ["weekly", "weekly_report"],
      ["monthly", "monthly_report"],
    ] as const) {
      const argv = ["report", period, "--date", "2026-11-22", "-p", "."];
      expect(runBinary(home, argv).stdout).toContain("How good is the code?");
      const report = JSON.parse(runBinary(home, [...argv, "--format", "json"]).stdout)[key];
      expect(report.quality).toMatchObject([
        { measure: "lint_score" },
        { measure: "test_coverage", good: 7, total: 13 },
      ]);
      expect(report.quality[1].change).toBe(period === "monthly" ? null : 7 / 13 - 12 / 21);
    }
    const empty = runBinary(home, ["report", "daily", "--date", "2026-11-10", "--format", "json"]).stdout;
    expect(JSON.parse(empty).daily_report).not.toHaveProperty("quality");
  });

  it("is written into the reports of days that are over, and again when a report comes late", () => {
    const home = projectWithReports(ON, homeWithTranscripts());
    mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
    cpSync(join(home, ".moai/metrics/config.json"), join(home, ".config/moai-metrics/config.json"));
    const later = { FROZEN_NOW: String(Date.UTC(2026, 11, 2)) };
    const importLater = (...argv: string[]) => runBinary(home, ["import", "quality", ...argv], later);
    runBinary(home, ["daily"], later);
    const folder = join(home, ".local/share/moai-metrics/reports/daily");
    const day = runBinary(home, ["daily", "--json"], later).stdout.match(/"date": "([\d-]+)"/)?.[1] ?? "";
    const file = join(folder, `${day}.json`);
    const qualityIn = () => JSON.parse(readFileSync(file, "utf8")).daily_report.quality;
    expect(existsSync(file)).toBe(true);
    expect(qualityIn()).toBeUndefined();
    importLater("reports/eslint.json", "--at", `${day}T10:00Z`);
    expect(qualityIn()).toMatchObject([{ score: 0.75, change: null }]);
    importLater("reports/eslint.json", "--at", "2026-01-01");
    expect(qualityIn()).toMatchObject([{ score: 0.75, change: 0 }]);
  });
});
