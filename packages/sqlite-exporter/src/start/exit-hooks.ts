/** What happens at the end of the process. */

/** What there is to save. */
export interface Savable {
  /** Saves everything, within a bounded time. Never rejects. */
  flush(timeoutMillis: number): Promise<void>;
  /** Saves what can be saved without waiting. */
  saveNow(): void;
}

const EXIT_FLUSH_MILLIS = 3000;
const SIGNAL_FLUSH_MILLIS = 1500;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Saves at a normal end, on SIGINT and SIGTERM, and on `process.exit()`. A signal that only we listen to ends the
 * process as if no one had listened; where the application listens, too, it decides.
 *
 * @returns a function that takes the hooks away.
 */
export function installExitHooks(savable: Savable): () => void {
  let hasFlushed = false;
  const onBeforeExit = (): void => {
    // What runs after this comes here again, and finds nothing more to do.
    if (hasFlushed) return;
    hasFlushed = true;
    void savable.flush(EXIT_FLUSH_MILLIS);
  };
  const onExit = (): void => savable.saveNow();
  const onSignal = (signal: NodeJS.Signals): void => {
    const isOursAlone = process.listenerCount(signal) === 1;
    void savable.flush(SIGNAL_FLUSH_MILLIS).then(() => {
      if (!isOursAlone) return;
      process.removeListener(signal, onSignal);
      savable.saveNow();
      process.kill(process.pid, signal);
    });
  };
  process.on("beforeExit", onBeforeExit);
  process.on("exit", onExit);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    process.removeListener("beforeExit", onBeforeExit);
    process.removeListener("exit", onExit);
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  };
}
