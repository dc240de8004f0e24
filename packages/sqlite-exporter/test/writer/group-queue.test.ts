import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { openStore, type PointBatch, type PointValue } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFacts, encodeEach, encodeForThread, joinFacts } from "../../src/writer/fact-codec.ts";
import { createGroupQueue, planGroup } from "../../src/writer/group-queue.ts";
import { createJobWriter } from "../../src/writer/job-writer.ts";
import { createPointEncoder } from "../../src/writer/point-codec.ts";

describe("the plan of a group", () => {
  const size = fc.record({ rows: fc.nat(3000), bytes: fc.nat(2_000_000) });

  it("takes the first items, at least one, as many as fit", () => {
    fc.assert(
      fc.property(fc.array(size, { minLength: 1 }), fc.nat(5000), fc.nat(3_000_000), (sizes, maxRows, maxBytes) => {
        const fits = (count: number) => {
          const taken = sizes.slice(0, count);
          const sum = (field: "rows" | "bytes") => taken.reduce((total, each) => total + each[field], 0);
          return count <= 1 || (sum("rows") <= maxRows && sum("bytes") <= maxBytes);
        };
        const count = planGroup(sizes, { maxRows, maxBytes });
        expect(count).toBeGreaterThanOrEqual(1);
        expect(fits(count)).toBe(true);
        expect(count === sizes.length || !fits(count + 1)).toBe(true);
      }),
    );
  });
});

describe("a queue of groups", () => {
  it("commits in order what waits, within its limits, and settles each item behind its own commit", async () => {
    const groups: number[][] = [];
    const queue = createGroupQueue<number, string>({
      maxRows: 4,
      sizeOf: () => ({ rows: 1, bytes: 10 }),
      commit: async (items) => {
        groups.push([...items]);
        return items.map((item) => `${item} in ${groups.length}`);
      },
    });
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((item) => queue.add(item)));
    expect(groups).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(results).toEqual(["1 in 1", "2 in 1", "3 in 1", "4 in 1", "5 in 2", "6 in 2"]);
    await queue.idle();
  });

  it("lets in what comes while a group is committed", async () => {
    let finish: () => void = () => {};
    const groups: number[] = [];
    const queue = createGroupQueue<number, void>({
      sizeOf: () => ({ rows: 1, bytes: 1 }),
      commit: async (items) => {
        groups.push(items.length);
        await new Promise<void>((resolve) => (finish = resolve));
        return items.map(() => undefined);
      },
    });
    const first = queue.add(1, 0);
    while (groups.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const others = [2, 3, 4].map((item) => queue.add(item, 0));
    finish();
    await first;
    while (groups.length === 1) await new Promise((resolve) => setImmediate(resolve));
    finish();
    await Promise.all(others);
    expect(groups).toEqual([1, 3]);
  });
});

