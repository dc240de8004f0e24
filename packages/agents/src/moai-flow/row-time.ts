/** The times that MoAI-Flow writes. */
import type { ZoneCalendar } from "@moai-metrics/model";

/** A moment, as exact as the file has it. */
export interface RowTime {
  /** Milliseconds since the Unix epoch, UTC. */
  readonly millis: number;
  /** The microseconds within the millisecond. */
  readonly micros: number;
}

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})([T ])(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d{2}:\d{2}(?::\d{2})?)?$/;

/**
 * Reads a `timestamp`. Three forms occur: Python's `isoformat()` of a local time (`2025-11-30T14:05:09.123456`), the
 * same with an offset, and SQLite's `CURRENT_TIMESTAMP` (`2025-11-30 05:05:09`, no fraction), which is UTC.
 * A local time that clocks showed twice is taken as the first of the two.
 *
 * @param calendar the zone of the machine that wrote the file.
 * @returns undefined for anything else.
 */
export function parseRowTime(text: unknown, calendar: ZoneCalendar): RowTime | undefined {
  const match = typeof text === "string" ? FORM.exec(text) : null;
  if (match === null) return undefined;
  const [, year, month, day, separator, hour, minute, second = "00", fraction, offset] = match;
  const wallSeconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date.parse takes some days that no calendar has, such as 30 February.
  if (Number.isNaN(wallSeconds) || new Date(wallSeconds).getUTCDate() !== Number(day)) return undefined;
  const micros = Number((fraction ?? "").padEnd(6, "0"));
  const isSqliteDefault = separator === " " && fraction === undefined;
  const seconds = toUtc(wallSeconds, isSqliteDefault ? (offset ?? "Z") : offset, calendar);
  return { millis: seconds + Math.floor(micros / 1000), micros: micros % 1000 };
}

function toUtc(wallMillis: number, offset: string | undefined, calendar: ZoneCalendar): number {
  if (offset === undefined) return calendar.momentOf(wallMillis);
  if (offset === "Z") return wallMillis;
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(":").map(Number);
  const offsetMillis = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return offset.startsWith("-") ? wallMillis + offsetMillis : wallMillis - offsetMillis;
}
