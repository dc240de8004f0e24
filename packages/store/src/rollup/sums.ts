/** Where each sum stands: the order of ROLLUP_SUMS and DISTRIBUTIONS is part of the file format. */
import { DISTRIBUTIONS, type Distribution, ROLLUP_SUMS, type RollupSum } from "./types.ts";

export const SUM_COUNT: number = ROLLUP_SUMS.length;
export const DISTRIBUTION_COUNT: number = DISTRIBUTIONS.length;

/** Place of each sum in ROLLUP_SUMS. */
export const SUM_PLACES = Object.fromEntries(ROLLUP_SUMS.map((name, i) => [name, i])) as Record<RollupSum, number>;

/** Place of each distribution in DISTRIBUTIONS. */
export const DISTRIBUTION_PLACES = Object.fromEntries(DISTRIBUTIONS.map((name, i) => [name, i])) as Record<
  Distribution,
  number
>;

/** Per distribution: the place of its sum; the number of its values stands behind it. */
export const VALUE_SUM_PLACES: readonly number[] = DISTRIBUTIONS.map((name) => SUM_PLACES[name]);

const FOLLOWING = new Set(VALUE_SUM_PLACES.flatMap((place) => [place, place + 1]));

/** Places of the sums that do not follow from values, in the order in which a sheet has them. */
export const PLAIN_SUM_PLACES: readonly number[] = ROLLUP_SUMS.map((_, i) => i).filter((i) => !FOLLOWING.has(i));

/**
 * Copies of plain arrays are made much quicker than typed arrays. It is made of fractions so that V8 keeps doubles in it
 * and its copies.
 */
const NO_SUMS: readonly number[] = Array.from({ length: SUM_COUNT }, () => 0.5).fill(0);

/** Every sum at 0, in the order of ROLLUP_SUMS. */
export function noSums(): number[] {
  return NO_SUMS.slice();
}

/** Adds a number to a sum or takes it back; nothing is told as undefined. */
export function addAt(sums: number[], place: number, sign: 1 | -1, added = 0): void {
  sums[place] = (sums[place] as number) + sign * added;
}
