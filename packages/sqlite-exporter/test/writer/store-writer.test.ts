import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { decodeSpoolFile, listSpoolFiles, openStore, type PointBatch } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { pointBufferSettings } from "../../src/writer/point-buffer.ts";
import { acquireStoreWriter } from "../../src/writer/store-writer.ts";

const fact: Fact = {
  kind: "task",
  witness: "process",
  product: "p",
  sessionId: "s",
  taskId: "t",
  startedAtMillis: 1000,
};
const series = (timeUnixNano: bigint): PointBatch["series"][number] => ({
  identity: {
    metric: "c",
    kind: "sum",
    unit: "",
    description: "",
    temporality: "delta",
    isMonotonic: true,
    valueType: "int",
    attributes: {},
    resource: {},
    scope: { name: "", version: "" },
  },
  points: [{ startTimeUnixNano: 0n, timeUnixNano, value: { kind: "number", value: 1 } }],
});
const acquire = (storage: string) => acquireStoreWriter(storage, { buffer: pointBufferSettings() });
const newFolder = () => mkdtempSync(join(tmpdir(), "store-writer-"));

describe("store writer", () => {
  it("is shared by all users of a folder, and ends with the last of them", async () => {
    const storage = newFolder();
    const first = acquire(storage);
    const second = acquire(storage);
    first.release();
    first.release();
    expect(await second.writeFacts([fact])).toMatchObject({ state: "committed" });
    second.release();
    const third = acquire(storage);
    expect(await third.writeFacts([fact])).toMatchObject({ state: "committed" });
    third.release();
    const store = openStore({ path: join(storage, "metrics.db") });
    expect(store.ledger.tasks({})).toHaveLength(1);
    store.close();
  });

  it("spools what is pending at the very end, and settles it", async () => {
    const storage = newFolder();
    const writer = acquire(storage);
    const outcome = writer.writeFacts([fact]);
    const heard: string[] = [];
    const note = ({ state }: { state: string }) => void heard.push(state);
    // The first is handed over at once, the second waits in the buffer.
    writer.points.add({ series: [series(1n)] }, 1, note);
    writer.points.add({ series: [series(2n)] }, 1, note);
    writer.spoolPending();
    expect(heard).toEqual(["spooled", "spooled"]);
    expect(await outcome).toMatchObject({ state: "spooled" });
    const files = listSpoolFiles(join(storage, "spool"));
    expect(files).toHaveLength(1);
    expect(decodeSpoolFile(readFileSync(files[0] ?? "", "utf8"))).toMatchObject({
      facts: [fact],
      points: { series: [series(1n), series(2n)] },
    });
    writer.release();
  });

  it("says that facts are lost where not even the spool can be written", async () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    const writer = acquire(join(file, "store"));
    const outcome = writer.writeFacts([fact]);
    writer.spoolPending();
    expect(await outcome).toMatchObject({ state: "failed", reason: expect.stringContaining("The spool failed, too") });
    writer.release();
  });

  it("refuses a fact that has no text, and takes those beside it", async () => {
    const storage = newFolder();
    const writer = acquire(storage);
    const odd = { ...fact, startedAtMillis: 1n as unknown as number };
    expect(await writer.writeFacts([odd, fact])).toEqual({
      id: 1,
      state: "committed",
      refused: { "cannot be stored": 1 },
    });
    writer.release();
    using store = openStore({ path: join(storage, "metrics.db") });
    expect(store.ledger.tasks({})).toHaveLength(1);
  });

  it("lets facts wait that may, until they are hurried", async () => {
    const storage = newFolder();
    const writer = acquire(storage);
    await writer.writeFacts([fact]);
    const states: string[] = [];
    const waiting = writer.writeFacts([{ ...fact, taskId: "u" }], true).then(({ state }) => states.push(state));
    await expect.poll(() => readdirSync(join(storage, "spool"))).toHaveLength(1);
    expect(states).toEqual([]);
    writer.hurryFacts();
    await waiting;
    expect(states).toEqual(["committed"]);
    expect(writer.counters()).toMatchObject({ commits: 2, journaled: 1 });
    expect(readdirSync(join(storage, "spool"))).toEqual([]);
    writer.release();
  });

  it("goes on with the spool when its thread has ended", async () => {
    const storage = newFolder();
    const writer = acquire(storage);
    const kept = { ...writer };
    expect(await writer.writeFacts([fact])).toMatchObject({ state: "committed" });
    writer.release();
    // The thread ends some time after the release: until then facts are committed, later they are spooled.
    let state = "committed";
    for (let i = 0; i < 200 && state === "committed"; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const race = await Promise.race([
        kept.writeFacts([fact]),
        new Promise<{ state: string }>((resolve) => setTimeout(() => resolve({ state: "committed" }), 100)),
      ]);
      state = race.state;
    }
    expect(state).toBe("spooled");
  });
});
