/** Decides how long facts wait for their transaction. Pure. */
import { GATHER_MILLIS } from "./group-queue.ts";

/**
 * While facts keep coming, their transactions are this far apart: a small one costs nearly as much as a large one, and of
 * several facts about one thing only the sum is written (docs/adr/0024).
 */
const COMMIT_DISTANCE_MILLIS = 1000;

/**
 * How long facts that come now wait, in milliseconds: behind a pause, and where the last transaction failed, only for
 * those that come with them.
 *
 * @param committedAtMillis when facts were committed last; undefined when they could not be, or never were.
 */
export function planFactWait(committedAtMillis: number | undefined, nowMillis: number): number {
  if (committedAtMillis === undefined) return GATHER_MILLIS;
  return Math.max(GATHER_MILLIS, committedAtMillis + COMMIT_DISTANCE_MILLIS - nowMillis);
}
