/** The canonical text of a series: equal for equal series, whatever the order of their attributes. */
import type { Attributes, SeriesIdentity } from "./types.ts";

/** JSON with attributes in order of their keys. */
export function encodeIdentity(identity: SeriesIdentity): string {
  return JSON.stringify([
    identity.metric,
    identity.kind,
    identity.unit,
    identity.description,
    identity.temporality,
    identity.isMonotonic,
    identity.valueType,
    inKeyOrder(identity.attributes),
    inKeyOrder(identity.resource),
    identity.scope.name,
    identity.scope.version,
  ]);
}

/** Reads the canonical text back. */
export function decodeIdentity(text: string): SeriesIdentity {
  const [
    metric,
    kind,
    unit,
    description,
    temporality,
    isMonotonic,
    valueType,
    attributes,
    resource,
    scopeName,
    scopeVersion,
  ] = JSON.parse(text) as [
    string,
    SeriesIdentity["kind"],
    string,
    string,
    SeriesIdentity["temporality"],
    boolean,
    SeriesIdentity["valueType"],
    [string, Attributes[string]][],
    [string, Attributes[string]][],
    string,
    string,
  ];
  return {
    metric,
    kind,
    unit,
    description,
    temporality,
    isMonotonic,
    valueType,
    attributes: Object.fromEntries(attributes),
    resource: Object.fromEntries(resource),
    scope: { name: scopeName, version: scopeVersion },
  };
}

/** Why points with such attributes cannot be stored: their canonical text would be that of another series, or none. */
export function refusalOfIdentity({ attributes, resource }: SeriesIdentity): string | undefined {
  const values: unknown[] = [...Object.values(attributes), ...Object.values(resource)];
  const isKept = values.every(
    (value) => isScalar(value) || (Array.isArray(value) && value.every((each) => each === null || isScalar(each))),
  );
  return isKept ? undefined : "attribute of a kind that cannot be stored";
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function inKeyOrder(attributes: Attributes): [string, Attributes[string]][] {
  return Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
