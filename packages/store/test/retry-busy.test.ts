import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore, retryBusy, StoreError } from "../src/index.ts";
import { call, temporaryFolder } from "./helpers.ts";

const busy = () => new StoreError("busy", "in use");

describe("waiting for a busy file", () => {
  it("does not block: the one who holds the file can let go of it", async () => {
    const path = join(temporaryFolder(), "metrics.db");
    using store = openStore({ path, busyTimeoutMillis: 0 });
    const other = new Database(path);
    other.exec("BEGIN IMMEDIATE");
    let attempts = 0;
    const written = retryBusy(() => store.write({ facts: [call()] }), {
      patienceMillis: 20_000,
      onBusy: () => {
        attempts += 1;
        if (attempts === 3) other.exec("ROLLBACK");
      },
    });
    expect(await written).toMatchObject({ inserted: expect.any(Number) });
    expect(attempts).toBe(3);
    other.close();
  });

  it("ends when the patience does, and at once for every other error", async () => {
    let now = 0;
    let attempts = 0;
    const work = () => {
      attempts += 1;
      now += 40;
      throw busy();
    };
    await expect(retryBusy(work, { patienceMillis: 100, now: () => now, random: () => 0 })).rejects.toMatchObject({
      code: "busy",
    });
    expect(attempts).toBe(3);
    attempts = 0;
    const full = () => {
      attempts += 1;
      throw new StoreError("full", "no space");
    };
    await expect(retryBusy(full, { patienceMillis: 1e9 })).rejects.toMatchObject({ code: "full" });
    expect(attempts).toBe(1);
  });

  it("ends when it is told to", async () => {
    const abort = new AbortController();
    let attempts = 0;
    const work = () => {
      attempts += 1;
      if (attempts === 2) abort.abort();
      throw busy();
    };
    await expect(retryBusy(work, { patienceMillis: 1e9, signal: abort.signal })).rejects.toMatchObject({
      code: "busy",
    });
    expect(attempts).toBe(2);
  });
});
