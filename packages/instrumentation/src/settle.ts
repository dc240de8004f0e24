/** Waits for the end of something that may be a promise, without changing what the caller gets. */
import { watchForLoss } from "./abandoned.ts";
import { followPromise, isPromiseLike } from "./follow-promise.ts";

/** The ways in which a piece of work ends. */
export interface Ending {
  succeed(): void;
  fail(error: unknown): void;
  /** No one waits for the end any more. */
  cancel(): void;
}

/** Ends the work when `returned` has settled: at once for a plain value, later for a promise. */
export function settle<T>(returned: T, ending: Ending): T {
  if (!isPromiseLike(returned)) {
    ending.succeed();
    return returned;
  }
  const watched = watchForLoss(ending);
  return followPromise(returned, {
    onValue: (value) => {
      watched.succeed();
      return value;
    },
    onError: (error) => watched.fail(error),
  }) as T;
}
