/** Carries out jobs on the store. Runs in the writing thread. */
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, type Store, StoreError, writeSpoolFile } from "@moai-metrics/store";
import { messageOf } from "../message-of.ts";
import type { Job, JobOutcome, WriterPlace } from "./jobs.ts";
import { createPointDecoder } from "./point-codec.ts";

/** Carries out jobs, one after another. */
export interface JobWriter {
  /** Resolves when the job is on disk or given up. Never rejects. */
  carryOut(job: Job): Promise<JobOutcome>;
  close(): void;
}

/** Options of a job writer. */
export interface JobWriterOptions extends WriterPlace {
  /** How long points wait for a busy file before they are given up. Default 2000. */
  readonly busyPatienceMillis?: number | undefined;
}

const RETRY_MILLIS = 100;

/**
 * Creates the writer. Facts that cannot be written go to the spool; points are tried again while the file is busy and
 * then given up, since there is no spool for them.
 */
export function createJobWriter(options: JobWriterOptions): JobWriter {
  const { path, spool, busyPatienceMillis = 2000 } = options;
  const decode = createPointDecoder();
  let store: Store | undefined;

  const openedStore = (): Store => {
    store ??= openStore({ path });
    return store;
  };

  const carryOutFacts = (job: Extract<Job, { kind: "facts" }>): JobOutcome => {
    const { id, facts } = job;
    let reason: string;
    try {
      return { id, state: "committed", refused: openedStore().write({ facts }).refused };
    } catch (error) {
      reason = messageOf(error);
    }
    try {
      writeSpoolFile(spool, facts);
      return { id, state: "spooled", reason };
    } catch (error) {
      return { id, state: "failed", reason: `${reason} The spool failed, too: ${messageOf(error)}` };
    }
  };

  const carryOutPoints = async (job: Extract<Job, { kind: "points" }>): Promise<JobOutcome> => {
    const { id } = job;
    const batch = decode(job.points);
    const giveUpAt = performance.now() + busyPatienceMillis;
    for (;;) {
      try {
        return { id, state: "committed", refused: openedStore().writePoints(batch).refused };
      } catch (error) {
        const isBusy = error instanceof StoreError && error.code === "busy";
        if (!isBusy || performance.now() >= giveUpAt) return { id, state: "failed", reason: messageOf(error) };
      }
      await sleep(RETRY_MILLIS);
    }
  };

  return {
    carryOut: (job) => (job.kind === "facts" ? Promise.resolve(carryOutFacts(job)) : carryOutPoints(job)),
    close: () => {
      store?.close();
      store = undefined;
    },
  };
}
