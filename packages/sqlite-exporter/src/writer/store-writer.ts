/**
 * The application's end of the writing thread: the application's own thread never waits for SQLite. All users of one
 * file in a process share one thread.
 */
import { Worker } from "node:worker_threads";
import type { Fact } from "@moai-metrics/model";
import { databasePath, type MetricsConfig, spoolFolder } from "@moai-metrics/settings";
import type { PointBatch, StoreSettingsOptions } from "@moai-metrics/store";
import { closeGate, createGateState } from "@moai-metrics/store/beside-the-thread";
import { messageOf } from "../message-of.ts";
import { encodeForThread } from "./fact-codec.ts";
import {
  type Command,
  type Job,
  type JobOutcome,
  NOTHING_WRITTEN,
  type WriterCounters,
  type WriterReport,
  type WriterThreadData,
} from "./jobs.ts";
import { createPointBuffer, type PointBuffer, type PointBufferSettings } from "./point-buffer.ts";
import { createPointEncoder } from "./point-codec.ts";
import { createSpool } from "./spool.ts";
import { trackFacts } from "./track-facts.ts";

/** Writes facts and points into one store. */
export interface StoreWriter {
  /**
   * Resolves when the facts are on disk, in the file or in the spool, or neither is possible. Never rejects.
   *
   * @param mayWait whether they may wait for company. They are safe in the journal then, but do not keep the process alive.
   */
  writeFacts(facts: readonly Fact[], mayWait?: boolean): Promise<JobOutcome>;
  /** Facts that wait for company now are written at once, and keep the process alive. */
  hurryFacts(): void;
  /** The write buffer for points. All users of one file share it. */
  readonly points: Pick<PointBuffer, "add" | "flush" | "hurry">;
  /** Writes everything that is not yet on disk into the spool, synchronously: for the very end of the process. */
  spoolPending(): void;
  /** What the writing thread has done so far. */
  counters(): WriterCounters;
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

/** A process that ends waits no longer than this for its thread to leave SQLite: mostly for one COMMIT. */
const MAX_END_MILLIS = 2000;

/** What the first user of a folder decides for all of them. */
export interface StoreWriterOptions {
  readonly buffer: PointBufferSettings;
  /** What is kept, and for how long. */
  readonly settings?: StoreSettingsOptions | undefined;
  /** What is stored of facts. Default: everything. */
  readonly config?: MetricsConfig | undefined;
}

/** The writer for a storage folder; to be given back with `release`. */
export function acquireStoreWriter(storageFolder: string, options: StoreWriterOptions): StoreWriter {
  let shared = writers.get(storageFolder);
  if (shared === undefined) {
    shared = createSharedWriter(databasePath(storageFolder), spoolFolder(storageFolder), options);
    writers.set(storageFolder, shared);
  }
  const held = shared;
  held.users += 1;
  let isReleased = false;
  return {
    writeFacts: held.writeFacts,
    hurryFacts: held.hurryFacts,
    points: held.points,
    spoolPending: held.spoolPending,
    counters: held.counters,
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
  /** None for points, which are known to their buffer. */
  readonly facts: readonly Fact[];
  settle(outcome: JobOutcome): void;
}

/** Facts or points that go to the spool from here. */
interface Spoolable {
  readonly facts: readonly Fact[];
  readonly points: PointBatch | undefined;
  settle(outcome: { readonly state: "spooled" | "dropped"; readonly reason: string }): void;
}

const PROCESS_ENDED = "The process ended before the file was written.";

function createSharedWriter(path: string, spoolPath: string, options: StoreWriterOptions): SharedWriter {
  const spool = createSpool(spoolPath, { isSynced: false });
  const pending = new Map<number, PendingJob>();
  const encode = createPointEncoder();
  let nextId = 0;
  let worker: Worker | undefined;
  let brokenBecause: string | undefined;
  let counters = NOTHING_WRITTEN;

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

  const spoolHere = (id: number, reason: string, facts: readonly Fact[], points?: PointBatch): JobOutcome => {
    try {
      spool.write(facts, points);
      return { id, state: "spooled", reason };
    } catch (error) {
      return { id, state: "failed", reason: `${reason} The spool failed, too: ${messageOf(error)}` };
    }
  };

  /** One file for everything: a process that ends has no time for thousands. */
  const spoolPending = (reason = PROCESS_ENDED): void => {
    const waiting: Spoolable[] = points.takeAll().map(({ batch, settle }) => ({ facts: [], points: batch, settle }));
    for (const [id, { facts }] of [...pending]) {
      const settle: Spoolable["settle"] = ({ state, reason: why }) =>
        settleJob({ id, state: state === "spooled" ? "spooled" : "failed", reason: why });
      waiting.push({ facts, points: undefined, settle });
    }
    if (waiting.length === 0) return;
    const spoolTogether = (items: readonly Spoolable[]): void => {
      const series = items.flatMap((item) => item.points?.series ?? []);
      const outcome = spoolHere(
        0,
        reason,
        items.flatMap(({ facts }) => facts),
        { series },
      );
      if (outcome.state === "failed" && items.length > 1) {
        // One entry that has no text as JSON must not take the others with it.
        for (const item of items) spoolTogether([item]);
        return;
      }
      const state = outcome.state === "spooled" ? "spooled" : "dropped";
      const why = outcome.state === "committed" ? reason : outcome.reason;
      for (const { settle } of items) settle({ state, reason: why });
    };
    spoolTogether(waiting);
  };

  const breakDown = (reason: string): void => {
    brokenBecause ??= reason;
    spoolPending(reason);
  };

  const startWorker = (): Worker => {
    const gateState = createGateState();
    const data: WriterThreadData = { path, spool: spoolPath, settings: options.settings, gateState };
    const started = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: data,
      // What the application preloads (NODE_OPTIONS, --import) is not for this thread.
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: "", MOAI_METRICS_DISABLED: "1" },
      name: "moai-metrics writer",
    });
    started.on("message", (report: WriterReport) => {
      counters = report.counters;
      for (const outcome of report.outcomes) settleJob(outcome);
    });
    started.on("error", (error) => breakDown(`The writing thread failed: ${messageOf(error)}`));
    const onEnd = (): void => void closeGate(gateState, MAX_END_MILLIS);
    process.on("exit", onEnd);
    started.on("exit", () => {
      process.removeListener("exit", onEnd);
      breakDown("The writing thread has ended.");
    });
    started.unref();
    return started;
  };

  const tell = (message: Job | Command): void => {
    worker ??= startWorker();
    worker.postMessage(message);
  };

  const submit = (
    makeJob: (id: number) => Job,
    facts: readonly Fact[],
    spoolJob: (id: number, reason: string) => JobOutcome,
  ): Promise<JobOutcome> =>
    new Promise((resolve) => {
      nextId += 1;
      const id = nextId;
      if (brokenBecause !== undefined) {
        resolve(spoolJob(id, brokenBecause));
        return;
      }
      try {
        const job = makeJob(id);
        pending.set(id, { facts, settle: resolve });
        tell(job);
        if (job.kind === "points" || !job.mayWait) hold();
      } catch (error) {
        pending.delete(id);
        resolve(spoolJob(id, messageOf(error)));
      }
    });

  const points = createPointBuffer(options.buffer, (batch) =>
    submit(
      (id) => ({ kind: "points", id, points: encode(batch) }),
      [],
      (id, reason) => spoolHere(id, reason, [], batch),
    ),
  );
  // However the process ends: what is still in memory here goes to the spool.
  const onExit = (): void => breakDown(PROCESS_ENDED);
  process.on("exit", onExit);

  return {
    users: 0,
    writeFacts: async (given, mayWait = false) => {
      const { facts, switchedOff } = trackFacts(given, options.config);
      const { text, rows, unencodable } = encodeForThread(facts);
      const outcome = await submit(
        (id) => ({ kind: "facts", id, facts: { text, rows }, mayWait }),
        facts,
        (id, reason) => spoolHere(id, reason, facts),
      );
      if (outcome.state !== "committed") return outcome;
      const lost = unencodable === 0 ? {} : { "cannot be stored": unencodable };
      return { ...outcome, refused: { ...outcome.refused, ...switchedOff, ...lost } };
    },
    hurryFacts: () => {
      if (worker === undefined || pending.size === 0 || brokenBecause !== undefined) return;
      tell("hurry");
      hold();
    },
    points,
    spoolPending: () => spoolPending(),
    counters: () => counters,
    close: () => {
      process.removeListener("exit", onExit);
      spoolPending("The writer was closed before the file was written.");
      if (worker !== undefined) tell("close");
    },
  };
}
