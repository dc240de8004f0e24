/** Cleans the store up while the application runs: once a day, in slices so short that no write waits for long. */
import type { MaintenanceOptions, MaintenanceOutcome } from "../maintenance/types.ts";

/** What has been done. */
export interface UpkeepCounters {
  /** Times that cleaning up came to its end. */
  readonly cleanUps: number;
  /** Times that it failed; it is tried again an hour later. */
  readonly failedCleanUps: number;
}

/** Cleaning up in the background. */
export interface Upkeep {
  /** From now on; nothing the second time. */
  start(): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
  counters(): UpkeepCounters;
}

/** How to clean up. */
export interface UpkeepOptions {
  /** A process that ends before this leaves it to others. Default 60,000. */
  readonly firstAfterMillis?: number | undefined;
  maintain(options: MaintenanceOptions): Promise<MaintenanceOutcome>;
}

const FIRST_AFTER_MILLIS = 60_000;
const SLICE_MILLIS = 200;
const PAUSE_MILLIS = 1000;
/** Whether it is due is asked this often. */
const CHECK_MILLIS = 3_600_000;

/** Creates the upkeep of one file. Its timers keep nothing alive. */
export function createUpkeep({ maintain, firstAfterMillis = FIRST_AFTER_MILLIS }: UpkeepOptions): Upkeep {
  const stopping = new AbortController();
  const counts = { cleanUps: 0, failedCleanUps: 0 };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const runSlice = async (): Promise<number> => {
    try {
      const options = { nowMillis: Date.now(), maxMillis: SLICE_MILLIS, signal: stopping.signal };
      const { state } = await maintain(options);
      if (state === "done") counts.cleanUps += 1;
      return state === "unfinished" ? PAUSE_MILLIS : CHECK_MILLIS;
    } catch {
      // Whoever writes is told what is wrong with the file.
      counts.failedCleanUps += 1;
      return CHECK_MILLIS;
    }
  };

  const runAfter = (millis: number): void => {
    timer = setTimeout(() => {
      running = runSlice().then((nextMillis) => {
        running = undefined;
        if (!stopping.signal.aborted) runAfter(nextMillis);
      });
    }, millis).unref();
  };

  return {
    start: () => {
      if (timer === undefined) runAfter(firstAfterMillis);
    },
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
    counters: () => ({ ...counts }),
  };
}
