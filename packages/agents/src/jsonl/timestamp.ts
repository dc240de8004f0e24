/** Timestamps of transcript lines. */

const EARLIEST_MILLIS = Date.UTC(2000, 0, 1);
const LATEST_MILLIS = Date.UTC(2100, 0, 1);

/** Length of `2026-11-22T07:37:34.362Z`. */
const USUAL_BYTES = 24;
const LONGEST_BYTES = 40;
const ZERO = 0x30;

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
  const at = (offset: number): number => buffer[start + offset] ?? 0;
  if (at(4) !== 0x2d || at(7) !== 0x2d || at(10) !== 0x54 || at(13) !== 0x3a || at(16) !== 0x3a) return Number.NaN;
  if (at(19) !== 0x2e || at(23) !== 0x5a) return Number.NaN;
  const two = (offset: number): number => digit(at(offset)) * 10 + digit(at(offset + 1));
  const [month, day, hour, minute, second] = [two(5), two(8), two(11), two(14), two(17)];
  const isInRange = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  if (!isInRange) return Number.NaN;
  const fraction = digit(at(20)) * 100 + two(21);
  return Date.UTC(two(0) * 100 + two(2), month - 1, day, hour, minute, second, fraction);
}

function digit(byte: number): number {
  return byte >= ZERO && byte <= ZERO + 9 ? byte - ZERO : Number.NaN;
}

function parseOther(buffer: Buffer, start: number, end: number): number {
  if (end - start > LONGEST_BYTES) return Number.NaN;
  const text = buffer.toString("latin1", start, end);
  return ZONED_TIME.test(text) ? Date.parse(text) : Number.NaN;
}
