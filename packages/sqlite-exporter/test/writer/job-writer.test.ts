import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { decodeJournal, listSpoolFiles, openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { encodeForThread } from "../../src/writer/fact-codec.ts";
import { createJobWriter } from "../../src/writer/job-writer.ts";

const facts: Fact[] = [
  { kind: "task", witness: "process", product: "p", sessionId: "s", taskId: "t", startedAtMillis: 1000 },
];

const job = (id: number, told = facts, mayWait = false) =>
  ({ kind: "facts", id, facts: encodeForThread(told), mayWait }) as const;

function createPlace() {
  const folder = join(mkdtempSync(join(tmpdir(), "job-writer-")), "store");
  const path = join(folder, "metrics.db");
  const spool = join(folder, "spool");
  let millis = 0;
  const writer = createJobWriter({ path, spool, now: () => millis });
  let id = 0;
  const write = async () => {
    id += 1;
    return (await writer.carryOut(job(id))).state;
  };
  return { folder, path, spool, writer, write, pass: (by: number) => (millis += by) };
}

describe("job writer", () => {
  it("opens the file anew when it was deleted under an open application", async () => {
    const { folder, path, spool, writer, write } = createPlace();
    expect(await write()).toBe("committed");
    rmSync(folder, { recursive: true });
    expect(await write()).toBe("committed");
    expect(existsSync(path)).toBe(true);
    expect(listSpoolFiles(spool)).toEqual([]);
    await writer.close();
    const store = openStore({ path });
    expect(store.ledger.tasks({})).toHaveLength(1);
    store.close();
  });

  it("tries a file that is no database every few seconds, and goes on when it has become usable", async () => {
    const { folder, path, spool, writer, write, pass } = createPlace();
    expect(await write()).toBe("committed");
    await writer.close();
    rmSync(folder, { recursive: true });
    expect(await write()).toBe("committed");
    await writer.close();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
    writeFileSync(path, "not a database at all, really not".repeat(200));
    expect(await write()).toBe("spooled");
    rmSync(path);
    expect(await write()).toBe("spooled");
    pass(2999);
    expect(await write()).toBe("spooled");
    pass(1);
    expect(await write()).toBe("committed");
    expect(listSpoolFiles(spool)).toHaveLength(3);
    await writer.close();
  });

  it("cleans the store up when that is due, and goes on writing", async () => {
    const folder = join(mkdtempSync(join(tmpdir(), "job-writer-")), "store");
    const writer = createJobWriter({
      path: join(folder, "metrics.db"),
      spool: join(folder, "spool"),
      upkeepAfterMillis: 1,
    });
    await writer.carryOut(job(1));
    for (let i = 0; i < 500 && writer.counters().cleanUps === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(writer.counters()).toMatchObject({ cleanUps: 1, failedCleanUps: 0 });
    expect(await writer.carryOut(job(2))).toMatchObject({ state: "committed" });
    await writer.close();
  });

  describe("facts that may wait", () => {
    const journals = (spool: string): string[] =>
      existsSync(spool) ? readdirSync(spool).filter((name) => name.endsWith(".journal")) : [];
    const inJournal = (spool: string): unknown[] =>
      journals(spool).flatMap((name) => decodeJournal(readFileSync(join(spool, name), "utf8"))?.facts ?? []);
    const task = (taskId: string): Fact[] => [{ ...facts[0], taskId } as Fact];

    it("are committed at once behind a pause, then once a second, and are on disk until then", async () => {
      const { path, spool, writer, pass } = createPlace();
      await writer.carryOut(job(1, task("first"), true));
      const others = [2, 3].map((id) => writer.carryOut(job(id, task(`other ${id}`), true)));
      expect(inJournal(spool)).toEqual([...task("other 2"), ...task("other 3")]);
      expect(writer.counters()).toMatchObject({ commits: 1, journaled: 2 });
      writer.hurry();
      expect(await Promise.all(others)).toMatchObject([{ state: "committed" }, { state: "committed" }]);
      expect(writer.counters()).toMatchObject({ commits: 2, journaled: 2 });
      expect(journals(spool)).toEqual([]);
      pass(1000);
      await writer.carryOut(job(4, task("later"), true));
      expect(writer.counters()).toMatchObject({ commits: 3, journaled: 2 });
      await writer.close();
      using store = openStore({ path });
      expect(store.ledger.tasks({})).toHaveLength(4);
    });

    it("are committed with what may not wait, and at the end", async () => {
      const { writer } = createPlace();
      await writer.carryOut(job(1));
      const waiting = writer.carryOut(job(2, task("waits"), true));
      await writer.carryOut(job(3));
      expect(await waiting).toMatchObject({ state: "committed" });
      const last = writer.carryOut(job(4, task("last"), true));
      await writer.close();
      expect(await last).toMatchObject({ state: "committed" });
    });

    it("wait for nothing where there is no journal, and where the last transaction failed", async () => {
      const { folder, spool, writer, write } = createPlace();
      expect(await write()).toBe("committed");
      writeFileSync(spool, "");
      expect(await writer.carryOut(job(2, task("no journal"), true))).toMatchObject({ state: "committed" });
      expect(writer.counters().journaled).toBe(0);
      rmSync(spool);
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "");
      expect(await write()).toBe("failed");
      expect(await writer.carryOut(job(4, task("at once"), true))).toMatchObject({ state: "failed" });
      expect(writer.counters().journaled).toBe(0);
      await writer.close();
    });
  });
});
