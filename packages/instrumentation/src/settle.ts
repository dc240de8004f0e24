/** Waits for the end of something that may be a promise, without changing what the caller gets. */
import { types } from "node:util";

/**
 * Calls `onValue` or `onError` when `returned` has settled: at once for a plain value, later for a promise.
 *
 * A plain promise comes back as one that settles after the handlers ran, so that an unhandled rejection stays one.
 * A subclass of Promise comes back as itself, since callers use its own methods. A thenable that is no promise is a
 * value: asking it would start it.
 */
export function settle<T>(returned: T, onValue: (value: unknown) => unknown, onError: (error: unknown) => unknown): T {
  if (!types.isPromise(returned)) {
    onValue(returned);
    return returned;
  }
  if (isPlainPromise(returned)) {
    return returned.then(
      (value) => {
        onValue(value);
        return value;
      },
      (error: unknown) => {
        onError(error);
        throw error;
      },
    ) as T;
  }
  void returned.then(onValue, onError);
  return returned;
}

/** Whether a promise is a plain one, as async functions return them. */
export function isPlainPromise(promise: Promise<unknown>): boolean {
  return Object.getPrototypeOf(promise) === Promise.prototype && !Object.hasOwn(promise, "then");
}
