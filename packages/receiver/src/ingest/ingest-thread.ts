/** The listening thread's end of the thread that decodes and writes. */
import type { Worker } from "node:worker_threads";
import type { Environment } from "@moai-metrics/settings";
import { threadEnvironment } from "../thread-environment.ts";
import {
  type IngestBatch,
  type IngestCounters,
  type IngestOutcome,
  type IngestPlace,
  type IngestReport,
  type IngestRequest,
  NOTHING_INGESTED,
  packBatch,
  type SessionName,
  unpackOutcomes,
} from "./jobs.ts";

/** Hands requests to the thread that writes them. */
export interface IngestThread {
  /** Resolves when the request is on disk or given up. Never rejects. */
  take(request: IngestRequest): Promise<IngestOutcome>;
  /** Requests that wait, on their way or not, and their bytes. */
  readonly waiting: { readonly requests: number; readonly bytes: number };
  /** Whether the last batch could be written. */
  readonly isWriting: boolean;
  counters(): IngestCounters;
  /** Finishes what waits and ends the thread. */
  close(): Promise<void>;
}

/** Options of a thread. */
export interface IngestThreadOptions {
  readonly storage: string;
  readonly environment: Environment;
  /** Told of every session that facts were committed of, before the request is answered; again by a thread begun anew. */
  readonly onSession?: ((name: SessionName) => void) | undefined;
}

interface Waiting {
  readonly request: IngestRequest;
  resolve(outcome: IngestOutcome): void;
}

/** A batch is one transaction: large enough to be worth it, small enough that no one waits for long. */
const MAX_BATCH_BYTES = 1_000_000;
const MAX_BATCH_REQUESTS = 1000;
const RESTART_MILLIS = 1000;
/**
 * `maxOldGenerationSizeMb`: more than bodies within the limits can need; a thread that needs more is ended instead of the
 * machine. `maxYoungGenerationSizeMb`: what is decoded is garbage soon, and V8 would rather let it pile up.
 */
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 24 };

/** Creates the thread; it starts with the first request. */
export function createIngestThread({ storage, environment, onSession }: IngestThreadOptions): IngestThread {
  const queue: Waiting[] = [];
  const onTheirWay = new Map<number, readonly Waiting[]>();
  let queueBytes = 0;
  let bytesOnTheirWay = 0;
  let requestsOnTheirWay = 0;
  let worker: Worker | undefined;
  let startNotBeforeMillis = Number.NEGATIVE_INFINITY;
  let nextNumber = 0;
  let isWriting = true;
  let isScheduled = false;
  let counters = NOTHING_INGESTED;
  let closed: Promise<void> | undefined;

  const start = (): Worker => {
    const place: IngestPlace = { storage, environment: { ...environment }, namesSessions: onSession !== undefined };
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: place,
      execArgv: [],
      env: threadEnvironment(),
      name: "moai-metrics ingest",
      resourceLimits: MEMORY,
    });
    started.on("message", (report: IngestReport) => {
      counters = report.counters;
      for (const name of report.newSessions) onSession?.(name);
      const outcomes = unpackOutcomes(report.outcomes);
      settle(report.number, (index) => outcomes[index]);
    });
    const onEnd = (reason: string): void => {
      if (worker !== started) return;
      worker = undefined;
      startNotBeforeMillis = performance.now() + RESTART_MILLIS;
      const outcome: IngestOutcome = { state: "unavailable", message: reason };
      for (const number of [...onTheirWay.keys()]) settle(number, () => outcome);
    };
    started.on("error", (error) => onEnd(`The writing thread failed: ${error.message}`));
    started.on("exit", () => onEnd("The writing thread has ended."));
    return started;
  };

  const settle = (number: number, outcomeAt: (index: number) => IngestOutcome | undefined): void => {
    const batch = onTheirWay.get(number);
    if (batch === undefined) return;
    onTheirWay.delete(number);
    for (const [index, { request, resolve }] of batch.entries()) {
      bytesOnTheirWay -= request.body.length;
      requestsOnTheirWay -= 1;
      const outcome = outcomeAt(index) ?? { state: "unavailable", message: "The writing thread gave no answer." };
      isWriting = outcome.state !== "unavailable";
      resolve(outcome);
    }
    schedule();
  };

  /**
   * What comes in the same turn of the event loop goes together, and so does what comes while a batch is written: a
   * second one sent ahead would only be smaller.
   */
  const schedule = (): void => {
    if (isScheduled || queue.length === 0 || onTheirWay.size > 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      if (queue.length > 0 && onTheirWay.size === 0) send();
    });
  };

  const send = (): void => {
    let bytes = 0;
    let count = 0;
    for (const { request } of queue) {
      if (count > 0 && (count >= MAX_BATCH_REQUESTS || bytes + request.body.length > MAX_BATCH_BYTES)) break;
      bytes += request.body.length;
      count += 1;
    }
    const batch = queue.splice(0, count);
    queueBytes -= bytes;
    const number = nextNumber++;
    onTheirWay.set(number, batch);
    bytesOnTheirWay += bytes;
    requestsOnTheirWay += count;
    if (worker === undefined && performance.now() < startNotBeforeMillis) {
      settle(number, () => ({ state: "unavailable", message: "The writing thread is being started anew." }));
      return;
    }
    worker ??= start();
    const message: IngestBatch = packBatch(
      number,
      batch.map(({ request }) => request),
    );
    worker.postMessage(message, [message.bytes.buffer, message.ends.buffer, message.kinds.buffer]);
  };

  const finish = async (): Promise<void> => {
    while (queue.length > 0 || onTheirWay.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const ending = worker;
    worker = undefined;
    if (ending === undefined) return;
    await new Promise<void>((resolve) => {
      ending.once("exit", () => resolve());
      ending.postMessage("close");
    });
  };

  return {
    take: (request) =>
      new Promise((resolve) => {
        if (closed !== undefined) {
          resolve({ state: "unavailable", message: "The receiver is stopping." });
          return;
        }
        queue.push({ request, resolve });
        queueBytes += request.body.length;
        schedule();
      }),
    get waiting() {
      return { requests: queue.length + requestsOnTheirWay, bytes: queueBytes + bytesOnTheirWay };
    },
    get isWriting() {
      return isWriting;
    },
    counters: () => counters,
    close: () => {
      closed ??= finish();
      return closed;
    },
  };
}
