/** Reports that real tools wrote (vitest with Istanbul and with V8, coverage.py, ESLint, Biome, Ruff), and broken ones. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { QualityReportError, type QualityReportOptions, readQualityReport } from "../../src/quality/index.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/quality", import.meta.url));
const fixture = (name: string): string => join(FIXTURES, name);
const textOf = (name: string): string => readFileSync(fixture(name), "utf8");

function fileWith(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "quality-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "report");
  writeFileSync(path, content);
  return path;
}

const readText = (content: string | Buffer, options?: QualityReportOptions) =>
  readQualityReport(fileWith(content), options);
const countsOf = (content: string | Buffer, options?: QualityReportOptions) => readText(content, options).counts;

/** The message of what cannot be read. */
function problemOf(content: string | Buffer, options?: QualityReportOptions): string {
  try {
    readText(content, options);
  } catch (error) {
    if (error instanceof QualityReportError) return error.message;
    throw error;
  }
  return "none";
}

describe("a recorded report", () => {
  it.each([
    ["istanbul/lcov.info", "lcov", "lcov", 7, 13],
    ["istanbul/coverage-summary.json", "istanbul-summary", "istanbul", 7, 13],
    ["istanbul/coverage-final.json", "istanbul-final", "istanbul", 7, 13],
    ["istanbul/cobertura-coverage.xml", "cobertura", "cobertura", 7, 13],
    ["v8/lcov.info", "lcov", "lcov", 12, 21],
    ["v8/coverage-summary.json", "istanbul-summary", "istanbul", 12, 21],
    ["v8/coverage-final.json", "istanbul-final", "istanbul", 12, 21],
    ["v8/cobertura-coverage.xml", "cobertura", "cobertura", 12, 21],
    ["coverage-py/coverage.lcov", "lcov", "lcov", 8, 11],
    ["coverage-py/coverage.xml", "cobertura", "cobertura", 8, 11],
  ])("of coverage gives its lines: %s", (name, format, tool, good, total) => {
    const report = readQualityReport(fixture(name));
    expect(report).toMatchObject({ format, measure: "test_coverage", tool, counts: { good, total } });
    expect(report.modifiedAtMillis).toBe(Math.floor(statSync(fixture(name)).mtimeMs));
  });

  it("of ESLint counts the files that it looked at, and not those that it was told to ignore", () => {
    const report = readQualityReport(fixture("eslint.json"));
    expect(report).toMatchObject({
      measure: "lint_score",
      tool: "eslint",
      counts: { good: 3, total: 4 },
      notLinted: 1,
    });
  });

  it("of Biome counts the files of its summary, and errors as faults", () => {
    expect(readQualityReport(fixture("biome-report.json"))).toMatchObject({
      measure: "lint_score",
      tool: "biome",
      counts: { good: 3, total: 4 },
    });
  });

  it("of Ruff needs to be told how many files there were", () => {
    const text = textOf("ruff.json");
    expect(readText(text, { linted: 4 })).toMatchObject({ tool: "ruff", counts: { good: 2, total: 4 } });
    expect(countsOf("[]", { linted: 3 })).toEqual({ good: 3, total: 3 });
    expect(problemOf(text)).toContain("say how many files it looked at with --files N");
    expect(problemOf(text, { linted: 1 })).toBe("complains of 2 files, and --files says that there are only 1");
    expect(problemOf("[]", { linted: 0 })).toBe("holds no linted files");
  });

  it("that says when it was made is of that time", () => {
    expect(readQualityReport(fixture("coverage-py/coverage.xml")).atMillis).toBe(1_795_883_657_473);
    const at = (timestamp: string) =>
      readText(`<coverage lines-valid="2" lines-covered="1" timestamp="${timestamp}"/>`).atMillis;
    expect(at("1795883657")).toBe(1_795_883_657_000);
    expect(at("0")).toBeUndefined();
    expect(at("yesterday")).toBeUndefined();
  });

  it("tells nothing but counts, a tool and a time", () => {
    for (const name of ["istanbul/lcov.info", "v8/coverage-final.json", "eslint.json", "biome-report.json"]) {
      expect(JSON.stringify(readQualityReport(fixture(name)))).not.toMatch(/devusr|names|price|debugger/);
    }
  });

  it.each([
    "istanbul/lcov.info",
    "istanbul/coverage-summary.json",
    "istanbul/coverage-final.json",
    "istanbul/cobertura-coverage.xml",
    "coverage-py/coverage.xml",
    "eslint.json",
    "biome-report.json",
    "ruff.json",
  ])("that is cut off anywhere is told, or gives fewer whole records: %s", (name) => {
    const text = textOf(name).trimEnd();
    const whole = countsOf(text, { linted: 4 }).total;
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), (length) => {
        const cut = text.slice(0, length);
        if (problemOf(cut, { linted: 4 }) !== "none") return;
        // lcov has no end of its own: what ends behind a record is a shorter report.
        expect(name).toMatch(/lcov/);
        expect(countsOf(cut).total).toBeLessThan(whole);
      }),
      { numRuns: 40 },
    );
  });
});

