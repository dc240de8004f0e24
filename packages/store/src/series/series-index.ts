/** Finds series by what identifies them. Series are never changed or removed, so that what was read stays true. */
import type { Database } from "better-sqlite3";
import { decodeIdentity } from "./identity.ts";
import type { Attributes, AttributeValue, SeriesIdentity } from "./types.ts";

/** A series and its number. */
export interface NumberedSeries {
  readonly id: number;
  readonly identity: SeriesIdentity;
}

/** Which series. Attributes that are named must be there with this value; others may be there, too. */
interface SeriesFilter {
  readonly metric: string;
  readonly attributes?: Attributes | undefined;
  readonly resource?: Attributes | undefined;
  /** Attributes that must be there with a value of this text, whether it is a string, a number or a boolean. */
  readonly attributeTexts?: Readonly<Record<string, string>> | undefined;
}

export interface SeriesIndex {
  /** The series of a metric that pass the filter, in the order in which they first appeared. */
  find(filter: SeriesFilter): NumberedSeries[];
  /** @throws Error when there is no such series. */
  identityOf(id: number): SeriesIdentity;
}

export function createSeriesIndex(database: Database): SeriesIndex {
  const ofMetric = database.prepare<[string, string], { id: number; identity: string }>(
    "SELECT id, identity FROM series WHERE identity ->> 0 = ? AND instr(identity, ?) > 0 ORDER BY id",
  );
  const byId = database.prepare<[number], string>("SELECT identity FROM series WHERE id = ?").pluck();
  return {
    find: ({ metric, attributes = {}, attributeTexts = {}, resource = {} }) =>
      ofMetric
        .all(metric, anyTextIn(attributes))
        .map(({ id, identity }) => ({ id, identity: decodeIdentity(identity) }))
        .filter(
          ({ identity }) =>
            contains(identity.attributes, attributes) &&
            containsTexts(identity.attributes, attributeTexts) &&
            contains(identity.resource, resource),
        ),
    identityOf(id) {
      const text = byId.get(id);
      if (text === undefined) throw new Error(`${database.name} has points of series ${id}, which it does not know.`);
      return decodeIdentity(text);
    },
  };
}

/** A text that the identity of every wanted series has: reading all others takes much longer than looking for it. */
function anyTextIn(attributes: Attributes): string {
  const text = Object.values(attributes).find((value) => typeof value === "string");
  return text === undefined ? "" : JSON.stringify(text);
}

function contains(all: Attributes, wanted: Attributes): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(all, key) && isEqual(all[key], value));
}

function containsTexts(all: Attributes, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, text]) => {
    const value = Object.hasOwn(all, key) ? all[key] : undefined;
    return value !== undefined && typeof value !== "object" && String(value) === text;
  });
}

function isEqual(a: AttributeValue | undefined, b: AttributeValue): boolean {
  return typeof a === "object" || typeof b === "object" ? JSON.stringify(a) === JSON.stringify(b) : a === b;
}
