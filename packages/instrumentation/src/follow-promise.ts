/** Learns how a promise ends without asking it before its owner does. */
import { types } from "node:util";
import { boundProxy } from "./bound-proxy.ts";
import { registry } from "./registry.ts";

/** What becomes of a promise. */
export interface PromiseHandlers {
  /** @returns what takes the place of the value. */
  onValue(value: unknown): unknown;
  onError(error: unknown): void;
}

/** Whether a value is a promise, something else with a `then`, or a proxy of ours that stands for one. Never throws. */
export function isPromiseLike(value: unknown): value is Promise<unknown> {
  if (typeof value !== "object" || value === null) return false;
  try {
    return isPromise(value) || typeof Reflect.get(value, "then") === "function";
  } catch {
    return false;
  }
}

/**
 * A promise of the same outcome, which settles after the handlers ran, so that an unhandled rejection stays one.
 *
 * Promises of SDKs and query builders have methods of their own and may start working when first asked: such a one
 * comes back as a proxy of itself, and is followed when the owner asks: by awaiting it, or by another method that gives
 * a promise, such as `withResponse`.
 */
export function followPromise(promise: Promise<unknown>, handlers: PromiseHandlers): Promise<unknown> {
  if (isPlainPromise(promise)) return follow(promise, handlers);
  let followed: Promise<unknown> | undefined;
  const proxy = boundProxy(
    promise,
    (key, value) => {
      if (typeof value !== "function" || (key !== "then" && key !== "catch" && key !== "finally")) return undefined;
      return (...args: unknown[]) => {
        // A query builder that is asked again runs its query again.
        if (followed !== undefined && !isPromise(promise)) return Reflect.apply(value, promise, args);
        followed ??= follow(promise, handlers);
        return Reflect.apply(followed[key] as () => unknown, followed, args);
      };
    },
    (_, result) => (isPromiseLike(result) ? followPromise(result, handlers) : result),
  );
  if (isPromise(promise)) registry.promises.add(proxy);
  return proxy;
}

function isPromise(value: object): boolean {
  return types.isPromise(value) || registry.promises.has(value);
}

/** Whether a promise is a plain one, as async functions return them. */
function isPlainPromise(promise: Promise<unknown>): boolean {
  return (
    types.isPromise(promise) && Object.getPrototypeOf(promise) === Promise.prototype && !Object.hasOwn(promise, "then")
  );
}

function follow(promise: Promise<unknown>, { onValue, onError }: PromiseHandlers): Promise<unknown> {
  const failed = (error: unknown): never => {
    onError(error);
    throw error;
  };
  // What is no promise may lack `catch` and `finally`, or return anything from `then`.
  return types.isPromise(promise) ? promise.then(onValue, failed) : Promise.resolve(promise).then(onValue, failed);
}
