/** The listening thread's end of the thread that shows metrics. */
import type { Worker } from "node:worker_threads";
import { threadEnvironment } from "../thread-environment.ts";
import type { ExpositionPlace, ExpositionReply, ExpositionRequest, SentNotice } from "./messages.ts";

/** Renders off the listening thread. */
export interface ExpositionThread {
  /** Undefined when the thread failed; the next request starts another one. */
  render(request: Omit<ExpositionRequest, "number">): Promise<Uint8Array | undefined>;
  /** A scraper was sent what was rendered for it last. */
  confirm(reader: string): void;
  /** Finishes what was asked and ends the thread. */
  close(): Promise<void>;
}

/** A thread that failed and pushes metrics is started again after this. */
const RESTART_MILLIS = 1_000;

/** Creates the thread; it starts with the first request, or at once where metrics are pushed. */
export function createExpositionThread(options: ExpositionPlace): ExpositionThread {
  const waiting = new Map<number, (body: Uint8Array | undefined) => void>();
  let worker: Worker | undefined;
  let nextNumber = 0;
  let closed: Promise<void> | undefined;

  const start = (): Worker => {
    const place: ExpositionPlace = { ...options, environment: { ...options.environment } };
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: place,
      execArgv: [],
      env: threadEnvironment(),
      name: "moai-metrics exposition",
    });
    started.on("message", ({ number, body }: ExpositionReply) => settle(number, body));
    const onEnd = (): void => {
      if (worker === started) {
        worker = undefined;
        if (options.forward !== undefined && closed === undefined) {
          setTimeout(() => {
            if (closed === undefined) worker ??= start();
          }, RESTART_MILLIS).unref();
        }
      }
      for (const number of [...waiting.keys()]) settle(number, undefined);
    };
    started.on("error", onEnd);
    started.on("exit", onEnd);
    return started;
  };

  const settle = (number: number, body: Uint8Array | undefined): void => {
    waiting.get(number)?.(body);
    waiting.delete(number);
  };

  if (options.forward !== undefined) worker = start();

  return {
    render: (request) =>
      new Promise((resolve) => {
        if (closed !== undefined) {
          resolve(undefined);
          return;
        }
        const number = nextNumber++;
        waiting.set(number, resolve);
        worker ??= start();
        worker.postMessage({ ...request, number } satisfies ExpositionRequest);
      }),
    confirm: (reader) => {
      if (closed === undefined) worker?.postMessage({ sentTo: reader } satisfies SentNotice);
    },
    close: () => {
      closed ??= new Promise((resolve) => {
        if (worker === undefined) {
          resolve();
          return;
        }
        worker.once("exit", () => resolve());
        worker.postMessage("close");
      });
      return closed;
    },
  };
}