describe("lcov", () => {
  const record = (file: string, ...lines: string[]): string =>
    ["TN:", `SF:${file}`, ...lines, "end_of_record", ""].join("\n");

  it("counts a line of a file once, however many tests ran it, covered by any of them", () => {
    const text = record("a.c", "DA:1,0", "DA:2,0") + record("b.c", "DA:1,5") + record("a.c", "DA:1,3", "DA:3,0");
    expect(countsOf(text)).toEqual({ good: 2, total: 4 });
  });

  it("takes checksums, Windows line ends, a byte order mark and pieces of any size", () => {
    expect(countsOf("\uFEFFTN:x\r\nSF:a.c\r\nDA:1,2,c2hh\r\nDA:2,-1\r\nend_of_record\r\n")).toEqual({
      good: 1,
      total: 2,
    });
    const many = Array.from({ length: 60_000 }, (_, i) => `DA:${i + 1},${i % 2}`);
    expect(countsOf(record("ü".repeat(3), ...many))).toEqual({ good: 30_000, total: 60_000 });
  });

  it.each([
    ["is cut off inside a record", "SF:a\nDA:1,1\n"],
    ["counts a line outside of any file", "TN:\nDA:1,1\n"],
    ["begins a record inside another", "SF:a\nSF:b\n"],
    ["ends a record that never began", "TN:\nend_of_record\n"],
    ["counts a line without a number, or without hits", "SF:a\nDA:x,1\nend_of_record"],
    ["counts a line beyond the end of any file", "SF:a\nDA:9999999999,1\nend_of_record"],
    ["holds a line that no lcov file has", "SF:a\nSECRET\n"],
    ["holds no lines", "SF:a\nend_of_record\n"],
    ["has a line of more than a million characters", `SF:${"a".repeat(2_200_000)}`],
  ])("%s", (problem, text) => {
    expect(problemOf(text)).toBe(problem);
  });
});

describe("Cobertura", () => {
  const line = (number: number, hits: number): string => `<line number="${number}" hits="${hits}"/>`;

  it("counts the lines of classes where the root does not, and not those of methods again", () => {
    const one = `<class filename="a.py"><methods><method><lines>${line(1, 1)}</lines></method></methods><lines>${line(1, 1)}${line(2, 0)}</lines></class>`;
    const inner = `<class filename='a.py'><lines>${line(2, 4)}</lines></class>`;
    expect(countsOf(`<coverage line-rate="1"><packages>${one}${inner}</packages></coverage>`)).toEqual({
      good: 2,
      total: 2,
    });
  });

  it("passes over comments, instructions, data and a document type, and fetches nothing", () => {
    const text = `<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://127.0.0.1:9/coverage-04.dtd"><!-- <line> -->
      <coverage lines-covered="1" lines-valid="2"><sources><source><![CDATA[</coverage>]]> &amp; </source></sources></coverage>`;
    expect(countsOf(text)).toEqual({ good: 1, total: 2 });
  });

  it("reads a tag that lies across pieces", () => {
    const lines = Array.from({ length: 40_000 }, (_, i) => line(i + 1, i % 4)).join("");
    const text = `<coverage><class filename="a" x="${">".repeat(900_000)}"><lines>${lines}</lines></class></coverage>`;
    expect(text.length).toBeGreaterThan(2_000_000);
    expect(countsOf(text)).toEqual({ good: 30_000, total: 40_000 });
  });

  it.each([
    ["declares entities of its own, which are not read", '<!DOCTYPE c [<!ENTITY a "aaaa">]><coverage/>'],
    ["holds a declaration that is not read", '<!ENTITY a "b"><coverage/>'],
    ["is XML, but no Cobertura report: its root is not <coverage>", "<report><counter/></report>"],
    ["is cut off: its root does not end", "<coverage><packages></packages>"],
    ["is cut off inside a tag", '<coverage lines-valid="2'],
    ["is cut off inside a tag", "<coverage></coverage><!-- "],
    ["is not XML: an element ends that did not begin", "<coverage></packages></coverage>"],
    ["is not XML: it has two roots", "<coverage/><coverage/>"],
    ["is not XML: a tag has no end", `<coverage ${"a ".repeat(1_100_000)}`],
    ["nests elements deeper than 64", "<coverage>".repeat(70)],
    ["holds a count that is no whole number", '<coverage lines-valid="&big;" lines-covered="1"/>'],
    ["says that 3 of 2 lines are good, which cannot be", '<coverage lines-valid="2" lines-covered="3"/>'],
    ["holds no lines", '<coverage generated="1" clover="3.2.0"><project/></coverage>'],
  ])("%s", (problem, text) => {
    expect(problemOf(text)).toBe(problem);
  });
});

