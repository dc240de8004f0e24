/** Carries out jobs on the store. Runs in the writing thread. */
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, type Store, StoreError } from "@moai-metrics/store";
import { messageOf } from "../message-of.ts";
import type { Job, JobOutcome, WriterPlace } from "./jobs.ts";
import { createPointDecoder } from "./point-codec.ts";
import { createSpool } from "./spool.ts";

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
  /** Monotonic clock, milliseconds. */
  readonly now?: (() => number) | undefined;
}

const RETRY_MILLIS = 100;
/** A file that cannot be used (deleted, replaced, not a database) is opened anew no more often than this. */
const REOPEN_MILLIS = 3000;

/**
 * Creates the writer. Facts that cannot be written go to the spool; points are tried again while the file is busy and
 * then given up, since there is no spool for them. A file that became unusable is opened anew every few seconds.
 */
export function createJobWriter(options: JobWriterOptions): JobWriter {
  const { path, busyPatienceMillis = 2000, now = () => performance.now() } = options;
  const spool = createSpool(options.spool);
  const decode = createPointDecoder();
  let store: Store | undefined;
  let unusable: { readonly error: unknown; readonly untilMillis: number } | undefined;

  const closeStore = (): void => {
    try {
      store?.close();
    } finally {
      store = undefined;
    }
  };

  /** Works on the open file; closes it when the error is one that stays. */
  const attempt = <T>(work: (opened: Store) => T): T => {
    try {
      store ??= openStore({ path });
      return work(store);
    } catch (error) {
      if (staysUnusable(error)) closeStore();
      throw error;
    }
  };

  const withStore = <T>(work: (opened: Store) => T): T => {
    if (unusable !== undefined && now() < unusable.untilMillis) throw unusable.error;
    try {
      return attempt(work);
    } catch (error) {
      if (!staysUnusable(error)) throw error;
    }
    try {
      const result = attempt(work);
      unusable = undefined;
      return result;
    } catch (error) {
      if (staysUnusable(error)) unusable = { error, untilMillis: now() + REOPEN_MILLIS };
      throw error;
    }
  };

  const carryOutFacts = (job: Extract<Job, { kind: "facts" }>): JobOutcome => {
    const { id, facts } = job;
    let reason: string;
    try {
      return { id, state: "committed", refused: withStore((opened) => opened.write({ facts })).refused };
    } catch (error) {
      reason = messageOf(error);
    }
    try {
      spool.write(facts);
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
        return { id, state: "committed", refused: withStore((opened) => opened.writePoints(batch)).refused };
      } catch (error) {
        const isBusy = error instanceof StoreError && error.code === "busy";
        if (!isBusy || performance.now() >= giveUpAt) return { id, state: "failed", reason: messageOf(error) };
      }
      await sleep(RETRY_MILLIS);
    }
  };

  return {
    carryOut: (job) => (job.kind === "facts" ? Promise.resolve(carryOutFacts(job)) : carryOutPoints(job)),
    close: closeStore,
  };
}

function staysUnusable(error: unknown): boolean {
  return error instanceof StoreError && error.code !== "busy";
}
