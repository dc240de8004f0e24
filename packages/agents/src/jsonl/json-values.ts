/** Picks values out of parsed JSON of which nothing is certain. */
import { parseTimestamp } from "./timestamp.ts";

/** Longest id, name or version; a longer one counts as absent. */
const MAX_ID_LENGTH = 200;
/** Longest path; a longer one counts as absent. */
export const MAX_PATH_LENGTH = 4096;

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object that is not a list; undefined for anything else. */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** A list; empty for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that says something and is not overlong; undefined for anything else. */
export function textOf(value: unknown, maxLength = MAX_ID_LENGTH): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= maxLength ? value : undefined;
}

/** A count, also one written as text; undefined for anything else. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? Math.floor(number) : undefined;
}

/** Milliseconds since the Unix epoch of an ISO 8601 time with a zone; undefined for anything else. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== "string" || value.length > MAX_TIME_LENGTH) return undefined;
  return parseTimestamp(Buffer.from(value, "latin1"), 0, value.length);
}

const MAX_TIME_LENGTH = 40;
