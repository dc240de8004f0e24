/**
 * Istanbul's coverage in JSON, which nyc, Jest, c8 and vitest write: `coverage-summary.json` with the sums, and
 * `coverage-final.json` with every statement. A line is covered when a statement that begins on it ran; a line on which none
 * begins is not counted (istanbul-lib-coverage, `FileCoverage.getLineCoverage`).
 */
import { createCoveredLines } from "./covered-lines.ts";
import { countIn, isObject, type JsonObject } from "./json-shapes.ts";
import { countsOf, type QualityReading, QualityReportError } from "./types.ts";

const SAID = { measure: "test_coverage", tool: "istanbul" } as const;

/** Whether it looks like `coverage-summary.json`. */
export function isIstanbulSummary(content: JsonObject): boolean {
  return isObject(content["total"]) && isObject(content["total"]["lines"]);
}

/** The sums of `coverage-summary.json`. @throws QualityReportError */
export function readIstanbulSummary(content: JsonObject): QualityReading {
  const lines = isObject(content["total"]) ? content["total"]["lines"] : undefined;
  if (!isObject(lines)) throw new QualityReportError("says nothing of lines");
  const counts = countsOf(countIn(lines, "covered"), countIn(lines, "total"), "lines");
  return { format: "istanbul-summary", ...SAID, counts };
}

/** Whether it looks like `coverage-final.json`. */
export function isIstanbulFinal(content: JsonObject): boolean {
  const files = Object.values(content);
  return (
    files.length > 0 && files.every((file) => isObject(file) && isObject(file["statementMap"]) && isObject(file["s"]))
  );
}

/** The lines of `coverage-final.json`. @throws QualityReportError */
export function readIstanbulFinal(content: JsonObject): QualityReading {
  const covered = createCoveredLines();
  for (const [name, file] of Object.entries(content)) {
    if (!isObject(file) || !isObject(file["statementMap"]) || !isObject(file["s"])) continue;
    const lines = new Map<number, boolean>();
    for (const [statement, hits] of Object.entries(file["s"])) {
      const place = file["statementMap"][statement];
      if (!isObject(place)) continue;
      const line = isObject(place["start"]) ? countIn(place["start"], "line") : undefined;
      if (line === undefined || typeof hits !== "number")
        throw new QualityReportError("holds a statement without a place");
      lines.set(line, hits > 0 || lines.get(line) === true);
    }
    covered.add(name, lines);
  }
  return { format: "istanbul-final", ...SAID, counts: covered.counts() };
}
