/** Looking into JSON of which nothing is certain. */
import { QualityReportError } from "./types.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A whole number of 0 or more. @throws QualityReportError for anything else. */
export function countIn(object: JsonObject, name: string): number {
  const value = object[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new QualityReportError(`does not say ${name} as a whole number`);
}

/** A list of objects. @throws QualityReportError for anything else. */
export function objectsIn(value: unknown, what: string): readonly JsonObject[] {
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw new QualityReportError(`holds no list of ${what}`);
}
