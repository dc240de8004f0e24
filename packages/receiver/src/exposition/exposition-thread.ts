/** The listening thread's end of the thread that shows metrics. */
import { Worker } from "node:worker_threads";
import type { Environment } from "@moai-metrics/settings";
import { threadEnvironment } from "../thread-environment.ts";
import type { ExpositionPlace, ExpositionReply, ExpositionRequest } from "./messages.ts";

/** Renders off the listening thread. */
export interface ExpositionThread {
  /** Undefined when the thread failed; the next request starts another one. */
  render(request: Omit<ExpositionRequest, "number">): Promise<Uint8Array | undefined>;
  /** Finishes what was asked and ends the thread. */
  close(): Promise<void>;
}

/** Creates the thread; it starts with the first request. */
export function createExpositionThread(options: {
  readonly storage: string;
  readonly environment: Environment;
}): ExpositionThread {
  const waiting = new Map<number, (body: Uint8Array | undefined) => void>();
  let worker: Worker | undefined;
  let nextNumber = 0;
  let closed: Promise<void> | undefined;

  const start = (): Worker => {
    const place: ExpositionPlace = { ...options, environment: { ...options.environment } };
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: place,
      execArgv: [],
      env: threadEnvironment(),
      name: "moai-metrics exposition",
    });
    started.on("message", ({ number, body }: ExpositionReply) => settle(number, body));
    const onEnd = (): void => {
      if (worker === started) worker = undefined;
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
