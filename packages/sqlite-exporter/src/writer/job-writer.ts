/** Carries out jobs on the store. Runs in the writing thread. */
import {
  createFactJournal,
  createUpkeep,
  createUsableStore,
  NO_GATE,
  type PointBatch,
  retryBusy,
  type Store,
  StoreError,
  type ThreadGate,
} from "@moai-metrics/store";
import { messageOf } from "../message-of.ts";
import { decodeFacts, encodeEach, joinFacts } from "./fact-codec.ts";
import { createGroupQueue, GATHER_MILLIS } from "./group-queue.ts";
import type { EncodedFacts, Job, JobOutcome, Settled, WriterCounters, WriterPlace } from "./jobs.ts";
import { planFactWait } from "./plan-fact-wait.ts";
import { createPointDecoder } from "./point-codec.ts";
import { sizeOfPoints } from "./sizes.ts";
import { createSpool } from "./spool.ts";

/** Carries out jobs. Those that wait together are committed together. */
export interface JobWriter {
  /** Resolves when the job is on disk or given up. Never rejects. */
  carryOut(job: Job): Promise<JobOutcome>;
  /** What waits for company now is written at once. */
  hurry(): void;
  counters(): WriterCounters;
  /** Finishes what waits and closes the file. */
  close(): Promise<void>;
}

/** Options of a job writer. */
export interface JobWriterOptions extends WriterPlace {
  /** How long facts wait for a busy file before they go to the spool. Default 250. */
  readonly factPatienceMillis?: number | undefined;
  /** How long points wait for a busy file before they go to the spool. Default 2000. */
  readonly pointPatienceMillis?: number | undefined;
  /** How long after the first job the store is cleaned up, if that is due. Default 60,000. */
  readonly upkeepAfterMillis?: number | undefined;
  /** Monotonic clock, milliseconds. */
  readonly now?: (() => number) | undefined;
  /** Held whenever SQLite is used. Default: none. */
  readonly gate?: ThreadGate | undefined;
}

/** What differs between facts and points. */
interface Kind<Payload> {
  join(payloads: readonly Payload[]): Payload;
  /** The parts of a payload, one by one. */
  split(payload: Payload): readonly Payload[];
  /** Commits; returns what was refused, by reason. */
  write(store: Store, payload: Payload): Readonly<Record<string, number>>;
  spool(payload: Payload): void;
  readonly patienceMillis: number;
}

/**
 * Creates the writer. Facts that may wait are committed once a second at most, and are in the journal until then. Facts
 * and points wait for a busy file, facts not for long; what cannot be written goes to the spool. They do not wait for
 * each other. A file that became unusable is opened anew every few seconds. Once a day the
 * store is cleaned up in between.
 */
