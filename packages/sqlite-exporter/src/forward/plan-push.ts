/** When the next push is due. Pure. */

/** However long a backend is down, it is tried again after this. */
export const MAX_PAUSE_MILLIS = 300_000;

/**
 * The interval after a success. After failures twice as long each time, up to five minutes: whatever a backend asks for
 * with `Retry-After`, it is neither hammered nor given up. Spread by a fifth, so that many daemons do not come at once.
 *
 * @param failures pushes that failed since the last success.
 * @param random from 0 to 1.
 */
export function planPause(failures: number, intervalMillis: number, random: number): number {
  const longest = Math.max(intervalMillis, MAX_PAUSE_MILLIS);
  const pause = Math.min(longest, intervalMillis * 2 ** Math.min(failures, 20));
  return Math.round(failures === 0 ? intervalMillis : pause * (0.8 + 0.2 * random));
}
