/** The write buffer for data points: many small exports become few transactions. */
import type { PointBatch } from "@moai-metrics/store";
import type { JobOutcome, Settled } from "./jobs.ts";

/** How points wait before they are written. */
export interface PointBufferOptions {
  /** Points that are written at once, without waiting for more. Default 100. */
  readonly maxPoints?: number | undefined;
  /** The longest that points wait, in milliseconds; 0 writes every export by itself. Default 5000. */
  readonly flushIntervalMillis?: number | undefined;
  /** Points that may be in memory and not on disk; what comes on top is dropped and counted. Default 100,000. */
  readonly maxWaitingPoints?: number | undefined;
}

/** The options with their defaults. */
export type PointBufferSettings = { readonly [Name in keyof PointBufferOptions]-?: number };

/**
 * What became of points. `kept`: they could not be written and will be tried again, the outcome may be heard more than
 * once. `dropped`: they are gone.
 */
export type PointOutcome =
  | Exclude<Settled, { readonly state: "failed" }>
  | { readonly state: "kept"; readonly reason: string }
  | { readonly state: "dropped"; readonly reason: string };

/** Points on their way to the writing thread. */
export interface PointBuffer {
  /** @param count number of points in the batch. */
  add(batch: PointBatch, count: number, onOutcome: (outcome: PointOutcome) => void): void;
  /** Hands everything over now. */
  flush(): void;
  /** Until the returned function is called, nothing waits. */
  hurry(): () => void;
  /** Takes out everything that is not on disk yet, also what has been handed over. Nothing is written after this. */
  takeAll(): readonly TakenPoints[];
}

/** Points taken out of a buffer, whose outcome is now up to the taker. */
interface TakenPoints {
  readonly batch: PointBatch;
  settle(outcome: PointOutcome): void;
}

const MAX_TIMER_MILLIS = 2 ** 31 - 1;
/** A file that just failed is not tried again at once, however short the interval. */
const MIN_RETRY_MILLIS = 1000;

/**
 * Fills in the defaults.
 *
 * @throws TypeError for a value that makes no sense.
 */
export function pointBufferSettings(options: PointBufferOptions = {}): PointBufferSettings {
  const { maxPoints = 100, flushIntervalMillis = 5000, maxWaitingPoints = 100_000 } = options;
  requireInteger("buffer.maxPoints", maxPoints, 1, Number.MAX_SAFE_INTEGER, 100);
  requireInteger("buffer.flushIntervalMillis", flushIntervalMillis, 0, MAX_TIMER_MILLIS, 5000);
  requireInteger("buffer.maxWaitingPoints", maxWaitingPoints, 1, Number.MAX_SAFE_INTEGER, 100_000);
  return Object.freeze({ maxPoints, flushIntervalMillis, maxWaitingPoints });
}

function requireInteger(name: string, value: number, least: number, greatest: number, standard: number): void {
  if (Number.isInteger(value) && value >= least && value <= greatest) return;
  throw new TypeError(
    `${name} is ${String(value)}; give a whole number from ${least} to ${greatest}, or leave it out for ${standard}.`,
  );
}

interface Entry {
  readonly batch: PointBatch;
  readonly count: number;
  onOutcome(outcome: PointOutcome): void;
}

/**
 * Creates a buffer. The first export after a quiet time is written at once; what follows waits until `maxPoints` are
 * there or `flushIntervalMillis` have passed since the last flush. What could not be written is tried again with the
 * next flush. Timers do not keep the process alive.
 */
export function createPointBuffer(
  settings: PointBufferSettings,
  write: (batch: PointBatch) => Promise<JobOutcome>,
): PointBuffer {
  const { maxPoints, flushIntervalMillis, maxWaitingPoints } = settings;
  let buffered: Entry[] = [];
  const handedOver = new Set<Entry>();
  let bufferedPoints = 0;
  let handedOverPoints = 0;
  let flushedAtMillis = Number.NEGATIVE_INFINITY;
  let hurries = 0;
  let timer: NodeJS.Timeout | undefined;

  const buffer = (entry: Entry): void => {
    buffered.push(entry);
    bufferedPoints += entry.count;
  };

  const flushAfter = (millis: number): void => {
    timer ??= setTimeout(flush, millis).unref();
  };

  const settle = (entry: Entry, outcome: JobOutcome): void => {
    // Taken out meanwhile.
    if (!handedOver.delete(entry)) return;
    handedOverPoints -= entry.count;
    if (outcome.state !== "failed") {
      entry.onOutcome(outcome);
      return;
    }
    buffer(entry);
    flushAfter(Math.max(flushIntervalMillis, MIN_RETRY_MILLIS));
    entry.onOutcome({ state: "kept", reason: outcome.reason });
  };

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const entries = buffered;
    buffered = [];
    handedOverPoints += bufferedPoints;
    bufferedPoints = 0;
    if (entries.length > 0) flushedAtMillis = performance.now();
    for (const entry of entries) {
      handedOver.add(entry);
      // One job per export, so that each hears of its own points; the writing thread commits them together.
      void write(entry.batch).then((outcome) => settle(entry, outcome));
    }
  };

  return {
    add: (batch, count, onOutcome) => {
      const waiting = bufferedPoints + handedOverPoints;
      if (waiting > 0 && waiting + count > maxWaitingPoints) {
        onOutcome({ state: "dropped", reason: "too many points wait to be written" });
        return;
      }
      buffer({ batch, count, onOutcome });
      const leftMillis = flushedAtMillis + flushIntervalMillis - performance.now();
      if (hurries > 0 || leftMillis <= 0 || bufferedPoints >= maxPoints) flush();
      else flushAfter(leftMillis);
    },
    flush,
    hurry: () => {
      hurries += 1;
      flush();
      let hasEnded = false;
      return () => {
        if (!hasEnded) hurries -= 1;
        hasEnded = true;
      };
    },
    takeAll: () => {
      clearTimeout(timer);
      timer = undefined;
      const taken = [...handedOver, ...buffered];
      handedOver.clear();
      buffered = [];
      bufferedPoints = 0;
      handedOverPoints = 0;
      return taken.map(({ batch, onOutcome }) => ({ batch, settle: onOutcome }));
    },
  };
}