describe("JSON", () => {
  const biome = (diagnostics: unknown[], summary: object = {}, command = "lint"): string =>
    JSON.stringify({
      summary: { changed: 1, unchanged: 4, errors: diagnostics.length, diagnosticsNotPrinted: 0, ...summary },
      diagnostics,
      command,
    });
  const found = (path: unknown, category = "lint/a/b", severity = "error") => ({
    severity,
    category,
    location: { path },
  });

  it("of biome check counts what linting found, not how files are formatted, nor files that are not there", () => {
    const diagnostics = [
      found("a"),
      found("a", "parse"),
      found({ file: "b" }, "parse", "fatal"),
      found("c", "format"),
      found("d", "assist/source/organizeImports"),
      found("e", "fs/cantRead"),
      found("f", "lint/a/b", "warning"),
    ];
    expect(countsOf(biome(diagnostics, { errors: 6 }, "check"))).toEqual({ good: 3, total: 5 });
  });

  it("of Ruff counts what an older version without severities found, and not warnings of a newer one", () => {
    const entry = { filename: "a", location: { row: 1 } };
    const warning = { filename: "b", location: { row: 1 }, severity: "warning" };
    expect(countsOf(JSON.stringify([entry, warning]), { linted: 5 })).toEqual({ good: 4, total: 5 });
  });

  it.each([
    ["is not JSON, or is cut off", '{ "secret": '],
    ["is none of lcov, Istanbul's JSON, Cobertura, ESLint's, Biome's or Ruff's JSON", "secret"],
    ["is none of lcov, Istanbul's JSON, Cobertura, ESLint's, Biome's or Ruff's JSON", '{"secret":1}'],
    ["is none of lcov, Istanbul's JSON, Cobertura, ESLint's, Biome's or Ruff's JSON", "[1]"],
    ["is none of lcov, Istanbul's JSON, Cobertura, ESLint's, Biome's or Ruff's JSON", "{}"],
    ["is empty", ""],
    ["holds no lines", '{"total":{"lines":{"total":0,"covered":0}}}'],
    ["does not say covered as a whole number", '{"total":{"lines":{"total":1,"covered":"1"}}}'],
    ["holds a statement without a place", '{"a":{"statementMap":{"0":{}},"s":{"0":1}}}'],
    ["does not say errorCount as a whole number", '[{"filePath":"a","messages":[]}]'],
    ["is of biome format, which lints nothing: use biome lint", biome([], {}, "format")],
    [
      "does not hold everything that was found: run biome with --max-diagnostics=none",
      biome([found("a")], { diagnosticsNotPrinted: 3 }),
    ],
    ["does not hold everything that was found: run biome with --max-diagnostics=none", biome([], { errors: 3 })],
    ["holds a diagnostic without a file", biome([found(undefined)])],
    ["does not say unchanged as a whole number", biome([], { unchanged: -1 })],
  ])("%s", (problem, text) => {
    expect(problemOf(text)).toBe(problem);
  });

  it("in UTF-16 is told to be none of them", () => {
    expect(problemOf(Buffer.from("\uFEFF[]", "utf16le"))).toContain("is none of lcov");
  });

  it("of a folder, and of a file that is not there, is not read", () => {
    expect(() => readQualityReport(FIXTURES)).toThrow(QualityReportError);
    expect(() => readQualityReport(join(FIXTURES, "none"))).toThrow(expect.objectContaining({ code: "ENOENT" }));
  });

  it("never throws anything else, whatever stands in the file", () => {
    const piece = fc.constantFrom(
      "<coverage",
      ">",
      "/>",
      "SF:a",
      "\n",
      "DA:1,1",
      "end_of_record",
      "{",
      "[",
      '"',
      "}",
      "]",
      "<!",
      "x",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((all) => all.join("")),
          fc.json(),
        ),
        (text) => {
          expect(typeof problemOf(text, { linted: 2 })).toBe("string");
        },
      ),
      { numRuns: 300 },
    );
  });
});
