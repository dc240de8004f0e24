/** Reads a report of any known format from a file. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { readCobertura } from "./cobertura.ts";
import { isIstanbulFinal, isIstanbulSummary, readIstanbulFinal, readIstanbulSummary } from "./istanbul.ts";
import { isObject, type JsonObject } from "./json-shapes.ts";
import { readLcov } from "./lcov.ts";
import { isBiomeReport, isEslintEntry, isRuffEntry, readBiome, readEslint, readRuff } from "./linters.ts";
import { type QualityReading, QualityReportError } from "./types.ts";

/** What a file cannot say itself. */
export interface QualityReportOptions {
  /** How many files the linter looked at; Ruff does not say. */
  readonly linted?: number | undefined;
}

/** A report and its file. */
export interface QualityReport extends QualityReading {
  readonly modifiedAtMillis: number;
}

/** JSON has to be held whole. */
const MAX_JSON_BYTES = 256 << 20;
const PIECE_BYTES = 1 << 20;
const UNKNOWN = "is none of lcov, Istanbul's JSON, Cobertura, ESLint's, Biome's or Ruff's JSON";

/**
 * Finds out the format and reads the report: lcov and XML piece by piece, JSON whole.
 * @throws QualityReportError for a file that is broken or of no known format; the system's error when it cannot be read.
 */
export function readQualityReport(path: string, options: QualityReportOptions = {}): QualityReport {
  const descriptor = openSync(path, "r");
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new QualityReportError("is not a file");
    const reading = readPieces(piecesOf(descriptor), status.size, options);
    return { ...reading, modifiedAtMillis: Math.floor(status.mtimeMs) };
  } finally {
    closeSync(descriptor);
  }
}

function readPieces(pieces: Iterator<string>, sizeBytes: number, options: QualityReportOptions): QualityReading {
  const first = pieces.next();
  if (first.done === true) throw new QualityReportError("is empty");
  const whole = behind(first.value.replace(/^\uFEFF/, ""), pieces);
  const beginning = first.value.trimStart();
  if (beginning.startsWith("<")) return readCobertura(whole);
  if (/^(?:TN|SF):|^#/.test(beginning)) return readLcov(whole);
  if (!/^[[{]/.test(beginning)) throw new QualityReportError(UNKNOWN);
  if (sizeBytes > MAX_JSON_BYTES) {
    throw new QualityReportError(`is JSON of more than ${MAX_JSON_BYTES >> 20} MB: give lcov or Cobertura instead`);
  }
  return readJson(parse([...whole].join("")), options);
}

function readJson(content: unknown, { linted }: QualityReportOptions): QualityReading {
  if (Array.isArray(content)) {
    if (content.length > 0 && content.every(isEslintEntry)) return readEslint(content as JsonObject[]);
    // An empty list is Ruff's when there was nothing to find; ESLint lists every file.
    if (content.every(isRuffEntry)) return readRuff(content as JsonObject[], linted);
  } else if (isObject(content)) {
    if (isBiomeReport(content)) return readBiome(content);
    if (isIstanbulSummary(content)) return readIstanbulSummary(content);
    if (isIstanbulFinal(content)) return readIstanbulFinal(content);
  }
  throw new QualityReportError(UNKNOWN);
}

/** JSON.parse would show in its message what stands in the file. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new QualityReportError("is not JSON, or is cut off");
  }
}

function* piecesOf(descriptor: number): Generator<string> {
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    const bytes = readSync(descriptor, buffer, 0, buffer.length, null);
    const text = bytes === 0 ? decoder.end() : decoder.write(buffer.subarray(0, bytes));
    if (text !== "") yield text;
    if (bytes === 0) return;
  }
}

function* behind(first: string, rest: Iterator<string>): Generator<string> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
