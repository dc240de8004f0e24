/** Attribute values: cleaned, capped in length and in number, and named as the emitted generation names them. */
import { type ConventionKey, conventionName, type Emission, emittedNames, type Generation } from "@moai-metrics/model";
import type { Attributes } from "@opentelemetry/api";
import { countDrop, registry } from "./registry.ts";

/** Attributes by convention key; undefined values are left out. */
export type KeyedAttributes = Partial<Record<ConventionKey, string | number | undefined>>;

/** What a value counts as when it is not fit to be a label; OpenTelemetry's word. */
export const OTHER = "_OTHER";

const MAX_LABEL_LENGTH = 128;
const MAX_SPAN_VALUE_LENGTH = 512;

const spanNames: Record<Emission, Map<ConventionKey, readonly string[]>> = {
  g3: new Map(),
  g2: new Map(),
  both: new Map(),
};
const seenValues = new Map<string, Set<string>>();

/** A text as a user may give it, or undefined for anything that is no usable text. */
export function cleanText(value: unknown, maxLength: number = MAX_SPAN_VALUE_LENGTH): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.length > maxLength ? value.slice(0, maxLength) : value;
  return text.trim() === "" ? undefined : text;
}

/** Attributes for a metric: few values per attribute, so that series cannot grow without limit. */
export function metricAttributes(keyed: KeyedAttributes, generation: Generation): Attributes {
  const attributes: Attributes = {};
  for (const key in keyed) {
    const name = conventionName(key as ConventionKey, generation);
    const value = keyed[key as ConventionKey];
    if (name === undefined || value === undefined) continue;
    attributes[name] = typeof value === "number" ? value : limited(name, value);
  }
  return attributes;
}

/** Attributes for a span. */
export function spanAttributes(keyed: KeyedAttributes, emission: Emission): Attributes {
  const attributes: Attributes = {};
  for (const key in keyed) {
    const value = keyed[key as ConventionKey];
    if (value === undefined) continue;
    for (const name of namesOf(key as ConventionKey, emission)) attributes[name] = value;
  }
  return attributes;
}

function namesOf(key: ConventionKey, emission: Emission): readonly string[] {
  const known = spanNames[emission];
  let names = known.get(key);
  if (names === undefined) {
    names = emittedNames(key, emission);
    known.set(key, names);
  }
  return names;
}

function limited(name: string, value: string): string {
  const label = value.length > MAX_LABEL_LENGTH ? value.slice(0, MAX_LABEL_LENGTH) : value;
  let seen = seenValues.get(name);
  if (seen === undefined) {
    seen = new Set();
    seenValues.set(name, seen);
  }
  if (seen.has(label)) return label;
  if (seen.size >= registry.settings.maxValuesPerAttribute) {
    countDrop(`too many values of ${name}`);
    return OTHER;
  }
  seen.add(label);
  return label;
}
