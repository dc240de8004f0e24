/** A bounded pool of readers off the caller's thread. */
import type { Store } from "../types.ts";

/** What questions go to: the parts of a store that only read. */
type ReaderTargets = Pick<Store, Extract<keyof Store, "ledger" | "query">>;
export type ReaderTarget = keyof ReaderTargets;

type AnyMethod = (...parameters: never[]) => unknown;

/** The questions of a target. */
export type ReaderMethod<Target extends ReaderTarget> = {
  [Name in keyof ReaderTargets[Target]]: ReaderTargets[Target][Name] extends AnyMethod ? Name : never;
}[keyof ReaderTargets[Target]];

type MethodOf<Target extends ReaderTarget, Name extends ReaderMethod<Target>> = Extract<
  ReaderTargets[Target][Name],
  AnyMethod
>;

/** A question by name. Its parameters and its answer are copied from thread to thread. */
export interface ReaderQuestion<Target extends ReaderTarget, Name extends ReaderMethod<Target>> {
  readonly target: Target;
  readonly method: Name;
  /** Without a signal of its own: hand that to {@link ReaderPool.ask}. */
  readonly parameters: Parameters<MethodOf<Target, Name>>;
}

/** What a question resolves to. */
export type ReaderAnswer<Target extends ReaderTarget, Name extends ReaderMethod<Target>> = Awaited<
  ReturnType<MethodOf<Target, Name>>
>;

/** How to make a pool. */
export interface ReaderPoolOptions {
  /** Path of the database file. It need not exist yet: a question about a file that is not there says so. */
  readonly path: string;
  /** Threads, each with one connection; started when they are needed. Default 2. */
  readonly maxReaders?: number | undefined;
  /** How long one question may read, in milliseconds. Default 5000. */
  readonly leaseMillis?: number | undefined;
  /** Questions that may wait for a reader; more are refused. Default 100. */
  readonly maxQueued?: number | undefined;
}

/** What a pool has done so far, and what it does now. */
export interface ReaderPoolCounters {
  readonly answered: number;
  /** Ended in an error of their own. */
  readonly failed: number;
  /** Refused because too many were waiting. */
  readonly refused: number;
  /** Aborted by their caller while they waited. */
  readonly cancelled: number;
  /** Aborted by their caller while they were read. */
  readonly abandoned: number;
  /** Read for longer than the lease. */
  readonly expired: number;
  readonly waiting: number;
  readonly running: number;
  /** Readers whose lease has ended, and that have not returned from SQLite yet. */
  readonly retiring: number;
}

/** A pool of readers. */
export interface ReaderPool {
  /**
   * Asks a question. The answer comes from one consistent state of the file; between questions no reader holds any.
   *
   * @param options `signal` takes the question back: one that waits is cancelled, one that is being read is abandoned.
   *   Its reader is free again when the statement that it is in has ended, at the latest when the lease has.
   * @throws StoreError as the question itself does; `busy` when too many questions wait, `too_slow` when the lease
   *   ended, `closed` after {@link ReaderPool.close}. What `signal` was aborted with.
   */
  ask<Target extends ReaderTarget, Name extends ReaderMethod<Target>>(
    question: ReaderQuestion<Target, Name>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ReaderAnswer<Target, Name>>;
  counters(): ReaderPoolCounters;
  /**
   * Refuses what waits, lets what is being read come to its end or to that of its lease, and ends the threads.
   * Safe to call twice.
   */
  close(): Promise<void>;
}
