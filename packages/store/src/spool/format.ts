/** The format of a spool file: facts that wait until someone can write them. */
import { type Fact, WITNESS_RANK } from "@moai-metrics/model";

const FORMAT_VERSION = 1;

/** What a spool file holds. */
export interface SpoolContent {
  readonly facts: readonly Fact[];
  /** Entries that are no facts. */
  readonly invalid: number;
}

/** The text of a spool file. */
export function encodeSpoolFile(facts: readonly Fact[]): string {
  return JSON.stringify({ version: FORMAT_VERSION, facts });
}

/**
 * Reads the text of a spool file.
 *
 * @returns undefined when it is no spool file: not JSON, cut off, or of a newer format.
 */
export function decodeSpoolFile(text: string): SpoolContent | undefined {
  const content = parse(text);
  if (!isObject(content) || content["version"] !== FORMAT_VERSION || !Array.isArray(content["facts"])) return undefined;
  const facts = content["facts"].filter(isFact);
  return { facts, invalid: content["facts"].length - facts.length };
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
};

function isFact(value: unknown): value is Fact {
  if (!isObject(value)) return false;
  const { kind, witness, product, sessionId } = value;
  if (typeof kind !== "string" || !Object.hasOwn(NATURAL_KEY_FIELDS, kind)) return false;
  if (typeof witness !== "string" || !Object.hasOwn(WITNESS_RANK, witness)) return false;
  if (typeof product !== "string" || typeof sessionId !== "string") return false;
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
