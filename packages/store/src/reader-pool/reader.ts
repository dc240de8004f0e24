/** The pool's end of one reader's thread. */
import type { QuestionMessage, ReaderData, ReaderMessage } from "./messages.ts";

/** What a reader tells the pool. */
export interface ReaderEvents {
  /** It can be asked. */
  onReady(): void;
  onAnswer(message: Exclude<ReaderMessage, "ready">): void;
  /** It has ended. `reason` says why, when it was not asked to. */
  onEnd(reason: string | undefined): void;
}

/** One thread with one connection. */
export interface Reader {
  /** @throws DataCloneError for parameters that cannot be copied. */
  ask(question: QuestionMessage): void;
  /** Ends the question with this number early, where it looks at its signal. */
  cancel(id: number): void;
  /** Lets the thread end by itself; the connection is closed. */
  close(): void;
  /** Ends the thread as soon as SQLite returns: nothing can interrupt it inside. */
  terminate(): void;
  /** Whether the thread keeps the process alive. */
  setHold(isHeld: boolean): void;
}

/** Starts a thread. */
export function startReader(path: string, events: ReaderEvents): Reader {
  const cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: ReaderData = { path, cancelled };
  // Everyone who imports the store loads this file, few start a thread.
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData,
    // What the application preloads (NODE_OPTIONS, --import) is not for this thread.
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: "" },
    name: "moai-metrics reader",
  });
  let reason: string | undefined;
  worker.on("message", (message: ReaderMessage) => {
    if (message === "ready") events.onReady();
    else events.onAnswer(message);
  });
  worker.on("error", (error) => {
    reason = error instanceof Error ? error.message : String(error);
  });
  worker.on("exit", () => events.onEnd(reason));
  return {
    ask: (question) => worker.postMessage(question),
    cancel: (id) => void Atomics.store(cancelled, 0, id),
    close: () => worker.postMessage("close"),
    terminate: () => {
      void worker.terminate();
      // Ending a thread makes it keep the process alive again.
      worker.unref();
    },
    setHold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
  };
}
