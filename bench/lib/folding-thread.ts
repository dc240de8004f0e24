/** Folds rollups in a thread of its own while another one writes, as the daemon's background thread does. */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { openStore } from "@moai-metrics/store";
import { cpuMillisOfThread } from "./processor-time.ts";

/** A writer that never pauses keeps everyone else waiting until it does. */
const BUSY_TIMEOUT_MILLIS = 60_000;

/** The thread, as the one that writes sees it. */
export interface FoldingThread {
  /** Has the days folded that are over at a moment; returns at once. */
  fold(nowMillis: number): void;
  /** Resolves when all of that is done, with the processor time of it in milliseconds. @throws what folding threw. */
  settle(): Promise<number>;
  /** Also after it has failed. */
  close(): Promise<void>;
}

/** @param path of a store's file. */
export function startFoldingThread(path: string): FoldingThread {
  const worker = new Worker(new URL(import.meta.url), { workerData: { path } });
  let waiting = 0;
  let cpuMillis = 0;
  let failure: unknown;
  let wake = (): void => undefined;
  worker.on("message", (millis: number) => {
    waiting -= 1;
    cpuMillis += millis;
    wake();
  });
  worker.on("error", (error) => {
    failure = error;
    wake();
  });
  return {
    fold(nowMillis) {
      waiting += 1;
      worker.postMessage(nowMillis);
    },
    async settle() {
      while (waiting > 0 && failure === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      if (failure !== undefined) throw failure;
      const millis = cpuMillis;
      cpuMillis = 0;
      return millis;
    },
    close: async () => void (await worker.terminate()),
  };
}

if (!isMainThread && parentPort !== null) {
  const { path } = workerData as { readonly path: string };
  const port = parentPort;
  const store = openStore({ path, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS });
  port.on("message", (nowMillis: number) => {
    const cpuBefore = cpuMillisOfThread();
    store.foldRollups(nowMillis);
    port.postMessage(cpuMillisOfThread() - cpuBefore);
  });
}
