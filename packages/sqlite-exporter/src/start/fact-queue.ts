/** Gathers the facts of the running application and hands them to the writing thread. */
import type { FactSink } from "@moai-metrics/instrumentation";
import type { Fact } from "@moai-metrics/model";
import type { JobOutcome } from "../writer/jobs.ts";
import type { StoreWriter } from "../writer/store-writer.ts";

/** What became of the facts. */
export interface FactCounters {
  readonly received: number;
  readonly committed: number;
  /** Wait in the spool until a command or the receiver takes them in. */
  readonly spooled: number;
  readonly lost: number;
  /** Refused by the store, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Facts on their way to the file. */
export interface FactQueue {
  readonly sink: FactSink;
  /** Hands over what has been gathered; resolves when everything handed over so far is settled. Never rejects. */
  flush(): Promise<void>;
  /** Writes what is not on disk yet into the spool, synchronously. */
  spoolNow(): void;
  counters(): FactCounters;
}

/** Facts wait this long for company: a batch is one transaction. */
const GATHER_MILLIS = 5;
/** While the file cannot be used, they wait longer: a batch is one file of the spool. */
const TROUBLED_GATHER_MILLIS = 1000;
/** A batch is handed over at once when it has grown to this size. */
const MAX_GATHERED = 2000;

/** Creates the queue. `onTrouble` hears why facts were not committed. */
export function createFactQueue(writer: StoreWriter, onTrouble: (message: string) => void): FactQueue {
  let gathered: Fact[] = [];
  let gatherMillis = GATHER_MILLIS;
  let timer: NodeJS.Timeout | undefined;
  const running = new Set<Promise<void>>();
  const refused = new Map<string, number>();
  const counts = { received: 0, committed: 0, spooled: 0, lost: 0 };

  const note = (size: number, outcome: JobOutcome): void => {
    gatherMillis = outcome.state === "committed" ? GATHER_MILLIS : TROUBLED_GATHER_MILLIS;
    if (outcome.state === "committed") {
      counts.committed += size;
      for (const [reason, times] of Object.entries(outcome.refused)) {
        refused.set(reason, (refused.get(reason) ?? 0) + times);
      }
      return;
    }
    const isSpooled = outcome.state === "spooled";
    counts[isSpooled ? "spooled" : "lost"] += size;
    onTrouble(`moai-metrics: ${size} facts ${isSpooled ? "wait in the spool" : "were lost"}. ${outcome.reason}`);
  };

  const handOver = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const facts = gathered;
    gathered = [];
    const written = writer.writeFacts(facts).then((outcome) => {
      note(facts.length, outcome);
      running.delete(written);
    });
    running.add(written);
  };

  return {
    sink: (fact) => {
      counts.received += 1;
      gathered.push(fact);
      if (gathered.length >= MAX_GATHERED) handOver();
      else timer ??= setTimeout(handOver, gatherMillis).unref();
    },
    flush: async () => {
      handOver();
      await Promise.all(running);
    },
    spoolNow: () => {
      handOver();
      writer.spoolPending();
    },
    counters: () => ({ ...counts, refused: Object.fromEntries(refused) }),
  };
}
