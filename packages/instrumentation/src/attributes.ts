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

const chosen = new WeakSet<Attributes>();

/** Whether these are the very labels that {@link createLabels} gave. */
export function isCatalogueLabels(attributes: Attributes): boolean {
  return chosen.has(attributes);
}

/** Sets of labels that are kept; more than that come only with many odd names. */
const MAX_KEPT_LABELS = 1000;

/**
 * The labels of one metric under the names of one generation: those of `keys` that it has, and no others. Few values
 * per attribute, so that series cannot grow without limit. The same values give the same object.
 */
export function createLabels(
  keys: readonly ConventionKey[],
  generation: Generation,
): (keyed: KeyedAttributes) => Attributes {
  const names = keys.flatMap((key) => {
    const name = conventionName(key, generation);
    return name === undefined ? [] : [{ key, name }];
  });
  /** One level for each name; at the end the labels. Nothing is made to find those that are known. */
  const kept: Level = new Map();
  let keptCount = 0;

  const build = (keyed: KeyedAttributes): { readonly attributes: Attributes; readonly isWhole: boolean } => {
    const attributes: Attributes = {};
    let isWhole = true;
    for (const { key, name } of names) {
      const value = keyed[key];
      if (value === undefined) continue;
      const label = typeof value === "number" ? value : limited(name, value);
      if (label === undefined) isWhole = false;
      attributes[name] = label ?? OTHER;
    }
    return { attributes: Object.freeze(attributes), isWhole };
  };

  const keep = (keyed: KeyedAttributes, attributes: Attributes): void => {
    chosen.add(attributes);
    if (keptCount >= MAX_KEPT_LABELS) {
      kept.clear();
      keptCount = 0;
    }
    keptCount += 1;
    let level = kept;
    for (const [index, { key }] of names.entries()) {
      const value = keyed[key];
      if (index === names.length - 1) {
        level.set(value, attributes);
        return;
      }
      const next = level.get(value) ?? new Map();
      level.set(value, next);
      level = next as Level;
    }
  };

  return (keyed) => {
    let found: Level | Attributes | undefined = kept;
    for (let i = 0; i < names.length && found !== undefined; i++) {
      found = (found as Level).get(keyed[(names[i] as (typeof names)[number]).key]);
    }
    if (found !== undefined && found !== kept) return found as Attributes;
    const { attributes, isWhole } = build(keyed);
    // What lost a value is counted each time.
    if (isWhole) keep(keyed, attributes);
    return attributes;
  };
}

/** The labels by the values of their attributes, one after the other. */
type Level = Map<string | number | undefined, Level | Attributes>;

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

/** Undefined for a value more than an attribute may have. */
function limited(name: string, value: string): string | undefined {
  const label = value.length > MAX_LABEL_LENGTH ? value.slice(0, MAX_LABEL_LENGTH) : value;
  let seen = seenValues.get(name);
  if (seen === undefined) {
    seen = new Set();
    seenValues.set(name, seen);
  }
  if (seen.has(label)) return label;
  if (seen.size >= registry.settings.maxValuesPerAttribute) {
    countDrop(`too many values of ${name}`);
    return undefined;
  }
  seen.add(label);
  return label;
}
