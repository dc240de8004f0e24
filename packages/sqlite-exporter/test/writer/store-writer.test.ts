import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { decodeSpoolFile, listSpoolFiles, openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { acquireStoreWriter } from "../../src/writer/store-writer.ts";

const fact: Fact = {
  kind: "task",
  witness: "process",
  product: "p",
  sessionId: "s",
  taskId: "t",
  startedAtMillis: 1000,
};
const newFolder = () => mkdtempSync(join(tmpdir(), "store-writer-"));
const spooled = (storage: string) =>
  listSpoolFiles(join(storage, "spool")).flatMap((path) => decodeSpoolFile(readFileSync(path, "utf8"))?.facts ?? []);

describe("store writer", () => {
  it("is shared by all users of a folder, and ends with the last of them", async () => {
    const storage = newFolder();
    const first = acquireStoreWriter(storage);
    const second = acquireStoreWriter(storage);
    first.release();
    first.release();
    expect(await second.writeFacts([fact])).toMatchObject({ state: "committed" });
    second.release();
    const third = acquireStoreWriter(storage);
    expect(await third.writeFacts([fact])).toMatchObject({ state: "committed" });
    third.release();
    const store = openStore({ path: join(storage, "metrics.db") });
    expect(store.ledger.tasks({})).toHaveLength(1);
    store.close();
  });

  it("spools what is pending at the very end, and settles it", async () => {
    const storage = newFolder();
    const writer = acquireStoreWriter(storage);
    const outcome = writer.writeFacts([fact]);
    const points = writer.writePoints({ series: [] });
    writer.spoolPending();
    expect(await outcome).toMatchObject({ state: "spooled" });
    expect(await points).toMatchObject({ state: "failed" });
    expect(spooled(storage)).toEqual([fact]);
    writer.release();
  });

  it("says that facts are lost where not even the spool can be written", async () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    const writer = acquireStoreWriter(join(file, "store"));
    const outcome = writer.writeFacts([fact]);
    writer.spoolPending();
    expect(await outcome).toMatchObject({ state: "failed", reason: expect.stringContaining("The spool failed, too") });
    writer.release();
  });

  it("spools a fact that cannot cross to the other thread as it is", async () => {
    const storage = newFolder();
    const writer = acquireStoreWriter(storage);
    const odd = { ...fact, agent: (() => {}) as unknown as string };
    expect(await writer.writeFacts([odd])).toMatchObject({ state: "spooled" });
    expect(spooled(storage)).toHaveLength(1);
    writer.release();
  });

  it("goes on with the spool when its thread has ended", async () => {
    const storage = newFolder();
    const writer = acquireStoreWriter(storage);
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
