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
  /** Wait in memory: on their way, or to be tried again. */
  readonly waiting: number;
  /** Could be written nowhere until the process ended, or came when too many were waiting. */
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

/** Facts wait this long for company: a batch is one message. */
const GATHER_MILLIS = 5;
/** While facts keep coming, batches are this far apart: fewer messages, and still each fact is on disk within 20 ms. */
const BATCH_DISTANCE_MILLIS = 17;
/** While the file cannot be used, they wait longer: a batch is one file of the spool. */
const TROUBLED_GATHER_MILLIS = 1000;
/** A batch is handed over at once when it has grown to this size. */
const MAX_GATHERED = 2000;
/** What can be written nowhere is kept in memory, up to this number of facts: some 50 MB. */
const MAX_WAITING = 100_000;

/** Creates the queue. `onTrouble` hears why facts were not committed. */
export function createFactQueue(
  writer: Pick<StoreWriter, "writeFacts" | "hurryFacts" | "spoolPending">,
  onTrouble: (message: string) => void,
): FactQueue {
  let gathered: Fact[] = [];
  let hasEnded = false;
  let gatherMillis = GATHER_MILLIS;
  let nextBatchAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const running = new Set<Promise<void>>();
  const refused = new Map<string, number>();
  const counts = { received: 0, committed: 0, spooled: 0, lost: 0 };

  const countWaiting = (): number => counts.received - counts.committed - counts.spooled - counts.lost;

  const note = (facts: readonly Fact[], outcome: JobOutcome): void => {
    const size = facts.length;
    gatherMillis = outcome.state === "committed" ? GATHER_MILLIS : TROUBLED_GATHER_MILLIS;
    if (outcome.state === "committed") {
      counts.committed += size;
      for (const [reason, times] of Object.entries(outcome.refused)) {
        refused.set(reason, (refused.get(reason) ?? 0) + times);
      }
      return;
    }
    if (outcome.state === "spooled") {
      counts.spooled += size;
      onTrouble(`moai-metrics: ${size} facts wait in the spool. ${outcome.reason}`);
    } else if (hasEnded) {
      counts.lost += size;
      onTrouble(`moai-metrics: ${size} facts were lost. ${outcome.reason}`);
    } else {
      gathered = facts.concat(gathered);
      timer ??= setTimeout(handOver, gatherMillis).unref();
      onTrouble(`moai-metrics: ${size} facts could be written nowhere and will be tried again. ${outcome.reason}`);
    }
  };

  const handOver = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const all = gathered;
    gathered = [];
    nextBatchAt = performance.now() + BATCH_DISTANCE_MILLIS;
    for (let start = 0; start < all.length; start += MAX_GATHERED) {
      const facts = all.slice(start, start + MAX_GATHERED);
      const written = writer.writeFacts(facts, true).then((outcome) => {
        note(facts, outcome);
        running.delete(written);
      });
      running.add(written);
    }
  };

  return {
    sink: (fact, replaced) => {
      // What starts and ends within one batch is told once.
      const place = replaced === undefined ? -1 : gathered.lastIndexOf(replaced);
      if (place >= 0) {
        gathered[place] = fact;
        return;
      }
      counts.received += 1;
      if (countWaiting() > MAX_WAITING) {
        counts.lost += 1;
        onTrouble(`moai-metrics: a fact was lost. ${MAX_WAITING} others wait to be written already.`);
        return;
      }
      gathered.push(fact);
      if (gathered.length >= MAX_GATHERED && gatherMillis === GATHER_MILLIS) handOver();
      else timer ??= setTimeout(handOver, Math.max(gatherMillis, nextBatchAt - performance.now())).unref();
    },
    flush: async () => {
      handOver();
      writer.hurryFacts();
      await Promise.all(running);
    },
    spoolNow: () => {
      hasEnded = true;
      handOver();
      writer.spoolPending();
    },
    counters: () => ({ ...counts, waiting: countWaiting(), refused: Object.fromEntries(refused) }),
  };
}
