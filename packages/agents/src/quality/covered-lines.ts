/** Adds up which lines of which files are covered; a file may come in several parts. */
import { countsOf, QualityReportError } from "./types.ts";

/** The lines of all files. */
export interface CoveredLines {
  /** Lines of a file by number; a line is covered when any of its parts says so. */
  add(file: string, lines: ReadonlyMap<number, boolean>): void;
  /** Covered lines of all lines. @throws QualityReportError without lines. */
  counts(): ReturnType<typeof countsOf>;
}

const MAX_LINE = 2 ** 31 - 1;

/** Creates the sum. Of each file only four bytes a line are kept. */
export function createCoveredLines(): CoveredLines {
  const files = new Map<string, Uint32Array>();
  let good = 0;
  let total = 0;
  const count = (packed: Uint32Array, sign: 1 | -1): void => {
    total += sign * packed.length;
    for (const line of packed) good += sign * (line & 1);
  };
  return {
    add(file, lines) {
      const known = files.get(file);
      const merged = known === undefined ? lines : joined(unpack(known), lines);
      if (known !== undefined) count(known, -1);
      const packed = pack(merged);
      // A part of a text holds on to the whole text; a copy does not.
      files.set(known === undefined ? Buffer.from(file).toString() : file, packed);
      count(packed, 1);
    },
    counts: () => countsOf(good, total, "lines"),
  };
}

/** The number of a line, and in the lowest bit whether it is covered. */
function pack(lines: ReadonlyMap<number, boolean>): Uint32Array {
  return Uint32Array.from(lines, ([line, isCovered]) => {
    if (line > MAX_LINE) throw new QualityReportError("counts a line beyond the end of any file");
    return line * 2 + Number(isCovered);
  });
}

function unpack(packed: Uint32Array): Map<number, boolean> {
  return new Map(Array.from(packed, (line) => [line >>> 1, (line & 1) === 1]));
}

function joined(first: Map<number, boolean>, second: ReadonlyMap<number, boolean>): Map<number, boolean> {
  for (const [line, isCovered] of second) first.set(line, isCovered || first.get(line) === true);
  return first;
}
