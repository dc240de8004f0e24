/**
 * lcov's tracefiles (`lcov.info`), as geninfo(1) describes them: records from `SF:` to `end_of_record`, in them a line
 * `DA:<line>,<hits>` for each line that can run.
 */
import { createCoveredLines } from "./covered-lines.ts";
import { type QualityReading, QualityReportError } from "./types.ts";

/** Longer than any path or checksum. */
const MAX_LINE_LENGTH = 1 << 20;

/** What lcov's lines begin with, of which only three matter here. */
const KEYS = /^(?:#|end_of_record$|(?:TN|SF|VER|FN|FNL|FNA|FNDA|FNF|FNH|BRDA|BRF|BRH|MCDC|MCF|MCH|DA|LF|LH):)/;

/**
 * Reads a tracefile piece by piece.
 * @throws QualityReportError for one that is broken or cut off.
 */
export function readLcov(pieces: Iterable<string>): QualityReading {
  const covered = createCoveredLines();
  let file: string | undefined;
  let lines = new Map<number, boolean>();
  for (const line of linesOf(pieces)) {
    if (line === "") continue;
    if (!KEYS.test(line)) throw new QualityReportError("holds a line that no lcov file has");
    if (line.startsWith("SF:")) {
      if (file !== undefined) throw new QualityReportError("begins a record inside another");
      file = line.slice(3);
      lines = new Map();
    } else if (line.startsWith("DA:")) {
      const [number, isHit] = parseLine(line);
      if (file === undefined) throw new QualityReportError("counts a line outside of any file");
      lines.set(number, isHit || lines.get(number) === true);
    } else if (line === "end_of_record") {
      if (file === undefined) throw new QualityReportError("ends a record that never began");
      covered.add(file, lines);
      file = undefined;
    }
  }
  if (file !== undefined) throw new QualityReportError("is cut off inside a record");
  return { format: "lcov", measure: "test_coverage", tool: "lcov", counts: covered.counts() };
}

function parseLine(line: string): readonly [number: number, isHit: boolean] {
  const [, number, hits] = /^DA:(\d{1,10}),(-?\d{1,20})(?:,|$)/.exec(line) ?? [];
  if (number === undefined) {
    throw new QualityReportError("counts a line without a number, or without hits");
  }
  return [Number(number), Number(hits) > 0];
}

function* linesOf(pieces: Iterable<string>): Generator<string> {
  let rest = "";
  for (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_LENGTH) throw new QualityReportError("has a line of more than a million characters");
    for (const line of lines) yield line.trimEnd();
  }
  yield rest.trimEnd();
}
