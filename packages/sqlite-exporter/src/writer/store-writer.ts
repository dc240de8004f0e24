/**
 * The application's end of the writing thread: the application's own thread never waits for SQLite. All users of one
 * file in a process share one thread.
 */
import { Worker } from "node:worker_threads";
import type { Fact } from "@moai-metrics/model";
import { databasePath, spoolFolder } from "@moai-metrics/settings";
import type { PointBatch } from "@moai-metrics/store";
import { messageOf } from "../message-of.ts";
import type { Job, JobOutcome } from "./jobs.ts";
import { createPointEncoder } from "./point-codec.ts";
import { createSpool } from "./spool.ts";

/** Writes facts and points into one store. */
export interface StoreWriter {
  /** Resolves when the facts are on disk, in the file or in the spool, or lost. Never rejects. */
  writeFacts(facts: readonly Fact[]): Promise<JobOutcome>;
  /** Resolves when the points are committed or given up. Never rejects. */
  writePoints(batch: PointBatch): Promise<JobOutcome>;
  /** Writes every fact that is not yet on disk into the spool, synchronously: for the very end of the process. */
  spoolPending(): void;
  /** Gives the writer back; the last user's `release` ends the thread. */
  release(): void;
}

interface SharedWriter extends Omit<StoreWriter, "release"> {
  users: number;
  close(): void;
}

const writers = new Map<string, SharedWriter>();

/** Unfinished writes keep the process alive, but no longer than this after the last progress. */
const MAX_HOLD_MILLIS = 5000;

/** The writer for a storage folder; to be given back with `release`. */
export function acquireStoreWriter(storageFolder: string): StoreWriter {
  let shared = writers.get(storageFolder);
  if (shared === undefined) {
    shared = createSharedWriter(databasePath(storageFolder), spoolFolder(storageFolder));
    writers.set(storageFolder, shared);
  }
  const held = shared;
  held.users += 1;
  let isReleased = false;
  return {
    writeFacts: held.writeFacts,
    writePoints: held.writePoints,
    spoolPending: held.spoolPending,
    release: () => {
      if (isReleased) return;
      isReleased = true;
      held.users -= 1;
      if (held.users > 0) return;
      writers.delete(storageFolder);
      held.close();
    },
  };
}

interface PendingJob {
  readonly job: Job;
  settle(outcome: JobOutcome): void;
}

function createSharedWriter(path: string, spoolPath: string): SharedWriter {
  const spool = createSpool(spoolPath);
  const pending = new Map<number, PendingJob>();
  const encode = createPointEncoder();
  let nextId = 0;
  let worker: Worker | undefined;
  let brokenBecause: string | undefined;

  let holdTimer: NodeJS.Timeout | undefined;
  const letGo = (): void => {
    clearTimeout(holdTimer);
    holdTimer = undefined;
    worker?.unref();
  };
  const hold = (): void => {
    worker?.ref();
    holdTimer ??= setTimeout(letGo, MAX_HOLD_MILLIS).unref();
  };

  const settleJob = (outcome: JobOutcome): void => {
    const waiting = pending.get(outcome.id);
    pending.delete(outcome.id);
    waiting?.settle(outcome);
    if (pending.size === 0) letGo();
    else holdTimer?.refresh();
  };

  const spoolJob = (job: Job, reason: string): JobOutcome => {
    if (job.kind !== "facts") return { id: job.id, state: "failed", reason };
    try {
      spool.write(job.facts);
      return { id: job.id, state: "spooled", reason };
    } catch (error) {
      return { id: job.id, state: "failed", reason: `${reason} The spool failed, too: ${messageOf(error)}` };
    }
  };

  const spoolPending = (reason = "The process ended before the file was written."): void => {
    for (const { job } of [...pending.values()]) settleJob(spoolJob(job, reason));
  };

  const breakDown = (reason: string): void => {
    brokenBecause ??= reason;
    spoolPending(reason);
  };

  const startWorker = (): Worker => {
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { path, spool: spoolPath },
      // What the application preloads (NODE_OPTIONS, --import) is not for this thread.
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: "", MOAI_METRICS_DISABLED: "1" },
      name: "moai-metrics writer",
    });
    started.on("message", settleJob);
    started.on("error", (error) => breakDown(`The writing thread failed: ${messageOf(error)}`));
    started.on("exit", () => breakDown("The writing thread has ended."));
    started.unref();
    return started;
  };

  const submit = (makeJob: (id: number) => Job): Promise<JobOutcome> =>
    new Promise((resolve) => {
      nextId += 1;
      const job = makeJob(nextId);
      if (brokenBecause !== undefined) {
        resolve(spoolJob(job, brokenBecause));
        return;
      }
      pending.set(job.id, { job, settle: resolve });
      try {
        worker ??= startWorker();
        worker.postMessage(job);
        hold();
      } catch (error) {
        settleJob(spoolJob(job, messageOf(error)));
      }
    });

  return {
    users: 0,
    writeFacts: (facts) => submit((id) => ({ kind: "facts", id, facts })),
    writePoints: (batch) => submit((id) => ({ kind: "points", id, points: encode(batch) })),
    spoolPending: () => spoolPending(),
    close: () => worker?.postMessage("close"),
  };
}
