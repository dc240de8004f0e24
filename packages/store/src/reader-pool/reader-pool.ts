/** The pool: who reads what, who waits, and who has read for too long. */
import { resolve as resolvePath } from "node:path";
import { StoreError } from "../errors.ts";
import { type QuestionMessage, unpackError } from "./messages.ts";
import { type Reader, startReader } from "./reader.ts";
import type { ReaderPool, ReaderPoolCounters, ReaderPoolOptions } from "./types.ts";

/** A question whose caller waits. */
interface Asked {
  readonly message: QuestionMessage;
  resolve(answer: unknown): void;
  reject(reason: unknown): void;
  /** Stops listening to the caller's signal. */
  detach(): void;
  /** The caller has its answer, or does not want it any more. */
  isSettled: boolean;
}

interface Slot {
  readonly reader: Reader;
  isReady: boolean;
  asked: Asked | undefined;
  lease: NodeJS.Timeout | undefined;
}

/**
 * Creates a pool of readers for a file. Each is a thread with a read-only connection of its own, so a question never
 * blocks the caller's thread, and never a writer. Idle readers do not keep the process alive.
 *
 * SQLite cannot be interrupted from outside: a reader whose lease has ended is replaced at once, its caller is told,
 * but it holds its state of the file until SQLite returns to it. As many readers as `maxReaders` may linger so; with
 * more, questions wait.
 *
 * @throws TypeError for options that make no sense.
 */
