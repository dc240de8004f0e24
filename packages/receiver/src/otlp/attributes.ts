/** Attributes of OTLP as plain values, within limits. */
import { hash53 } from "@moai-metrics/model";
import type { AttributeValue } from "@moai-metrics/store";
import { isContent, isPersonal } from "./content-attributes.ts";
import type { AnyValue, KeyValue } from "./generated/opentelemetry/proto/common/v1/common_pb.ts";
import { MalformedRequestError } from "./malformed-request-error.ts";

/** Counts what was not taken, by reason. */
export type Count = (reason: string, amount?: number) => void;

/** Limits of attributes. Longer names and values are cut, more attributes are left out; both are counted. */
const MAX_ATTRIBUTES = 128;
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_LENGTH = 4096;
/** As OpenTelemetry limits SDKs. */
const MAX_DEPTH = 64;

/** What was left out of attributes, as {@link Count} hears it. */
const NONE: ReadonlySet<string> = new Set();
const DROPPED_CONTENT = "content attribute";
const DROPPED_PERSON = "attribute about a person or an account";
const DROPPED_ATTRIBUTE = `attribute beyond the first ${MAX_ATTRIBUTES}`;
const CUT_NAME = `attribute name cut to ${MAX_NAME_LENGTH} characters`;
const CUT_VALUE = `attribute value cut to ${MAX_VALUE_LENGTH} characters`;

/**
 * Attributes as the store and the mappings take them: integers that a double cannot hold become text, so do bytes and
 * maps. Content is dropped.
 *
 * @param promoted names that the user wants to have though they tell who a person is. Default: none.
 * @throws MalformedRequestError for a value that is nested too deep.
 */
export function attributesOf(
  list: readonly KeyValue[],
  count: Count,
  promoted: ReadonlySet<string> = NONE,
): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  let taken = 0;
  for (const { key, value } of list) {
    if (value === undefined || value.value.case === undefined) continue;
    const reason = dropReason(key, value);
    if (reason !== undefined && !(reason === DROPPED_PERSON && promoted.has(key))) {
      count(reason);
      continue;
    }
    if (taken >= MAX_ATTRIBUTES) {
      count(DROPPED_ATTRIBUTE);
      continue;
    }
    taken += 1;
    setOwn(attributes, cut(key, MAX_NAME_LENGTH, CUT_NAME, count), attributeValue(value, count));
  }
  return attributes;
}

/** A truth value says nothing, whatever it is called: `error` is often one, and tells series apart. */
function dropReason(name: string, value: AnyValue | undefined): string | undefined {
  return value?.value.case === "boolValue" ? undefined : (reasonsOfNames.get(name) ?? reasonOfName(name)) || undefined;
}

/** The same names come again and again, and judging one takes several expressions. "" stands for no reason. */
const reasonsOfNames = new Map<string, string>();
const MAX_REMEMBERED_NAMES = 5_000;

function reasonOfName(name: string): string {
  const reason = isContent(name) ? DROPPED_CONTENT : isPersonal(name) ? DROPPED_PERSON : "";
  if (name.length > MAX_NAME_LENGTH) return reason;
  if (reasonsOfNames.size >= MAX_REMEMBERED_NAMES) reasonsOfNames.clear();
  reasonsOfNames.set(name, reason);
  return reason;
}

/** A number for the attributes that {@link attributesOf} drops, by which lists that differ only in them are told apart. */
export function digestOfDropped(list: readonly KeyValue[]): number {
  const dropped = list.filter(({ key, value }) => dropReason(key, value) !== undefined);
  if (dropped.length === 0) return 0;
  return hash53(JSON.stringify(dropped.map(({ key, value }) => [key, value === undefined ? null : plainOf(value, 1)])));
}

/** `__proto__` is a name like any other. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function attributeValue({ value }: AnyValue, count: Count): AttributeValue {
  switch (value.case) {
    case "stringValue":
      return cut(value.value, MAX_VALUE_LENGTH, CUT_VALUE, count);
    case "boolValue":
    case "doubleValue":
      return value.value;
    case "intValue":
      return numberOrText(value.value);
    case "arrayValue":
      return value.value.values.map((entry) => scalarOf(entry, count));
    default:
      return cut(JSON.stringify(plainOf({ value }, 1)) ?? "", MAX_VALUE_LENGTH, CUT_VALUE, count);
  }
}

/** An entry of a list; nested ones become text. */
function scalarOf(entry: AnyValue, count: Count): string | number | boolean | null {
  if (entry.value.case === undefined) return null;
  const value = entry.value.case === "arrayValue" ? JSON.stringify(plainOf(entry, 2)) : attributeValue(entry, count);
  return typeof value === "object" ? null : value;
}

/** A nested value as JSON would have it. */
function plainOf({ value }: Pick<AnyValue, "value">, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new MalformedRequestError(`has an attribute nested deeper than ${MAX_DEPTH} levels`);
  switch (value.case) {
    case "intValue":
      return numberOrText(value.value);
    case "arrayValue":
      return value.value.values.map((entry) => plainOf(entry, depth + 1));
    case "kvlistValue": {
      const map: Record<string, unknown> = {};
      for (const { key, value: inner } of value.value.values) {
        if (inner !== undefined && dropReason(key, inner) === undefined) setOwn(map, key, plainOf(inner, depth + 1));
      }
      return map;
    }
    case "bytesValue":
      return Buffer.from(value.value).toString("base64");
    case "stringValue":
    case "boolValue":
    case "doubleValue":
      return value.value;
    default:
      return null;
  }
}

function numberOrText(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function cut(text: string, maxLength: number, reason: string, count: Count): string {
  if (text.length <= maxLength) return text;
  count(reason);
  return text.slice(0, maxLength);
}
