/** Random numbers that are the same on every machine. */

/** A stream of random numbers. */
export interface Random {
  /** From 0 (inclusive) to 1. */
  next(): number;
  /** From 0 to `limit` − 1. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  /** One of `items`, the first ones more often: entry `i` is drawn in proportion to 1 / (i + 1). */
  pickSkewed<T>(items: readonly T[]): T;
  hex(digits: number): string;
  /** Letters and digits, as vendors' ids have them. In one piece, as a parser makes it: V8 would put off joining it. */
  base62(length: number, beginning?: string): string;
  /** Half of the values lie below `median`; two thirds between `median / spread` and `median * spread`. */
  logNormal(median: number, spread: number): number;
}

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LETTERS_PER_DRAW = 5;

/** A 32-bit generator (mulberry32): small, and the same on every machine. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const nextInteger = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = (): number => nextInteger() / 4294967296;
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    pickSkewed: (items) => {
      const index = Math.floor((items.length + 1) ** next()) - 1;
      return items[Math.min(index, items.length - 1)] as (typeof items)[number];
    },
    hex: (digits) => {
      let text = "";
      while (text.length < digits) text += below(0x10000).toString(16).padStart(4, "0");
      return text.slice(0, digits);
    },
    base62: (length, beginning = "") => {
      const pieces = [beginning];
      while (pieces.length <= length) {
        let rest = nextInteger();
        for (let i = 0; i < LETTERS_PER_DRAW && pieces.length <= length; i++) {
          pieces.push(LETTERS[rest % 62] as string);
          rest = Math.floor(rest / 62);
        }
      }
      return pieces.join("");
    },
    logNormal: (median, spread) => {
      // Box and Muller; the first draw must not be 0.
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * spread ** normal;
    },
  };
}

/** A seed made of several numbers, such as a kind and an index. */
export function seedOf(...parts: readonly number[]): number {
  let seed = 0x9e3779b9;
  for (const part of parts) {
    seed = Math.imul(seed ^ part, 0x85ebca6b);
    seed = Math.imul(seed ^ (seed >>> 13), 0xc2b2ae35);
    seed ^= seed >>> 16;
  }
  return seed;
}

/**
 * A shuffle that needs no memory: a bijection of 0 … `size` − 1 onto itself. Four rounds of a Feistel network over
 * the next even number of bits; a result outside the range is sent round again.
 */
export function createShuffle(size: number, seed: number): (index: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2));
  const mask = 2 ** halfBits - 1;
  const once = (index: number): number => {
    let left = Math.floor(index / 2 ** halfBits) & mask;
    let right = index & mask;
    for (let round = 0; round < 4; round++) {
      [left, right] = [right, left ^ (seedOf(seed, round, right) & mask)];
    }
    return left * 2 ** halfBits + right;
  };
  return (index) => {
    let place = once(index);
    while (place >= size) place = once(place);
    return place;
  };
}
