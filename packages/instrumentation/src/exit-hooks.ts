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
/** The signals that end a process by default and can be listened to; SIGBREAK is Ctrl+Break of a Windows console. */
const SIGNALS: readonly NodeJS.Signals[] = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  ...(process.platform === "win32" ? (["SIGBREAK"] as const) : []),
];

/**
 * Saves at a normal end, on SIGINT, SIGTERM and SIGHUP, and on `process.exit()`. A signal that only we listen to ends the
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
  // First in line: listeners that the application added with once() are gone from the list when they have run.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  return () => {
    process.removeListener("beforeExit", onBeforeExit);
    process.removeListener("exit", onExit);
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  };
}
