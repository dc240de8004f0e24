/** Waiting for a file that another process writes, without blocking this one. */
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "./errors.ts";

/** How to wait. */
export interface RetryBusyOptions {
  /** How long to go on trying, in milliseconds. 0 tries once. */
  readonly patienceMillis: number;
  /** Called after each attempt that found the file busy. */
  readonly onBusy?: (() => void) | undefined;
  /** Ends the waiting: the last error is thrown at once. */
  readonly signal?: AbortSignal | undefined;
  /** Monotonic clock, milliseconds. */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const FIRST_PAUSE_MILLIS = 2;
const MAX_PAUSE_MILLIS = 32;

/**
 * Does `work`, and does it again while the store says that it is busy. The pauses grow and are random, so that many
 * writers do not come back at the same moment; nothing blocks while waiting. Open the store with a short
 * `busyTimeoutMillis`: that part of the waiting does block.
 *
 * @throws what `work` throws; StoreError `busy` when the patience has run out.
 */
export async function retryBusy<T>(work: () => T, options: RetryBusyOptions): Promise<T> {
  const { patienceMillis, onBusy, signal, now = () => performance.now(), random = Math.random } = options;
  const giveUpAtMillis = now() + patienceMillis;
  for (let attempt = 0; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "busy") throw error;
      onBusy?.();
      if (now() >= giveUpAtMillis || signal?.aborted === true) throw error;
    }
    // Full jitter, but never nothing: a pause of 0 would be a busy loop.
    await sleep(1 + random() * Math.min(MAX_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** attempt));
  }
}
