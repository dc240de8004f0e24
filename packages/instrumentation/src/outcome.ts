/** Reads from what was thrown how a task ended. */
import { isErrorType, OTHER_ERROR, type TaskResult } from "@moai-metrics/model";

/** How a throw is to be understood. */
export interface ThrownOutcome {
  readonly result: Extract<TaskResult, "failure" | "cancelled" | "timeout">;
  /** OpenTelemetry's `error.type`: a class or code, never a message. */
  readonly errorType: string;
  /** What was thrown, where a stream tells it instead: it may have been counted already. */
  readonly thrown?: unknown;
}

/**
 * A TimeoutError is `timeout`, an AbortError is `cancelled` (`timeout` when a TimeoutError is its cause), everything
 * else is `failure`. Vendors' subclasses count by the end of their name. Never throws, whatever was thrown.
 */
export function outcomeOfThrow(thrown: unknown): ThrownOutcome {
  try {
    const names = classNames(thrown);
    const errorType =
      names.find((name) => name !== "Error" && isErrorType(name)) ?? errorCode(thrown) ?? fallback(names);
    if (names.some((name) => name.endsWith("TimeoutError"))) return { result: "timeout", errorType };
    if (names.some((name) => name.endsWith("AbortError"))) {
      const hasTimedOut = classNames(propertyOf(thrown, "cause")).some((name) => name.endsWith("TimeoutError"));
      return { result: hasTimedOut ? "timeout" : "cancelled", errorType };
    }
    return { result: "failure", errorType };
  } catch {
    return { result: "failure", errorType: OTHER_ERROR };
  }
}

/** Stands for the error of work that was aborted without a throw that says so. */
export const ABORTED: unknown = Object.freeze({ name: "AbortError" });

/** What was thrown by work under a signal: some SDKs throw a plain error where they are aborted. */
export function thrownUnder(signal: AbortSignal | undefined, thrown: unknown): unknown {
  return signal?.aborted && outcomeOfThrow(thrown).result === "failure" ? ABORTED : thrown;
}

let counts = 0;
const countedAt = new WeakMap<object, number>();

/** A moment in the order of counted errors, to be remembered when work starts. */
export function errorClock(): number {
  return counts;
}

/**
 * Whether an error is to be counted by work that started at `since`: not when work inside has counted the very same
 * error already. Marks it as counted.
 */
export function isFirstCount(thrown: unknown, since: number): boolean {
  if (typeof thrown !== "object" || thrown === null) return true;
  if ((countedAt.get(thrown) ?? 0) > since) return false;
  counts += 1;
  countedAt.set(thrown, counts);
  return true;
}

function classNames(thrown: unknown): string[] {
  const ownName = propertyOf(thrown, "name");
  const className = propertyOf(propertyOf(thrown, "constructor"), "name");
  return [ownName, className].filter((name) => typeof name === "string");
}

function errorCode(thrown: unknown): string | undefined {
  const code = propertyOf(thrown, "code");
  return isErrorType(code) ? code : undefined;
}

function fallback(names: readonly string[]): string {
  return names.includes("Error") ? "Error" : OTHER_ERROR;
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === "object" || typeof value === "function"
    ? (value as Record<string, unknown> | null)?.[key]
    : undefined;
}
