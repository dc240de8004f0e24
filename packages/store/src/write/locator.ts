/**
 * Where a call lies in its table: the row number is the quarter hour of its time and 22 bits of its key, so that
 * rows of one time lie together, finding one needs no second index, and numbers stay short in the file.
 */
import { QUARTER_HOUR_MILLIS, quarterHourOf } from "@moai-metrics/model";
import { firstRowOf, MAX_STRAY, PLACES } from "./row-places.ts";

export { firstRowOf, MAX_STRAY, quarterHourOfRow } from "./row-places.ts";

/** Keys of one quarter hour may want the same place; the next ones are tried then. */
export const SLOTS = 4;
const SPREAD = PLACES - SLOTS + 1;

/** The first place where a key may be stored, for a fact of the given quarter hour; {@link SLOTS} places in all. */
export function firstSlotOf(quarterHour: number, key: number): number {
  return firstRowOf(quarterHour) + placeOfKey(key);
}

/** The first place of a key inside of any quarter hour. */
export function placeOfKey(key: number): number {
  // `key % SPREAD` takes several times as long. Of 53 bits the quotient is never rounded up to the next whole number.
  return key - Math.floor(key / SPREAD) * SPREAD;
}

/** The places where a key may be stored. */
export function slotsOf(quarterHour: number, key: number): number[] {
  const first = firstSlotOf(quarterHour, key);
  return Array.from({ length: SLOTS }, (_, slot) => first + slot);
}

/** What a row must hold beside its number so that its key is known again. */
export function keyRestOf(id: number, key: number): number {
  const slot = placeOfRow(id) - placeOfKey(key);
  return Math.floor(key / SPREAD) * SLOTS + slot;
}

/** The key of a row. */
export function keyOfRow(id: number, keyRest: number): number {
  const slot = keyRest % SLOTS;
  return Math.floor(keyRest / SLOTS) * SPREAD + placeOfRow(id) - slot;
}

/** The place of a row inside of its quarter hour. */
export function placeOfRow(id: number): number {
  return id - Math.floor(id / PLACES) * PLACES;
}

/**
 * How far a call may lie outside of the time of its task, in milliseconds. The witness that names the task and the one
 * that knows the call's time best may disagree by a quarter hour for every sighting in between.
 */
export const MAX_TASK_STRAY_MILLIS = 4 * 3_600_000;

/** The first and last row number of whole quarter hours. */
export function quarterHourRange(first: number, last: number): { firstId: number; lastId: number } {
  return { firstId: firstRowOf(first), lastId: Math.min(firstRowOf(last + 1) - 1, Number.MAX_SAFE_INTEGER) };
}

/** The first and last row number of all rows whose time may lie in `[startMillis, endMillis]`. */
export function rowRange(startMillis: number, endMillis: number): { firstId: number; lastId: number } {
  return quarterHourRange(quarterHourOf(startMillis) - MAX_STRAY, quarterHourOf(endMillis) + MAX_STRAY);
}

/** The first and last row number of all rows whose time must lie in `[startMillis, endMillis)`; first > last for none. */
export function rowsInside(startMillis: number, endMillis: number): { firstId: number; lastId: number } {
  return {
    firstId: firstRowOf(Math.ceil(startMillis / QUARTER_HOUR_MILLIS) + MAX_STRAY),
    lastId: firstRowOf(Math.floor(endMillis / QUARTER_HOUR_MILLIS) - MAX_STRAY) - 1,
  };
}
