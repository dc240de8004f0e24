/** When the reading thread looks at the store: soon after someone wrote, and now and then. */

/** Looks that are timed. */
export interface Looks {
  /** Someone wrote: what was written can be seen in a moment, if it cannot be seen yet. */
  request(): void;
  stop(): void;
}

/** Options of {@link createLooks}. */
export interface LooksOptions {
  /** Looks. @returns whether there was something new. */
  look(): boolean;
  /** Time between looks when nobody asks for one. */
  readonly everyMillis: number;
}

/** The system tells of a write before its commit can be seen, and once for all pages: so it is looked again, ever later. */
const FIRST_MILLIS = 5;
const LATER = 3;
/** Who writes all the time is looked at this often, and never so often that most of the time would go into looking. */
const LEAST_REST_MILLIS = 100;
const REST_FOR_WORK = 3;

/** Begins with a look. */
export function createLooks({ look, everyMillis }: LooksOptions): Looks {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let restsUntil = Number.NEGATIVE_INFINITY;
  /** What the next look waits for when this one finds nothing. */
  let waitMillis = everyMillis;
  let isStopped = false;

  const lookAfter = (millis: number): void => {
    clearTimeout(timer);
    dueAt = performance.now() + millis;
    timer = setTimeout(run, millis);
  };
  const run = (): void => {
    dueAt = Number.POSITIVE_INFINITY;
    const beganAt = performance.now();
    const hasFound = look();
    const endedAt = performance.now();
    if (hasFound) restsUntil = endedAt + Math.max(LEAST_REST_MILLIS, REST_FOR_WORK * (endedAt - beganAt));
    waitMillis = hasFound ? everyMillis : Math.min(everyMillis, waitMillis * LATER);
    if (!isStopped) lookAfter(waitMillis);
  };
  run();
  return {
    request: () => {
      if (isStopped) return;
      waitMillis = FIRST_MILLIS;
      const now = performance.now();
      const at = Math.max(now + FIRST_MILLIS, restsUntil);
      if (at < dueAt) lookAfter(at - now);
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
