/** What travels between the application's thread and the thread that writes. */
import type { StoreSettingsOptions, UpkeepCounters } from "@moai-metrics/store";
import type { EncodedPoints } from "./point-codec.ts";

/** Where the writing thread works. */
export interface WriterPlace {
  /** Path of the database file. */
  readonly path: string;
  /** Folder for facts and points that cannot be written now. */
  readonly spool: string;
  /** What is kept, and for how long. */
  readonly settings?: StoreSettingsOptions | undefined;
}

/** What the writing thread is given when it starts. */
export interface WriterThreadData extends WriterPlace {
  /** Of the gate that keeps it out of SQLite when the process ends. */
  readonly gateState: Int32Array<SharedArrayBuffer>;
}

/** Facts on their way between threads: a text takes less time to copy, and goes into the journal as it is. */
export interface EncodedFacts {
  /** A list, as JSON. */
  readonly text: string;
  readonly rows: number;
}

/** One thing to write. */
export type Job =
  | {
      readonly kind: "facts";
      readonly id: number;
      readonly facts: EncodedFacts;
      /** They may wait for company: when they wait for longer than a moment, they are put into the journal first. */
      readonly mayWait: boolean;
    }
  | { readonly kind: "points"; readonly id: number; readonly points: EncodedPoints };

/** What else the writing thread is told: to let nothing wait that waits now, and to finish. */
export type Command = "hurry" | "close";

/**
 * What became of a job. `committed`: it is in the file, on disk. `spooled`: it waits in the spool; its file is
 * synced, except where the application's own thread wrote it: at the end of the process, or because the writing thread
 * has died. `failed`: it is in neither.
 */
export type JobOutcome = { readonly id: number } & Settled;

/** {@link JobOutcome} without the number of the job. */
export type Settled =
  | {
      readonly state: "committed";
      /** Facts or points that the store refused, by reason. */
      readonly refused: Readonly<Record<string, number>>;
    }
  /** `reason`: why it was not committed, in one line. */
  | { readonly state: "spooled"; readonly reason: string }
  | { readonly state: "failed"; readonly reason: string };

/** What the writing thread has done so far. */
export interface WriterCounters extends UpkeepCounters {
  /** Transactions; one holds whatever waited. */
  readonly commits: number;
  /** Times that facts were put into the journal, because their transaction was not due yet. */
  readonly journaled: number;
  /** Attempts that found the file in use by another process. */
  readonly busyAttempts: number;
}

/** What a thread that has not begun has done. */
export const NOTHING_WRITTEN: WriterCounters = Object.freeze({
  commits: 0,
  journaled: 0,
  busyAttempts: 0,
  cleanUps: 0,
  failedCleanUps: 0,
});

/** What the writing thread says. */
export interface WriterReport {
  /** Of the jobs that are settled since the last report. */
  readonly outcomes: readonly JobOutcome[];
  readonly counters: WriterCounters;
}
