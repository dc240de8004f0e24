/** Natural keys and their hashes. */

/**
 * A 53-bit hash of a string, for keys that need to be spread and compared, not kept secret: two rounds of 32-bit
 * multiplicative mixing (the constants of MurmurHash3's finaliser). Stable for ever: stored files rely on it.
 *
 * @returns an integer from 0 to 2^53 − 1.
 */
export function hash53(text: string): number {
  return hashBehind(0xdeadbeef, 0x41c6ce57, text);
}

/**
 * Hashes texts that begin alike: `hash53Behind(a)(b)` is `hash53(a + b)`, without making a text of both.
 */
export function hash53Behind(beginning: string): (rest: string) => number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < beginning.length; i++) {
    const code = beginning.charCodeAt(i);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  return (rest) => hashBehind(high, low, rest);
}

function hashBehind(startHigh: number, startLow: number, text: string): number {
  let high = startHigh;
  let low = startLow;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high >>> 0) * 0x200000 + (low >>> 11);
}

/** Joins the parts of a natural key; the separator cannot occur in a vendor's ids. */
export function joinKey(...parts: readonly string[]): string {
  return parts.join("\u0000");
}

/**
 * The `requestId` or `callId` of something that a span describes, so that the span and the process that made it
 * name the same fact.
 */
export function spanKey(traceId: string, spanId: string): string {
  return `span:${traceId}${spanId}`;
}
