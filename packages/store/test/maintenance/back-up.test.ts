/** Copies while others write. */
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/index.ts";
import { call, temporaryFolder, temporaryStore } from "../helpers.ts";
import { leavesOf, ruinPage } from "./damage.ts";

describe("a backup", () => {
  it("is one state of the file while others write, checked, for the user alone", async () => {
    const store = temporaryStore();
    for (let i = 0; i < 3_000; i++) {
      if (i % 500 === 0) store.write({ facts: [call({ requestId: `a${i}`, responseId: `a${i}` })] });
    }
    store.write({
      facts: Array.from({ length: 20_000 }, (_, i) => call({ requestId: `b${i}`, responseId: `b${i}` })),
    });
    const target = join(temporaryFolder(), "copy.db");
    let written = 0;
    const outcome = await store.backUp({
      target,
      onProgress: () => {
        written += 1;
        store.write({ facts: [call({ requestId: `late${written}`, responseId: `late${written}` })] });
      },
    });
    expect(written).toBeGreaterThan(0);
    expect(outcome).toEqual({ target, bytes: statSync(target).size });
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(target))).toEqual(["copy.db"]);
    const copy = openStore({ path: target });
    expect(copy.ledger.usage({})[0]?.calls).toBe(20_006);
    expect(copy.check()).toMatchObject({ isSound: true });
    copy.close();
    expect(store.ledger.usage({})[0]?.calls).toBe(20_006 + written);
  });

  it("never overwrites a file, and needs a folder", async () => {
    const store = temporaryStore();
    const target = join(temporaryFolder(), "copy.db");
    writeFileSync(target, "mine");
    await expect(store.backUp({ target })).rejects.toThrow(/exists already\. Choose another name/);
    await expect(store.backUp({ target: join(target, "x", "y.db") })).rejects.toThrow(/There is no folder/);
  });

  it("of a damaged file is refused, and leaves nothing behind", async () => {
    const store = temporaryStore();
    store.write({ facts: Array.from({ length: 2_000 }, (_, i) => call({ requestId: `${i}`, responseId: `m${i}` })) });
    store.close();
    ruinPage(store.path, leavesOf(store.path, "model_call")[4] ?? 0);
    const target = join(temporaryFolder(), "copy.db");
    const damaged = openStore({ path: store.path });
    await expect(damaged.backUp({ target })).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringMatching(/^\S+metrics\.db is damaged, .*db salvage": [^\n]*$/),
    });
    damaged.close();
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(dirname(target))).toEqual([]);
  });
});
