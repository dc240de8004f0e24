/**
 * What linters write as JSON. A file is good when the linter found no error in it; warnings do not count against it.
 *
 * - ESLint (`--format json`) lists every file that it looked at, and those that it was told to ignore with a warning that has
 *   no rule and no place.
 * - Biome (`--reporter=json`) lists what it found, and in its summary how many files it looked at, changed or not.
 * - Ruff (`--output-format json`) lists what it found and not how many files it looked at, so that one has to be told.
 */
import { countIn, isObject, type JsonObject, objectsIn } from "./json-shapes.ts";
import { countsOf, type QualityReading, QualityReportError } from "./types.ts";

/** What every linter's reading has. */
const MEASURE = { measure: "lint_score" } as const;
const FILES = "linted files";

/** Whether an entry of a list is one of ESLint's. */
export function isEslintEntry(entry: unknown): boolean {
  return isObject(entry) && typeof entry["filePath"] === "string" && Array.isArray(entry["messages"]);
}

/** ESLint's results. @throws QualityReportError */
export function readEslint(entries: readonly JsonObject[]): QualityReading {
  const linted = entries.filter((entry) => !isIgnored(entry));
  const good = linted.filter((entry) => countIn(entry, "errorCount") === 0).length;
  const notLinted = entries.length - linted.length;
  return { format: "eslint", tool: "eslint", ...MEASURE, counts: countsOf(good, linted.length, FILES), notLinted };
}

function isIgnored({ messages }: JsonObject): boolean {
  const [only, another] = objectsIn(messages, "messages");
  if (only === undefined || another !== undefined) return false;
  return only["ruleId"] === null && only["severity"] === 1 && only["fatal"] !== true && only["line"] === undefined;
}

/** Whether it looks like Biome's report. */
export function isBiomeReport(content: JsonObject): boolean {
  return (
    isObject(content["summary"]) && Array.isArray(content["diagnostics"]) && typeof content["command"] === "string"
  );
}

/** Findings that are no matter of linting: how a file is formatted, and files that could not be opened. */
const NO_LINT = /^(?:format|assist|organizeImports|fs\/|internalError\/fs)/;
const ERRORS: ReadonlySet<unknown> = new Set(["error", "fatal"]);

/** Biome's report. @throws QualityReportError, also for one that does not hold everything that was found. */
export function readBiome(content: JsonObject): QualityReading {
  const { summary, command } = content;
  if (command === "format") throw new QualityReportError("is of biome format, which lints nothing: use biome lint");
  if (!isObject(summary)) throw new QualityReportError("has no summary");
  const errors = objectsIn(content["diagnostics"], "diagnostics").filter(({ severity }) => ERRORS.has(severity));
  if (countIn(summary, "diagnosticsNotPrinted") > 0 || countIn(summary, "errors") > errors.length) {
    throw new QualityReportError("does not hold everything that was found: run biome with --max-diagnostics=none");
  }
  const faulty = new Set(errors.filter(({ category }) => !NO_LINT.test(String(category))).map(fileOf));
  const total = countIn(summary, "changed") + countIn(summary, "unchanged");
  return { format: "biome", tool: "biome", ...MEASURE, counts: countsOf(total - faulty.size, total, FILES) };
}

function fileOf({ location }: JsonObject): string {
  const path = isObject(location) ? location["path"] : undefined;
  // Before Biome 2.4 the path was an object of its own.
  const name = isObject(path) ? path["file"] : path;
  if (typeof name === "string") return name;
  throw new QualityReportError("holds a diagnostic without a file");
}

/** Whether an entry of a list is one of Ruff's. */
export function isRuffEntry(entry: unknown): boolean {
  return isObject(entry) && typeof entry["filename"] === "string" && isObject(entry["location"]);
}

/**
 * Ruff's violations.
 * @param linted how many files Ruff looked at (`ruff check --show-files | wc -l`).
 * @throws QualityReportError when that is not told, or fewer than the files that it complains of.
 */
export function readRuff(entries: readonly JsonObject[], linted: number | undefined): QualityReading {
  if (linted === undefined) {
    throw new QualityReportError(
      "is of Ruff, which lists only what it found: say how many files it looked at with --files N " +
        "(ruff check --show-files | wc -l)",
    );
  }
  // Ruff gives no severity before 0.12; then everything that it finds is an error.
  const errors = entries.filter(({ severity }) => severity === undefined || ERRORS.has(severity));
  const faulty = new Set(errors.map(({ filename }) => filename)).size;
  if (faulty > linted) {
    throw new QualityReportError(`complains of ${faulty} files, and --files says that there are only ${linted}`);
  }
  return { format: "ruff", tool: "ruff", ...MEASURE, counts: countsOf(linted - faulty, linted, FILES) };
}
