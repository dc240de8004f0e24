/** The format of a spool file: facts and points that wait until someone can write them. */
import { type Fact, WITNESS_RANK, withoutPath } from "@moai-metrics/model";
import type { PointBatch } from "../series/types.ts";
import { decodePoints, encodePoints } from "./points.ts";

/** Facts alone. Still written where there are no points, so that an older version can take them in. */
const FACTS_VERSION = 1;
/** Facts and points. */
const POINTS_VERSION = 2;
/** Of the journal's format. */
const JOURNAL = 1;

/** No points at all. */
export const NO_POINTS: PointBatch = Object.freeze({ series: [] });

/** What a spool file holds. */
export interface SpoolContent {
  readonly facts: readonly Fact[];
  readonly points: PointBatch;
  /** Entries that are no facts. */
  readonly invalid: number;
  /** Entries that are no points. */
  readonly invalidPoints: number;
}

/** Facts as JSON. Paths of changed files stand in it as digests. @throws TypeError for what has no text as JSON. */
export function encodeFacts(facts: readonly Fact[]): string {
  return JSON.stringify(facts.map(withoutPath));
}

/** The text of a spool file. Paths of changed files stand in it as digests. */
export function encodeSpoolFile(told: readonly Fact[], points: PointBatch = NO_POINTS): string {
  const facts = told.map(withoutPath);
  if (points.series.length === 0) return JSON.stringify({ version: FACTS_VERSION, facts });
  return JSON.stringify({ version: POINTS_VERSION, facts, points: encodePoints(points) });
}

/**
 * Reads the text of a spool file.
 *
 * @returns undefined when it is no spool file: not JSON, cut off, or of a newer format.
 */
export function decodeSpoolFile(text: string): SpoolContent | undefined {
  const content = parse(text);
  if (!isObject(content) || !Array.isArray(content["facts"])) return undefined;
  const entries = content["version"] === FACTS_VERSION ? [] : content["points"];
  if (content["version"] !== FACTS_VERSION && content["version"] !== POINTS_VERSION) return undefined;
  if (!Array.isArray(entries)) return undefined;
  const facts = content["facts"].filter(isFact);
  const { points, invalid } = decodePoints(entries);
  return { facts, points, invalid: content["facts"].length - facts.length, invalidPoints: invalid };
}

/**
 * Whether a text of the spool says of itself that a newer version wrote it, as a file or as a journal, whose first line
 * says so. What {@link decodeSpoolFile} cannot read and what is not newer is damaged.
 */
export function isNewerSpoolText(text: string): boolean {
  const [firstLine = ""] = text.split("\n", 1);
  const content = parse(text) ?? parse(firstLine);
  if (!isObject(content)) return false;
  const { version, journal } = content;
  return (
    (typeof version === "number" && version > POINTS_VERSION) || (typeof journal === "number" && journal > JOURNAL)
  );
}

/** The time, the identity of the thread and a running number make names unique, and sort them by age. */
export function spoolFileName(atMillis: number, pid: number, threadId: number, sequence: number): string {
  return `${atMillis}-${pid}-${threadId}_${sequence}.json`;
}

/** Whether a file name is one that {@link spoolFileName} made. */
export function isSpoolFileName(name: string): boolean {
  return /^\d{1,16}-\d+-\d+_\d+\.json$/.test(name);
}

const NATURAL_KEY_FIELDS: Record<Fact["kind"], readonly string[]> = {
  session: ["activity"],
  task: ["taskId"],
  model_call: ["endedAtMillis"],
  tool_call: ["callId", "startedAtMillis"],
  file_change: ["taskId", "path", "change", "atMillis"],
  quality: ["measure", "atMillis", "score"],
};

/** Whether something read from a file has at least what makes it a fact. */
export function isFact(value: unknown): value is Fact {
  if (!isObject(value)) return false;
  const { kind, witness, product, sessionId } = value;
  if (typeof kind !== "string" || !Object.hasOwn(NATURAL_KEY_FIELDS, kind)) return false;
  if (typeof witness !== "string" || !Object.hasOwn(WITNESS_RANK, witness)) return false;
  if (kind !== "quality" && (typeof product !== "string" || typeof sessionId !== "string")) return false;
  return NATURAL_KEY_FIELDS[kind as Fact["kind"]].every((field) => value[field] !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
