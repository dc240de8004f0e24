/**
 * Cobertura's coverage in XML (coverage-04.dtd), which coverage.py, Istanbul, gcovr, coverlet and others write. The root says
 * `lines-covered` and `lines-valid`; where it does not, the lines of its classes are counted.
 */
import { createCoveredLines } from "./covered-lines.ts";
import { countsOf, type QualityReading, QualityReportError } from "./types.ts";
import { attributeOf, readXmlTags, type XmlTag } from "./xml-tags.ts";

/** A time below this is in seconds, above it in milliseconds: both are in use. */
const SECONDS_BELOW = 1e11;

/**
 * Reads a report piece by piece.
 * @throws QualityReportError for one that is broken or cut off, or of another kind.
 */
export function readCobertura(pieces: Iterable<string>): QualityReading {
  const covered = createCoveredLines();
  const path: string[] = [];
  let root: XmlTag | undefined;
  let file = "";
  let lines = new Map<number, boolean>();
  for (const tag of readXmlTags(pieces)) {
    root ??= coverageRoot(tag);
    if (tag.isEnd) {
      path.pop();
      if (tag.name === "class") covered.add(file, lines);
      continue;
    }
    path.push(tag.name);
    if (tag.name === "class") {
      file = attributeOf(tag, "filename") ?? "";
      lines = new Map();
    } else if (tag.name === "line" && path.at(-3) === "class") {
      const number = numberOf(tag, "number");
      lines.set(number, numberOf(tag, "hits") > 0 || lines.get(number) === true);
    }
  }
  const said = root === undefined ? undefined : saidBy(root);
  const counts = said === undefined ? covered.counts() : countsOf(said.good, said.total, "lines");
  return {
    format: "cobertura",
    measure: "test_coverage",
    tool: "cobertura",
    counts,
    atMillis: root === undefined ? undefined : timeOf(root),
  };
}

function coverageRoot(tag: XmlTag): XmlTag {
  if (tag.name === "coverage") return tag;
  throw new QualityReportError(`is XML, but no Cobertura report: its root is not <coverage>`);
}

/** What the tool itself says of all lines; undefined where it does not. */
function saidBy(root: XmlTag): { readonly good: number; readonly total: number } | undefined {
  const [good, total] = [attributeOf(root, "lines-covered"), attributeOf(root, "lines-valid")];
  if (good === undefined || total === undefined || Number(total) === 0) return undefined;
  return { good: wholeOf(good), total: wholeOf(total) };
}

function timeOf(root: XmlTag): number | undefined {
  const time = Number(attributeOf(root, "timestamp"));
  if (!Number.isSafeInteger(time) || time <= 0) return undefined;
  return time < SECONDS_BELOW ? time * 1_000 : time;
}

function numberOf(tag: XmlTag, name: string): number {
  return wholeOf(attributeOf(tag, name) ?? "");
}

function wholeOf(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new QualityReportError("holds a count that is no whole number");
}