export function createReaderPool(options: ReaderPoolOptions): ReaderPool {
  const { maxReaders = 2, leaseMillis = 5000, maxQueued = 100 } = options;
  requireAtLeast("maxReaders", maxReaders, 1, 2);
  requireAtLeast("leaseMillis", leaseMillis, 1, 5000);
  requireAtLeast("maxQueued", maxQueued, 0, 100);
  const path = resolvePath(options.path);
  const slots = new Set<Slot>();
  const retiring = new Set<Slot>();
  const counts = { answered: 0, failed: 0, refused: 0, cancelled: 0, abandoned: 0, expired: 0 };
  let queue: Asked[] = [];
  let nextId = 0;
  let closing: { promise: Promise<void>; resolve(): void } | undefined;

  const settle = (asked: Asked, how: keyof typeof counts, deliver: () => void): void => {
    if (asked.isSettled) return;
    asked.isSettled = true;
    asked.detach();
    counts[how] += 1;
    deliver();
  };

  const endOfSlot = (slot: Slot, reason: string | undefined): void => {
    clearTimeout(slot.lease);
    slots.delete(slot);
    retiring.delete(slot);
    // A thread that cannot even start would be started for the same question again and again.
    const asked = slot.asked ?? (slot.isReady ? undefined : queue.shift());
    if (asked !== undefined) {
      const why = `A reader of ${path} has ended: ${reason ?? "its thread was stopped"}. Ask again.`;
      settle(asked, "failed", () => asked.reject(new StoreError("cannot_open", why)));
    }
    dispatch();
  };

  const retire = (slot: Slot): void => {
    slots.delete(slot);
    retiring.add(slot);
    slot.reader.terminate();
    dispatch();
  };

  const startSlot = (): void => {
    const slot: Slot = {
      isReady: false,
      asked: undefined,
      lease: undefined,
      reader: startReader(path, {
        onReady: () => {
          slot.isReady = true;
          dispatch();
        },
        onAnswer: (message) => {
          clearTimeout(slot.lease);
          const asked = slot.asked;
          slot.asked = undefined;
          if (asked !== undefined && "error" in message) {
            settle(asked, "failed", () => asked.reject(unpackError(message.error)));
          } else if (asked !== undefined && "answer" in message) {
            settle(asked, "answered", () => asked.resolve(message.answer));
          }
          dispatch();
        },
        onEnd: (reason) => endOfSlot(slot, reason),
      }),
    };
    slots.add(slot);
  };

  const begin = (slot: Slot, asked: Asked): void => {
    try {
      slot.reader.ask(asked.message);
    } catch (error) {
      settle(asked, "failed", () => asked.reject(error));
      return;
    }
    slot.asked = asked;
    slot.lease = setTimeout(() => {
      const why =
        `A question about ${path} was read for longer than ${leaseMillis} ms. ` +
        "Ask about a shorter range, or give the pool a longer leaseMillis.";
      settle(asked, "expired", () => asked.reject(new StoreError("too_slow", why)));
      slot.asked = undefined;
      retire(slot);
    }, leaseMillis);
    // What keeps the process alive is the thread: a lease must not outlive its answer.
    slot.lease.unref();
  };

  const dispatch = (): void => {
    for (const slot of slots) {
      while (slot.isReady && slot.asked === undefined) {
        const asked = queue.shift();
        if (asked === undefined) break;
        begin(slot, asked);
      }
    }
    const starting = [...slots].filter(({ isReady }) => !isReady).length;
    const lingering = Math.max(0, retiring.size - maxReaders);
    const startable = Math.min(queue.length - starting, maxReaders - slots.size - lingering);
    for (let started = 0; started < startable; started++) startSlot();
    for (const slot of slots) {
      const isAwaited = slot.asked === undefined ? !slot.isReady && queue.length > 0 : !slot.asked.isSettled;
      slot.reader.setHold(isAwaited || closing !== undefined);
    }
    // Their end is what the questions wait for when no other reader may be started.
    for (const slot of retiring) slot.reader.setHold(slots.size === 0 && queue.length > 0);
    if (closing === undefined) return;
    for (const slot of slots) if (slot.asked === undefined) slot.reader.close();
    if (slots.size === 0) closing.resolve();
  };

  const isFree = (): boolean =>
    slots.size + Math.max(0, retiring.size - maxReaders) < maxReaders ||
    [...slots].some(({ asked }) => asked === undefined);

  const counters = (): ReaderPoolCounters => ({
    ...counts,
    waiting: queue.length,
    running: [...slots].filter(({ asked }) => asked !== undefined).length,
    retiring: retiring.size,
  });

  const enqueue = (asked: Asked, signal: AbortSignal | undefined): void => {
    if (queue.length >= maxQueued + (isFree() ? maxReaders : 0)) {
      const why = `${queue.length} questions about ${path} wait already. Ask again in a moment.`;
      settle(asked, "refused", () => asked.reject(new StoreError("busy", why)));
      return;
    }
    const onAbort = (): void => {
      const isWaiting = queue.includes(asked);
      for (const slot of slots) if (slot.asked === asked) slot.reader.cancel(asked.message.id);
      queue = queue.filter((each) => each !== asked);
      settle(asked, isWaiting ? "cancelled" : "abandoned", () => asked.reject(signal?.reason));
      dispatch();
    };
    asked.detach = () => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort);
    queue.push(asked);
    dispatch();
  };

  return {
    ask: ({ target, method, parameters }, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (closing !== undefined) {
          reject(new StoreError("closed", `The readers of ${path} are closed. Create a new pool.`));
          return;
        }
        if (signal?.aborted === true) {
          counts.cancelled += 1;
          reject(signal.reason);
          return;
        }
        nextId = (nextId % MAX_ID) + 1;
        const message = { id: nextId, target, method: String(method), parameters };
        const deliver = (answer: unknown): void => resolve(answer as never);
        enqueue({ message, resolve: deliver, reject, detach: () => {}, isSettled: false }, signal);
      }),
    counters,
    close: () => {
      if (closing === undefined) {
        closing = Promise.withResolvers<void>();
        const waiting = queue;
        queue = [];
        for (const asked of waiting) {
          const error = new StoreError("closed", `The readers of ${path} were closed before this question was read.`);
          settle(asked, "cancelled", () => asked.reject(error));
        }
        dispatch();
      }
      return closing.promise;
    },
  };
}

function requireAtLeast(name: string, value: number, least: number, standard: number): void {
  if (Number.isInteger(value) && value >= least && value <= MAX_TIMER_MILLIS) return;
  throw new TypeError(
    `${name} is ${String(value)}; give a whole number, at least ${least}, or leave it out for ${standard}.`,
  );
}

/** Numbers of questions fit into the 32 bits that the threads share. */
const MAX_ID = 2 ** 31 - 1;
/** A timer of Node.js for longer than this fires at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;
