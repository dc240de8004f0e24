/** Turns the text of flags into values; each error names what is accepted. Commander adds the flag and the text. */
import { isCalendarDate, WEEKDAYS, type Weekday } from "@moai-metrics/model";
import type { UsageDimension } from "@moai-metrics/report";
import type { Dimension } from "@moai-metrics/store";
import { InvalidArgumentError } from "commander";

/** A day on the command line: a date, or a number of days before today. */
export type DayFlag =
  | { readonly kind: "date"; readonly date: string }
  | { readonly kind: "relative"; readonly days: number };

/** A moment on the command line: a date, which means its beginning in the user's zone, or a time with its zone. */
export type TimeFlag =
  | { readonly kind: "date"; readonly date: string }
  | { readonly kind: "moment"; readonly millis: number };

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DAY_FORMS = "Write a day as YYYY-MM-DD, YYYYMMDD, or 7d for seven days.";
const MAX_RELATIVE_DAYS = 36_500;
const GROUPINGS = ["product", "project", "agent", "model"] as const satisfies readonly Dimension[];

/** `2026-11-22`, `20261122` or `7d`. */
export function parseDay(text: string): DayFlag {
  const relative = /^(\d{1,5})d$/i.exec(text)?.[1];
  if (relative !== undefined && Number(relative) <= MAX_RELATIVE_DAYS) {
    return { kind: "relative", days: Number(relative) };
  }
  const date = text.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");
  if (!isCalendarDate(date)) throw new InvalidArgumentError(DAY_FORMS);
  return { kind: "date", date };
}

/** `2026-11-22`, `2026-11-22T16:30:00Z` or `2026-11-22T16:30+09:00`. */
export function parseTime(text: string): TimeFlag {
  if (isCalendarDate(text)) return { kind: "date", date: text };
  const millis = TIME.test(text) && isCalendarDate(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(millis)) return { kind: "moment", millis };
  throw new InvalidArgumentError("Write a time as 2026-11-22, 2026-11-22T16:30:00Z or 2026-11-22T16:30+09:00.");
}

/** A day without any zone: `2026-11-22`. */
export function parseDate(text: string): string {
  if (!isCalendarDate(text)) throw new InvalidArgumentError("Write a day as YYYY-MM-DD.");
  return text;
}

/** US dollars: a number that is not negative. */
export function parseUsd(text: string): number {
  if (!/^(\d+(\.\d*)?|\.\d+)$/.test(text)) throw new InvalidArgumentError("Write US dollars as 3 or 0.25.");
  return Number(text);
}

/** A number of tokens, with or without separators: `200000`, `200_000`. */
export function parseTokens(text: string): number {
  const digits = text.replaceAll(/[_,]/g, "");
  if (!/^[1-9]\d{0,9}$/.test(digits)) throw new InvalidArgumentError("Write a whole number of tokens, such as 200000.");
  return Number(digits);
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("Write a whole number from 1 to 999999.");
  return Number(text);
}

/** An IANA zone; the name comes back as given. */
export function parseTimeZone(text: string): string {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError("Write an IANA zone such as Asia/Seoul, Europe/Berlin or UTC.");
  }
}

/** A day of the week by its English name. */
export function parseWeekday(text: string): Weekday {
  const name = text.toLowerCase();
  for (const weekday of Object.keys(WEEKDAYS) as Weekday[]) {
    if (weekday === name) return weekday;
  }
  throw new InvalidArgumentError(`Write a day of the week: ${Object.keys(WEEKDAYS).join(", ")}.`);
}

/** Names separated by commas, added to those of earlier uses of the flag. */
export function parseNames(text: string, earlier: readonly string[] = []): readonly string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("Write one name, or several separated by commas.");
  return [...earlier, ...names];
}

/** The same, where an empty text means "not known". */
export function parseNamesOrUnknown(text: string, earlier: readonly string[] = []): readonly string[] {
  return text.trim() === "" ? [...earlier, ""] : parseNames(text, earlier);
}

/** Dimensions separated by commas. */
export function parseDimensions(text: string): readonly Dimension[] {
  return parseNames(text).map((name) => {
    const dimension = GROUPINGS.find((known) => known === name);
    if (dimension === undefined) throw new InvalidArgumentError(`Write one or more of ${GROUPINGS.join(", ")}.`);
    return dimension;
  });
}

/** Dimensions separated by commas, and `spec`: the SPEC that sessions worked on. */
export function parseUsageDimensions(text: string): readonly UsageDimension[] {
  return parseNames(text).map((name) => {
    const dimension = [...GROUPINGS, "spec" as const].find((known) => known === name);
    if (dimension === undefined) throw new InvalidArgumentError(`Write one or more of ${GROUPINGS.join(", ")}, spec.`);
    return dimension;
  });
}
