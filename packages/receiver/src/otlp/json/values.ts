/** Reads the values of OTLP/JSON, in every spelling that is on the wire. */
import { MalformedRequestError } from "../malformed-request-error.ts";

/** An object of JSON; fields that are not known are never looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws MalformedRequestError for anything but an object. */
export function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw wrong(where, "an object");
}

/** The object at a name; undefined where there is none. */
export function optionalObject(from: JsonObject, name: string): JsonObject | undefined {
  const value = from[name];
  return value === undefined || value === null ? undefined : objectAt(value, name);
}

/** Every object of a list, mapped; nothing where there is no list. */
export function listOf<T>(from: JsonObject, name: string, map: (entry: JsonObject) => T): T[] {
  return arrayAt(from, name).map((entry) => map(objectAt(entry, name)));
}

/** A list; empty where there is none. */
export function arrayAt(from: JsonObject, name: string): readonly unknown[] {
  const value = from[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(name, "a list");
  return value;
}

/** A text; "" where there is none. */
export function textAt(from: JsonObject, name: string): string {
  const value = from[name];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw wrong(name, "a text");
  return value;
}

/** A truth value; false where there is none. */
export function truthAt(from: JsonObject, name: string): boolean {
  const value = from[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw wrong(name, "true or false");
  return value;
}

/** A 64-bit integer that came as a number or as text; 0 where there is none. */
export function integerAt(from: JsonObject, name: string): bigint {
  return integer(from[name], name);
}

/** A 64-bit integer. */
export function integer(value: unknown, where: string): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^[+-]?\d{1,20}$/.test(value)) return BigInt(value);
  throw wrong(where, "an integer");
}

/** A small integer that came as a number or as text; 0 where there is none. */
export function smallIntegerAt(from: JsonObject, name: string): number {
  const value = Number(integerAt(from, name));
  if (value > 0xffff_ffff || value < -0x8000_0000) throw wrong(name, "an integer of 32 bits");
  return value;
}

const ODD_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** A double that came as a number or as text. */
export function double(value: unknown, where: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" && value.trim() !== "") {
    const number = Object.hasOwn(ODD_NUMBERS, value) ? ODD_NUMBERS[value] : Number(value);
    if (number !== undefined && (Object.hasOwn(ODD_NUMBERS, value) || !Number.isNaN(number))) return number;
  }
  throw wrong(where, "a number");
}

/** A double; undefined where there is none. */
export function optionalDouble(from: JsonObject, name: string): number | undefined {
  const value = from[name];
  return value === undefined || value === null ? undefined : double(value, name);
}

/**
 * An enum that came as its number, as its number in text, or as its name. Numbers and names that are not known are 0,
 * which means "unspecified" everywhere.
 */
export function enumAt<T extends number>(
  from: JsonObject,
  name: string,
  names: Readonly<Record<string, T | 0>>,
): T | 0 {
  const value = from[name];
  if (value === undefined || value === null) return 0;
  if (typeof value === "string" && Object.hasOwn(names, value)) return names[value] ?? 0;
  if (typeof value === "string" && !/^\d+$/.test(value)) return 0;
  const number = Number(integer(value, name));
  return Object.values(names).find((known) => known === number) ?? 0;
}

/** The bytes of an id in hexadecimal digits of either case; none where there is none. */
export function idAt(from: JsonObject, name: string): Uint8Array {
  const text = textAt(from, name);
  if (!/^(?:[0-9a-fA-F]{2}){0,32}$/.test(text)) throw wrong(name, "an id in hexadecimal digits");
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** The error of a field of the wrong type. */
export function wrong(where: string, expected: string): MalformedRequestError {
  return new MalformedRequestError(`has a ${where} that is not ${expected}`);
}
