/**
 * Ranked values: the one rule by which witnesses are merged.
 *
 * The value of the higher rank wins; at equal rank the greater value. Both are total orders, so merging is
 * commutative, associative and idempotent, and any order of arrival gives the same ledger.
 */

/** A value and the rank of the witness that gave it. */
export interface Ranked<T> {
  readonly rank: number;
  readonly value: T;
}

/** Compares two values of one field; negative, zero or positive. Must be a total order. */
export type Compare<T> = (a: T, b: T) => number;

/** A ranked value, or undefined when the witness does not know. */
export function ranked<T>(rank: number, value: T | undefined): Ranked<T> | undefined {
  return value === undefined ? undefined : { rank, value };
}

/** Orders ranked values: the unknown first, then by rank, then by value. */
function compareRanked<T>(a: Ranked<T> | undefined, b: Ranked<T> | undefined, compare: Compare<T>): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a.rank - b.rank || compare(a.value, b.value);
}

/** The better of two ranked values; the first one when they are equal. */
export function better<T>(
  a: Ranked<T> | undefined,
  b: Ranked<T> | undefined,
  compare: Compare<T>,
): Ranked<T> | undefined {
  return compareRanked(a, b, compare) >= 0 ? a : b;
}

/** Order of numbers and booleans. */
export function byNumber(a: number | boolean, b: number | boolean): number {
  return Number(a) - Number(b);
}

/** Order of strings by code unit. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