describe("waiting for company", () => {
  function createNotingQueue() {
    const groups: number[][] = [];
    const queue = createGroupQueue<number, void>({
      maxRows: 3,
      sizeOf: () => ({ rows: 1, bytes: 1 }),
      commit: async (items) => {
        groups.push([...items]);
        return items.map(() => undefined);
      },
      now: () => 0,
    });
    return { queue, groups };
  }

  it("ends with the item that is the first to be due, which takes the others along", async () => {
    const { queue, groups } = createNotingQueue();
    const patient = queue.add(1, 3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(groups).toEqual([]);
    await Promise.all([patient, queue.add(2)]);
    expect(groups).toEqual([[1, 2]]);
  });

  it("ends when it is hurried, and when a group is full", async () => {
    const { queue, groups } = createNotingQueue();
    const hurried = queue.add(1, 3_600_000);
    queue.hurry();
    await hurried;
    await Promise.all([2, 3, 4].map((item) => queue.add(item, 3_600_000)));
    expect(groups).toEqual([[1], [2, 3, 4]]);
    queue.hurry();
    await queue.idle();
  });
});

const call = (n: number): Fact => ({
  kind: "model_call",
  witness: "process",
  product: "p",
  sessionId: `s${n}`,
  requestId: `r${n}`,
  endedAtMillis: 1_700_000_000_000 + n,
});

describe("group commit", () => {
  const job = (id: number, ...facts: Fact[]) =>
    ({ kind: "facts", id, facts: encodeForThread(facts), mayWait: false }) as const;
  const newPlace = () => {
    const folder = mkdtempSync(join(tmpdir(), "group-commit-"));
    return { path: join(folder, "metrics.db"), spool: join(folder, "spool") };
  };

  it("makes few commits of 100 small jobs, and answers each only when a reader of its own sees it", async () => {
    const place = newPlace();
    const writer = createJobWriter(place);
    openStore(place).close();
    using reader = openStore({ path: place.path, readOnly: true });
    const seenAtAnswer: boolean[] = [];
    const jobs = Array.from({ length: 100 }, async (_, n) => {
      const outcome = await writer.carryOut(job(n, call(n)));
      seenAtAnswer.push(reader.ledger.sessions({}).some(({ sessionId }) => sessionId === `s${n}`));
      return outcome;
    });
    expect(await Promise.all(jobs)).toEqual(
      Array.from({ length: 100 }, (_, id) => ({ id, state: "committed", refused: {} })),
    );
    expect(seenAtAnswer).toEqual(Array(100).fill(true));
    expect(writer.counters().commits).toBeLessThanOrEqual(3);
    await writer.close();
  });

  it("never puts more than 2,000 rows into one transaction", async () => {
    const place = newPlace();
    const writer = createJobWriter(place);
    const jobs = Array.from({ length: 50 }, (_, n) =>
      writer.carryOut(job(n, ...Array.from({ length: 100 }, (_, i) => call(n * 100 + i)))),
    );
    await Promise.all(jobs);
    expect(writer.counters().commits).toBe(3);
    await writer.close();
  });

  it("tells each job what was refused of its own facts", async () => {
    const place = newPlace();
    const writer = createJobWriter(place);
    const bad = { ...call(1), endedAtMillis: Number.NaN } as Fact;
    const outcomes = await Promise.all(
      [[call(1)], [bad, call(2)], [call(3)]].map((facts, id) => writer.carryOut(job(id, ...facts))),
    );
    const refusals = outcomes.map((outcome) =>
      outcome.state === "committed" ? Object.values(outcome.refused).reduce((sum, count) => sum + count, 0) : -1,
    );
    expect(refusals).toEqual([0, 1, 0]);
    await writer.close();
    using store = openStore({ path: place.path });
    expect(store.ledger.usage({})[0]?.calls).toBe(3);
  });

  it("does not give up the others for one that cannot be written at all", async () => {
    const place = newPlace();
    const writer = createJobWriter(place);
    const encode = createPointEncoder();
    const series = (metric: string, value: PointValue): PointBatch["series"][number] => ({
      identity: {
        metric,
        kind: value.kind === "number" ? "sum" : value.kind,
        unit: "",
        description: "",
        temporality: "delta",
        isMonotonic: true,
        valueType: "int",
        attributes: {},
        resource: {},
        scope: { name: "", version: "" },
      },
      points: [{ startTimeUnixNano: 1n, timeUnixNano: 2n, value }],
    });
    const good = series("good", { kind: "number", value: 1 });
    // Only a job that did not come from another thread can be as odd as this.
    const odd = series("odd", {
      kind: "histogram",
      bounds: [],
      counts: [1],
      get count(): number {
        throw new Error("unreadable");
      },
    } as unknown as PointValue);
    const outcomes = await Promise.all(
      [[good], [good, odd], [odd]].map((batch, id) =>
        writer.carryOut({ kind: "points", id, points: encode({ series: batch }) }),
      ),
    );
    expect(outcomes).toEqual([
      { id: 0, state: "committed", refused: {} },
      { id: 1, state: "committed", refused: { "cannot be stored": 1 } },
      { id: 2, state: "committed", refused: { "cannot be stored": 1 } },
    ]);
    await writer.close();
    using store = openStore({ path: place.path });
    expect(store.points("good")).toHaveLength(1);
  });

  it("takes facts one by one where some of a group are refused", async () => {
    const writer = createJobWriter(newPlace());
    const odd = { kind: "facts", id: 1, facts: { text: "[null]", rows: 1 }, mayWait: false } as const;
    expect(await Promise.all([writer.carryOut(job(0, call(1))), writer.carryOut(odd)])).toEqual([
      { id: 0, state: "committed", refused: {} },
      { id: 1, state: "committed", refused: { "not a fact": 1 } },
    ]);
    await writer.close();
  });
});

describe("facts as text", () => {
  it("come back as they were, joined and one by one", () => {
    const lists = [[call(1), call(2)], [], [call(3)]];
    const joined = joinFacts(lists.map(encodeForThread));
    expect(joined.rows).toBe(3);
    expect(decodeFacts(joined)).toEqual(lists.flat());
    expect(encodeEach(joined).map(decodeFacts)).toEqual(lists.flat().map((fact) => [fact]));
    expect(decodeFacts(joinFacts([]))).toEqual([]);
  });
});
