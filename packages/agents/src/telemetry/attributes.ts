/** Picks values out of attributes: vendors write numbers and truth values as themselves or as text. */
import { countOf, textOf, timeOf } from "../jsonl/json-values.ts";
import type { LogRecord } from "./log-record.ts";

export type Attributes = Readonly<Record<string, unknown>>;

/** A text; undefined for anything else, and for an overlong one. */
export function text(attributes: Attributes, name: string): string | undefined {
  return textOf(attributes[name]);
}

/** A count of 0 or more. */
export function count(attributes: Attributes, name: string): number | undefined {
  const value = attributes[name];
  return countOf(typeof value === "bigint" ? Number(value) : value);
}

/** A truth value. */
export function truth(attributes: Attributes, name: string): boolean | undefined {
  const value = attributes[name];
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : undefined;
}

/** The name of a record's event: the vendor's attribute, else the record's own; empty when it has none. */
export function eventNameOf({ attributes, eventName }: LogRecord): string {
  return text(attributes, "event.name") ?? eventName ?? "";
}

/** Where and when an event happened. */
export interface EventPlace {
  readonly sessionId: string;
  readonly atMillis: number;
}

/** When a record's event happened: its time, else the vendor's attribute, else when it was observed. */
export function eventMillis({ timeMillis, observedMillis, attributes }: LogRecord): number | undefined {
  return timeMillis ?? timeOf(attributes["event.timestamp"]) ?? observedMillis;
}

/** Words of lower-case letters, as products name their errors, or the status of an HTTP response. Keys have digits. */
const ERROR_CLASS = /^(?:[1-5]\d\d|[a-z]{1,24}(?:_[a-z]{1,24}){0,7})$/;

/** A class of an error; undefined for whatever else stands in its place, so that no text of an error is kept. */
export function errorClass(value: unknown): string | undefined {
  const given = typeof value === "number" ? String(value) : value;
  return typeof given === "string" && ERROR_CLASS.test(given) ? given : undefined;
}

/** A name of an event for a reason that is shown. Anyone may send any name, so an odd one is not repeated. */
export function shownEvent(event: string): string {
  return /^[a-z][a-z_.]{0,60}$/.test(event) ? event : "(odd name)";
}
