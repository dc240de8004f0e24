/**
 * Keeps a process from ending its writing thread in the middle of SQLite. When a process ends, Node lets every call from
 * native code into the engine fail in its threads, and a native module that is just loading or opening a file aborts the
 * whole process then. So the process waits until the thread has left SQLite, and the thread does not enter it again.
 */

/** The writing thread's side. */
export interface ThreadGate {
  /**
   * To be called before SQLite is used; the result, when it is no longer used. May be called while it is held already.
   * Does not return in a process that is ending.
   */
  hold(): () => void;
}

/** For a writer that has no thread of its own. */
export const NO_GATE: ThreadGate = Object.freeze({ hold: () => () => undefined });

const BUSY = 0;
const ENDING = 1;
const SLOTS = 2;

/** What both sides share. */
export function createGateState(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT));
}

export function createThreadGate(state: Int32Array<SharedArrayBuffer>): ThreadGate {
  let holders = 0;
  const leave = (): void => {
    Atomics.store(state, BUSY, 0);
    Atomics.notify(state, BUSY);
  };
  return {
    hold() {
      if (holders === 0) {
        // Said before it is asked: whoever ends the process has either seen this, or is seen here.
        Atomics.store(state, BUSY, 1);
        if (Atomics.load(state, ENDING) === 1) {
          leave();
          Atomics.wait(state, ENDING, 1);
        }
      }
      holders += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holders -= 1;
        if (holders === 0) leave();
      };
    },
  };
}

/**
 * Waits until the thread is outside of SQLite, and keeps it there. Only for the very end of the process: the calling
 * thread stands still meanwhile.
 * @returns whether it is outside; false after `maxMillis`.
 */
export function closeGate(state: Int32Array<SharedArrayBuffer>, maxMillis: number): boolean {
  Atomics.store(state, ENDING, 1);
  return Atomics.load(state, BUSY) === 0 || Atomics.wait(state, BUSY, 1, maxMillis) !== "timed-out";
}
