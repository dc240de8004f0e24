import type { Fact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { createFactQueue } from "../../src/start/fact-queue.ts";
import type { JobOutcome } from "../../src/writer/jobs.ts";
import type { StoreWriter } from "../../src/writer/store-writer.ts";

const fact: Fact = { kind: "task", witness: "process", product: "p", sessionId: "s", taskId: "t" };

function createQueue(outcomes: JobOutcome[]) {
  const batches: (readonly Fact[])[] = [];
  const troubles: string[] = [];
  let spooled = 0;
  const writer: Pick<StoreWriter, "writeFacts" | "hurryFacts" | "spoolPending"> = {
    writeFacts: async (facts) => {
      batches.push(facts);
      return outcomes[batches.length - 1] ?? { id: 1, state: "committed", refused: {} };
    },
    hurryFacts: () => {},
    spoolPending: () => {
      spooled += 1;
    },
  };
  const queue = createFactQueue(writer, (message) => troubles.push(message));
  return { queue, batches, troubles, timesSpooled: () => spooled };
}

describe("fact queue", () => {
  it("gathers what comes within some milliseconds into one batch, by itself", async () => {
    const { queue, batches } = createQueue([]);
    queue.sink(fact);
    queue.sink(fact);
    expect(batches).toHaveLength(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(batches.map((batch) => batch.length)).toEqual([2]);
  });

  it("gathers for a second per spool file while the file cannot be used, and briefly again afterwards", async () => {
    const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));
    const { queue, batches } = createQueue([{ id: 1, state: "spooled", reason: "Not a database." }]);
    queue.sink(fact);
    await queue.flush();
    for (let i = 0; i < 10; i++) {
      queue.sink(fact);
      await pause(20);
    }
    expect(batches).toHaveLength(1);
    await pause(1000);
    expect(batches.map((batch) => batch.length)).toEqual([1, 10]);
    queue.sink(fact);
    await pause(50);
    expect(batches).toHaveLength(3);
  });

  it("tells once what starts and ends within a batch, and twice what does not", async () => {
    const { queue, batches } = createQueue([]);
    const end: Fact = { ...fact, lastSeenAtMillis: 5 };
    const other: Fact = { ...fact, taskId: "other" };
    queue.sink(fact);
    queue.sink(other);
    queue.sink(end, fact);
    await queue.flush();
    queue.sink({ ...other, lastSeenAtMillis: 6 }, other);
    await queue.flush();
    expect(batches).toEqual([[end, other], [{ ...other, lastSeenAtMillis: 6 }]]);
    expect(queue.counters()).toMatchObject({ received: 3, committed: 3, waiting: 0 });
  });

  it("spaces batches out while facts keep coming", async () => {
    const taken: number[] = [];
    const writer: Pick<StoreWriter, "writeFacts" | "hurryFacts" | "spoolPending"> = {
      writeFacts: async () => {
        taken.push(performance.now());
        return { id: 1, state: "committed", refused: {} };
      },
      hurryFacts: () => {},
      spoolPending: () => {},
    };
    const queue = createFactQueue(writer, () => {});
    queue.sink(fact);
    await queue.flush();
    queue.sink(fact);
    await expect.poll(() => taken.length, { timeout: 5000, interval: 1 }).toBe(2);
    const [first = 0, second = 0] = taken;
    // Twice what a first fact waits; timers count whole milliseconds.
    expect(second - first).toBeGreaterThan(10);
    await queue.flush();
  });

  it("hands a big batch over at once", () => {
    const { queue, batches } = createQueue([]);
    for (let i = 0; i < 4001; i++) queue.sink(fact);
    expect(batches.map((batch) => batch.length)).toEqual([2000, 2000]);
  });

  it("counts what was committed, spooled, kept and refused, and says why", async () => {
    const { queue, troubles } = createQueue([
      { id: 1, state: "committed", refused: { "before the watermark": 1 } },
      { id: 2, state: "spooled", reason: "The file is busy." },
      { id: 3, state: "failed", reason: "The disk is full." },
    ]);
    for (let i = 0; i < 3; i++) {
      queue.sink(fact);
      await queue.flush();
    }
    expect(queue.counters()).toEqual({
      received: 3,
      committed: 1,
      spooled: 1,
      waiting: 1,
      lost: 0,
      refused: { "before the watermark": 1 },
    });
    expect(troubles).toEqual([
      "moai-metrics: 1 facts wait in the spool. The file is busy.",
      "moai-metrics: 1 facts could be written nowhere and will be tried again. The disk is full.",
    ]);
  });

  it("keeps what can be written nowhere and tries it again, until the process ends", async () => {
    const failed: JobOutcome = { id: 1, state: "failed", reason: "The disk is full." };
    const recovering = createQueue([failed]);
    recovering.queue.sink(fact);
    await recovering.queue.flush();
    recovering.queue.sink({ ...fact, agent: "second" });
    await recovering.queue.flush();
    expect(recovering.batches).toEqual([[fact], [fact, { ...fact, agent: "second" }]]);
    expect(recovering.queue.counters()).toMatchObject({ received: 2, committed: 2, waiting: 0, lost: 0 });

    const ending = createQueue([failed]);
    ending.queue.sink(fact);
    ending.queue.spoolNow();
    await ending.queue.flush();
    expect(ending.queue.counters()).toMatchObject({ waiting: 0, lost: 1 });
  });

  it("takes no more than it can keep, and counts what it does not take", async () => {
    const { queue, troubles } = createQueue(
      Array.from({ length: 60 }, () => ({ id: 1, state: "failed", reason: "Full." })),
    );
    for (let i = 0; i < 100_003; i++) queue.sink(fact);
    expect(queue.counters()).toMatchObject({ waiting: 100_000, lost: 3 });
    expect(troubles).toHaveLength(3);
    await queue.flush();
    expect(queue.counters()).toMatchObject({ waiting: 100_000, lost: 3 });
  });

  it("puts into the spool at once what is not on disk", () => {
    const { queue, batches, timesSpooled } = createQueue([]);
    queue.sink(fact);
    queue.spoolNow();
    expect(batches).toHaveLength(1);
    expect(timesSpooled()).toBe(1);
  });
});
