/** The open file of a writing thread, opened anew when it became unusable. */
import { StoreError } from "../errors.ts";
import { openStore } from "../open-store.ts";
import type { Store, StoreOptions } from "../types.ts";
import { NO_GATE, type ThreadGate } from "./thread-gate.ts";

/** A store that opens itself. */
export interface UsableStore {
  /** @throws what `work` or opening the file throws. */
  use<T>(work: (opened: Store) => T): T;
  close(): void;
}

/** A file that cannot be used (deleted, replaced, not a database) is opened anew no more often than this. */
const REOPEN_MILLIS = 3000;

/** Waiting in SQLite wakes up less and less often and lets others overtake: longer waits are ours, with jitter. */
const BUSY_TIMEOUT_MILLIS = 30;

/**
 * Opens nothing yet: the first use does.
 *
 * @param options how to open the file.
 * @param now monotonic clock, milliseconds.
 * @param gate held whenever the file is used. Default: none.
 */
export function createUsableStore(
  options: Omit<StoreOptions, "busyTimeoutMillis" | "readOnly">,
  now: () => number,
  gate: ThreadGate = NO_GATE,
): UsableStore {
  let store: Store | undefined;
  let unusable: { readonly error: unknown; readonly untilMillis: number } | undefined;

  const close = (): void => {
    try {
      store?.close();
    } finally {
      store = undefined;
    }
  };

  /** Works on the open file; closes it when the error is one that stays. */
  const attempt = <T>(work: (opened: Store) => T): T => {
    try {
      store ??= openStore({ ...options, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS });
      return work(store);
    } catch (error) {
      if (staysUnusable(error)) close();
      throw error;
    }
  };

  const holding = <T>(work: () => T): T => {
    const release = gate.hold();
    try {
      return work();
    } finally {
      release();
    }
  };

  const use = <T>(work: (opened: Store) => T): T => {
    if (unusable !== undefined && now() < unusable.untilMillis) throw unusable.error;
    try {
      return attempt(work);
    } catch (error) {
      if (!staysUnusable(error)) throw error;
    }
    try {
      const result = attempt(work);
      unusable = undefined;
      return result;
    } catch (error) {
      if (staysUnusable(error)) unusable = { error, untilMillis: now() + REOPEN_MILLIS };
      throw error;
    }
  };

  return { use: (work) => holding(() => use(work)), close: () => holding(close) };
}

function staysUnusable(error: unknown): boolean {
  return error instanceof StoreError && error.code !== "busy";
}
