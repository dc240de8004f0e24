/** The screen's end of the thread that reads. */
import { Worker } from "node:worker_threads";
import type { FromReader, ReaderPlace, ToReader } from "./messages.ts";

/** The thread. */
export interface ReaderThread {
  say(message: ToReader): void;
  /** Ends it; resolves when it has closed the store. */
  stop(): Promise<void>;
}

/** What the thread tells. */
export interface ReaderEvents {
  onMessage(message: FromReader): void;
  /** It has failed: a mistake of ours. */
  onError(error: unknown): void;
}

/** V8 would rather let garbage pile up than look for it; what is read is small. */
const MEMORY = { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 512 };

/** Starts it. */
export function startReaderThread(place: ReaderPlace, { onMessage, onError }: ReaderEvents): ReaderThread {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: place,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: "" },
    name: "moai-metrics dashboard",
    resourceLimits: MEMORY,
  });
  worker.on("message", onMessage);
  worker.on("error", onError);
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  return {
    say: (message) => worker.postMessage(message),
    stop: () => {
      worker.postMessage({ kind: "stop" } satisfies ToReader);
      return ended;
    },
  };
}