export function createJobWriter(options: JobWriterOptions): JobWriter {
  const {
    path,
    factPatienceMillis = 250,
    pointPatienceMillis = 2000,
    now = () => performance.now(),
    gate = NO_GATE,
  } = options;
  const file = createUsableStore({ path, settings: options.settings }, now, gate);
  const spool = createSpool(options.spool);
  const decode = createPointDecoder();
  const upkeep = createUpkeep({
    firstAfterMillis: options.upkeepAfterMillis,
    maintain: async (run) => {
      const release = gate.hold();
      try {
        return await file.use((store) => store.maintain(run));
      } finally {
        release();
      }
    },
  });
  const counts = { commits: 0, journaled: 0, busyAttempts: 0 };
  const journal = createFactJournal(options.spool, now);
  /** Of facts, the last time that any were to be committed; undefined when that did not work. */
  let committedAtMillis: number | undefined;

  const createCommit = <Payload>(kind: Kind<Payload>): ((payloads: readonly Payload[]) => Promise<Settled[]>) => {
    const commitOnce = (payload: Payload): Promise<Readonly<Record<string, number>>> =>
      retryBusy(
        () => {
          const refused = file.use((store) => kind.write(store, payload));
          counts.commits += 1;
          return refused;
        },
        { patienceMillis: kind.patienceMillis, onBusy: () => (counts.busyAttempts += 1), now },
      );

    const eachAlone = async (payloads: readonly Payload[]): Promise<Settled[]> => {
      const settled: Settled[] = [];
      for (const payload of payloads) settled.push(...(await commit([payload])));
      return settled;
    };

    const commit = async (payloads: readonly Payload[]): Promise<Settled[]> => {
      const isGroup = payloads.length > 1;
      const joined = kind.join(payloads);
      try {
        const refused = await commitOnce(joined);
        // Whose the refused ones are is known to no one. Writing again changes nothing and answers for each alone.
        if (isGroup && Object.keys(refused).length > 0) return await eachAlone(payloads);
        return payloads.map(() => ({ state: "committed", refused }));
      } catch (error) {
        const isOfTheFile = error instanceof StoreError;
        const parts = isGroup ? payloads : kind.split(joined);
        if (!isOfTheFile && parts.length > 1) {
          // One entry that cannot be written at all must not take the others with it.
          const settled = await eachAlone(parts);
          return isGroup ? settled : [combine(settled)];
        }
        const reason = messageOf(error);
        try {
          kind.spool(joined);
          return payloads.map(() => ({ state: "spooled", reason }));
        } catch (spoolError) {
          if (!isOfTheFile) return [{ state: "committed", refused: { "cannot be stored": 1 } }];
          const both = `${reason} The spool failed, too: ${messageOf(spoolError)}`;
          return payloads.map(() => ({ state: "failed", reason: both }));
        }
      }
    };
    return commit;
  };

  const facts = createGroupQueue({
    sizeOf: ({ rows, text }: EncodedFacts) => ({ rows, bytes: text.length }),
    commit: createCommit<EncodedFacts>({
      join: joinFacts,
      split: encodeEach,
      write: (store, payload) => {
        committedAtMillis = undefined;
        const { refused } = store.write({ facts: decodeFacts(payload) });
        committedAtMillis = now();
        return refused;
      },
      spool: (payload) => spool.write(decodeFacts(payload)),
      patienceMillis: factPatienceMillis,
    }),
    now,
  });

  const addFacts = async (given: EncodedFacts, mayWait: boolean): Promise<Settled> => {
    const maxWaitMillis = mayWait ? planFactWait(committedAtMillis, now()) : GATHER_MILLIS;
    const settled = facts.add(given, maxWaitMillis);
    if (maxWaitMillis <= GATHER_MILLIS) return settled;
    try {
      const release = journal.append(given.text);
      counts.journaled += 1;
      const outcome = await settled;
      // What could be written nowhere else stays where it is.
      if (outcome.state !== "failed") release();
    } catch {
      // What cannot be put there must not wait.
      facts.hurry();
    }
    return settled;
  };

  const points = createGroupQueue({
    sizeOf: sizeOfPoints,
    commit: createCommit<PointBatch>({
      join: (payloads) => ({ series: payloads.flatMap(({ series }) => series) }),
      split: ({ series }) => series.map((each) => ({ series: [each] })),
      write: (store, payload) => store.writePoints(payload).refused,
      spool: (payload) => spool.write([], payload),
      patienceMillis: pointPatienceMillis,
    }),
    now,
  });

  return {
    carryOut: async (job) => {
      upkeep.start();
      const settled = await (job.kind === "facts" ? addFacts(job.facts, job.mayWait) : points.add(decode(job.points)));
      return { id: job.id, ...settled };
    },
    hurry: () => facts.hurry(),
    counters: () => ({ ...counts, ...upkeep.counters() }),
    close: async () => {
      facts.hurry();
      await Promise.all([facts.idle(), points.idle(), upkeep.stop()]);
      journal.close();
      file.close();
    },
  };
}

/** What became of a whole whose parts went different ways: as far from the file as the worst of them. */
function combine(parts: readonly Settled[]): Settled {
  const refused: Record<string, number> = {};
  for (const part of parts) {
    if (part.state !== "committed") continue;
    for (const [reason, count] of Object.entries(part.refused)) refused[reason] = (refused[reason] ?? 0) + count;
  }
  const isSpooled = (part: Settled): boolean => part.state === "spooled";
  const isFailed = (part: Settled): boolean => part.state === "failed";
  return parts.find(isFailed) ?? parts.find(isSpooled) ?? { state: "committed", refused };
}
