import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { acquireFileLock, openStore, type Store } from "../../src/index.ts";
import { moveWatermark } from "../../src/maintenance/watermark.ts";
import { call, dump, measurement, NOON, session, task, temporaryFolder, temporaryStore, tool } from "../helpers.ts";
import { answersOfVersion1, fileOfVersion1 } from "../migrations/fixture.ts";

const DAY = 86_400_000;

const storeWith = (facts: readonly Fact[], options: Parameters<typeof temporaryStore>[0] = {}): Store => {
  const store = temporaryStore(options);
  store.write({ facts });
  return store;
};

const fileChange = (path: string): Fact => ({
  kind: "file_change",
  witness: "transcript",
  product: "claude-code",
  sessionId: "s1",
  taskId: "t1",
  path,
  change: "modified",
  atMillis: NOON,
});

describe("merging another store", () => {
  it("tells what came, kind by kind, and that nothing comes twice", async () => {
    const other = storeWith([session(), task(), call(), tool(), fileChange("/a"), measurement()]);
    other.writePoints({
      series: [
        {
          identity: {
            ...{ metric: "m", kind: "gauge", unit: "1", description: "", temporality: "none", isMonotonic: false },
            ...{ valueType: "double", attributes: {}, resource: {}, scope: { name: "s", version: "" } },
          },
          points: [
            { startTimeUnixNano: 0n, timeUnixNano: BigInt(NOON) * 1_000_000n, value: { kind: "number", value: 1 } },
          ],
        },
      ],
    });
    const store = temporaryStore();
    const kinds: string[] = [];
    const { kinds: first, factsFromMillis } = await store.merge({
      other: other.path,
      onProgress: ({ kind }) => kinds.push(kind),
    });
    const one = { read: 1, added: 1, changed: 0, refused: {} };
    expect(first).toEqual({
      sessions: one,
      tasks: one,
      calls: one,
      tools: one,
      files: one,
      measurements: one,
      points: one,
    });
    expect(kinds).toEqual(["sessions", "tasks", "calls", "tools", "files", "measurements", "points"]);
    expect(factsFromMillis).toBeUndefined();
    expect(dump(store.path)).toEqual(dump(other.path));
    expect(store.check()).toMatchObject({ isSound: true });
    const { kinds: second } = await store.merge({ other: other.path });
    for (const { read, added, changed } of Object.values(second)) expect([read, added, changed]).toEqual([1, 0, 0]);
    expect(readdirSync(join(store.path, "..")).filter((name) => name.startsWith("merging"))).toEqual([]);
  });

  it("keeps costs as they were frozen, whichever store takes over the other", async () => {
    const price = (input: number) => [{ model: "claude-sonnet-4-5", inputUsd: input, outputUsd: 1 }];
    const both = call({ requestId: "both", responseId: "both" });
    const [cheap, dear] = [
      storeWith([call({ requestId: "c", responseId: "c" }), both], { prices: price(1) }),
      storeWith([call({ requestId: "d", responseId: "d" }), both], { prices: price(3) }),
    ];
    const costOf = (store: Store): number => store.query.summary({}).costNanoUsd;
    const [c, d] = [costOf(cheap) / 2, costOf(dear) / 2];
    const copy = join(temporaryFolder(), "copy.db");
    await dear.backUp({ target: copy });
    await dear.merge({ other: cheap.path });
    await cheap.merge({ other: copy });
    expect([costOf(cheap), costOf(dear)]).toEqual([c + 2 * d, c + 2 * d]);
    expect(cheap.check()).toMatchObject({ isSound: true });
    expect(dear.check()).toMatchObject({ isSound: true });
  });

  it("leaves a call unpriced that had no price when it was made", async () => {
    const other = storeWith([call({ model: "new-model" })]);
    const store = temporaryStore({ prices: [{ model: "new-model", inputUsd: 1, outputUsd: 1 }] });
    await store.merge({ other: other.path });
    expect(store.query.summary({})).toMatchObject({ costNanoUsd: 0, unpricedCalls: 1 });
  });

  it("counts the files of a task that both know as the store with more of them does", async () => {
    const few = storeWith([task(), fileChange("/a")]);
    const many = storeWith([task(), fileChange("/a"), fileChange("/b"), fileChange("/c")]);
    const filesOf = (store: Store): unknown => dump(store.path)["files"];
    const more = filesOf(many);
    const copy = join(temporaryFolder(), "few.db");
    await few.backUp({ target: copy });
    for (let i = 0; i < 2; i++) await few.merge({ other: many.path });
    await many.merge({ other: copy });
    expect([filesOf(few), filesOf(many)]).toEqual([more, more]);
  });

  it("refuses what is older than the oldest day kept here, and says what the other one has only sums of", async () => {
    const nowMillis = NOON + 40 * DAY;
    const shortlived = storeWith([call({ requestId: "new", responseId: "n", endedAtMillis: nowMillis })]);
    const database = new Database(shortlived.path);
    moveWatermark(database, Math.floor(nowMillis / DAY) - 1);
    database.close();
    const complete = storeWith([
      call({ requestId: "old", responseId: "o", endedAtMillis: NOON }),
      call({ requestId: "x", responseId: "x", endedAtMillis: nowMillis }),
    ]);
    const { kinds } = await shortlived.merge({ other: complete.path });
    expect(kinds.calls).toMatchObject({ read: 2, added: 1 });
    expect(Object.keys(kinds.calls.refused)).toEqual(["older than the oldest day kept"]);
    expect(shortlived.checkRollups()).toEqual([]);
    const { factsFromMillis = 0 } = await complete.merge({ other: shortlived.path });
    expect(factsFromMillis).toBeGreaterThan(NOON);
    expect(complete.query.getModelCalls({}).rows).toHaveLength(3);
  });

  it("brings a copy of an older version up to date, and leaves the file as it is", async () => {
    const path = fileOfVersion1();
    const before = readFileSync(path);
    const store = temporaryStore();
    await store.merge({ other: path });
    expect(readFileSync(path).equals(before)).toBe(true);
    const [usage] = store.ledger.usage({});
    const [known] = answersOfVersion1().total as { calls: number; costNanoUsd: number }[];
    expect([usage?.calls, usage?.costNanoUsd]).toEqual([known?.calls, known?.costNanoUsd]);
    expect(store.check()).toMatchObject({ isSound: true });
  });

  it("takes away the copy that a merge left behind that was killed, not that of one under way", async () => {
    const store = storeWith([session()]);
    const other = storeWith([call()]);
    const copies = ["merging-killed", "merging-running"].map((name) => join(dirname(store.path), name));
    for (const copy of copies) {
      mkdirSync(copy);
      writeFileSync(join(copy, "other.db"), "");
    }
    const [killed = "", running = ""] = copies.map((copy) => join(copy, "in-use.lock.db"));
    acquireFileLock(killed)?.release();
    const lock = acquireFileLock(running);
    await store.merge({ other: other.path });
    expect(readdirSync(dirname(store.path)).filter((name) => name.startsWith("merging-"))).toEqual(["merging-running"]);
    lock?.release();
  });

  it("is not live: history is no burst", async () => {
    const other = storeWith([call({ endedAtMillis: NOON })]);
    const store = temporaryStore({ now: () => NOON + DAY });
    await store.merge({ other: other.path });
    const { metrics } = store.exposed.expose({ reader: "r", delivery: "looked_at" });
    expect(metrics.filter(({ kind }) => kind !== "gauge")).toEqual([]);
  });

  it("says what cannot be merged", async () => {
    const store = storeWith([call()]);
    const folder = temporaryFolder();
    await expect(store.merge({ other: join(folder, "none.db") })).rejects.toMatchObject({ code: "not_found" });
    await expect(store.merge({ other: store.path })).rejects.toThrow(/is this store itself/);
    const foreign = join(folder, "foreign.db");
    const database = new Database(foreign);
    database.exec("CREATE TABLE t (a)");
    database.close();
    await expect(store.merge({ other: foreign })).rejects.toMatchObject({ code: "not_our_file" });
    using reading = openStore({ path: store.path, readOnly: true });
    await expect(reading.merge({ other: foreign })).rejects.toMatchObject({ code: "read_only" });
  });
});
