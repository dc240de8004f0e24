/** The daemon's end of the thread that takes in files. */
import type { Environment } from "@moai-metrics/settings";
import { threadEnvironment } from "../thread-environment.ts";
import type { BackgroundEvent, BackgroundPlace } from "./messages.ts";

/** Work in the background. */
export interface Background {
  /** Ends it; what is being read is stopped behind the current line. */
  stop(): Promise<void>;
}

/** Options of the background work. */
export interface BackgroundOptions {
  readonly storage: string;
  readonly environment: Environment;
  readonly homeFolder: string;
  readonly timeZone: string;
  readonly onEvent?: ((event: BackgroundEvent) => void) | undefined;
}

/** Starts the thread. */
export function startBackground({
  storage,
  environment,
  homeFolder,
  timeZone,
  onEvent,
}: BackgroundOptions): Background {
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  const place: BackgroundPlace = { storage, environment: { ...environment }, homeFolder, timeZone, stopFlag };
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: place,
    execArgv: [],
    env: threadEnvironment(),
    name: "moai-metrics background",
    // What is read is garbage soon, and V8 would rather let it pile up.
    resourceLimits: { maxYoungGenerationSizeMb: 24 },
  });
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      isOver = true;
      resolve();
    });
  });
  worker.on("message", (event: BackgroundEvent) => onEvent?.(event));
  worker.on("error", (error) => {
    onEvent?.({ kind: "warning", message: `Transcripts and the spool are no longer watched: ${error.message}` });
  });
  return {
    stop: () => {
      Atomics.store(stopFlag, 0, 1);
      if (!isOver) worker.postMessage("stop");
      return over;
    },
  };
}
