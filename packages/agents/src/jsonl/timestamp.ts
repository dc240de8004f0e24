/** Timestamps of transcript lines. */

const EARLIEST_MILLIS = Date.UTC(2000, 0, 1);
const LATEST_MILLIS = Date.UTC(2100, 0, 1);

/** Length of `2026-11-22T07:37:34.362Z`. */
const USUAL_BYTES = 24;
const LONGEST_BYTES = 40;
const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

const ZONED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Milliseconds since the Unix epoch of an ISO 8601 time (RFC 3339's profile) that lies in bytes. A time without `Z` or
 * an offset is none: it would be read in the zone of the machine.
 *
 * @returns undefined when it is not a time, or one outside the years 2000 to 2099: no agent wrote it.
 */
export function parseTimestamp(buffer: Buffer, start: number, end: number): number | undefined {
  const millis = end - start === USUAL_BYTES ? parseUsual(buffer, start) : parseOther(buffer, start, end);
  return millis >= EARLIEST_MILLIS && millis < LATEST_MILLIS ? millis : undefined;
}

/** The form that `Date.prototype.toISOString` writes, without creating a string; NaN for anything else. */
function parseUsual(buffer: Buffer, start: number): number {
  if (buffer[start + 4] !== DASH || buffer[start + 7] !== DASH || buffer[start + 10] !== LETTER_T) return Number.NaN;
  if (buffer[start + 13] !== COLON || buffer[start + 16] !== COLON) return Number.NaN;
  if (buffer[start + 19] !== POINT || buffer[start + 23] !== LETTER_Z) return Number.NaN;
  const year = twoDigits(buffer, start) * 100 + twoDigits(buffer, start + 2);
  const month = twoDigits(buffer, start + 5);
  const day = twoDigits(buffer, start + 8);
  const hour = twoDigits(buffer, start + 11);
  const minute = twoDigits(buffer, start + 14);
  const second = twoDigits(buffer, start + 17);
  const isInRange = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  if (!isInRange) return Number.NaN;
  const millis = digit(buffer, start + 20) * 100 + twoDigits(buffer, start + 21);
  return Date.UTC(year, month - 1, day, hour, minute, second, millis);
}

function twoDigits(buffer: Buffer, at: number): number {
  return digit(buffer, at) * 10 + digit(buffer, at + 1);
}

function digit(buffer: Buffer, at: number): number {
  const value = (buffer[at] ?? 0) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function parseOther(buffer: Buffer, start: number, end: number): number {
  if (end - start > LONGEST_BYTES) return Number.NaN;
  const text = buffer.toString("latin1", start, end);
  return ZONED_TIME.test(text) ? Date.parse(text) : Number.NaN;
}
