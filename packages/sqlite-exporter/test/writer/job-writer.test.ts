import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { listSpoolFiles, openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { createJobWriter } from "../../src/writer/job-writer.ts";

const facts: Fact[] = [
  { kind: "task", witness: "process", product: "p", sessionId: "s", taskId: "t", startedAtMillis: 1000 },
];

function createPlace() {
  const folder = join(mkdtempSync(join(tmpdir(), "job-writer-")), "store");
  const path = join(folder, "metrics.db");
  const spool = join(folder, "spool");
  let millis = 0;
  const writer = createJobWriter({ path, spool, now: () => millis });
  let id = 0;
  const write = async () => {
    id += 1;
    return (await writer.carryOut({ kind: "facts", id, facts })).state;
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
    await writer.carryOut({ kind: "facts", id: 1, facts });
    for (let i = 0; i < 500 && writer.counters().cleanUps === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(writer.counters()).toMatchObject({ cleanUps: 1, failedCleanUps: 0 });
    expect(await writer.carryOut({ kind: "facts", id: 2, facts })).toMatchObject({ state: "committed" });
    await writer.close();
  });
});
