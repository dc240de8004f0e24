/**
 * Where a call lies in its table: the row number is the quarter hour of its time and 31 bits of its key, so that
 * rows of one time lie together and finding one needs no second index.
 *
 * 2^22 quarter hours from 1970 reach to 2089; 22 + 31 bits fit into the integers that JavaScript holds exactly.
 */
import { quarterHourOf } from "@moai-metrics/model";

const KEYS_PER_QUARTER_HOUR = 2 ** 31;

/** Two keys of one quarter hour may want the same place; the second one takes the next. */
const SLOTS = 2;

/** The places where a key may be stored, for a fact of the given quarter hour. */
export function slotsOf(quarterHour: number, key: number): number[] {
  const first = quarterHour * KEYS_PER_QUARTER_HOUR + (key % (KEYS_PER_QUARTER_HOUR - SLOTS));
  return [first, first + 1];
}

/** The places to look for a key: witnesses may disagree on the time by up to a quarter hour. */
export function candidateSlots(quarterHour: number, key: number): number[] {
  return [...slotsOf(quarterHour - 1, key), ...slotsOf(quarterHour, key), ...slotsOf(quarterHour + 1, key)];
}

/** The quarter hour that a row was stored under. */
export function quarterHourOfRow(id: number): number {
  return Math.floor(id / KEYS_PER_QUARTER_HOUR);
}

const SLACK = 4;

/** The first and last row number of whole quarter hours. */
export function quarterHourRange(first: number, last: number): { firstId: number; lastId: number } {
  return {
    firstId: Math.max(0, first) * KEYS_PER_QUARTER_HOUR,
    lastId: Math.min((last + 1) * KEYS_PER_QUARTER_HOUR - 1, Number.MAX_SAFE_INTEGER),
  };
}

/**
 * The first and last row number of all rows whose time may lie in `[startMillis, endMillis]`. Merges may have moved a
 * row's time after it was stored, a quarter hour at a time, so the range is an hour wider at both ends.
 */
export function rowRange(startMillis: number, endMillis: number): { firstId: number; lastId: number } {
  return quarterHourRange(quarterHourOf(startMillis) - SLACK, quarterHourOf(endMillis) + SLACK);
}
