/** Does work on request, soon, and now and then without one; never twice at a time. */

/** Rounds of work. */
export interface Rounds {
  /** Asks for a round; those who ask while one waits share it. */
  request(): void;
  /** Resolves when no round runs any more. */
  stop(): Promise<void>;
}

/** Options of rounds. */
export interface RoundsOptions {
  /** Never rejects. */
  work(): Promise<void>;
  /** Time between a request and its round, in which more requests may come. */
  readonly settleMillis: number;
  /** Time that is left between the end of a round and the next one, however many ask. */
  readonly restMillis: number;
  /** Time between the end of a round and the next one when no one asks. */
  readonly everyMillis: number;
}

/** Begins with a round. */
export function createRounds({ work, settleMillis, restMillis, everyMillis }: RoundsOptions): Rounds {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isRequested = false;
  let isStopped = false;
  let endedAt = Number.NEGATIVE_INFINITY;

  const runAfter = (millis: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      isRequested = false;
      running = work().then(() => {
        running = undefined;
        endedAt = performance.now();
        if (!isStopped) runAfter(isRequested ? restMillis : everyMillis);
      });
    }, millis);
  };

  runAfter(0);
  return {
    request: () => {
      if (isStopped || isRequested) return;
      isRequested = true;
      if (running === undefined) runAfter(Math.max(settleMillis, endedAt + restMillis - performance.now()));
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
