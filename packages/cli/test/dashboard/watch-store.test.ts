/** Whether writes to a store are told of. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { call, NOON } from "../../../report/test/support/ledger.ts";
import { watchStore } from "../../src/dashboard/live/watch-store.ts";

function begin() {
  const root = mkdtempSync(join(tmpdir(), "watch-"));
  const folder = join(root, "storage");
  const path = join(folder, "metrics.db");
  let writes = 0;
  const watched = watchStore(path, () => (writes += 1));
  onTestFinished(() => {
    watched.close();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    folder,
    path,
    watched,
    told: () => vi.waitFor(() => expect(writes).toBeGreaterThan(0), { timeout: 5_000, interval: 10 }),
    forget: () => (writes = 0),
    count: () => writes,
  };
}

describe("a watched store", () => {
  it("tells of every commit, as soon as the folder is there", async () => {
    const { folder, path, watched, told, forget } = begin();
    watched.refresh();
    mkdirSync(folder);
    watched.refresh();
    using store = openStore({ path });
    await told();
    for (let i = 0; i < 3; i++) {
      forget();
      store.write({ facts: [call("s", "t", `r${i}`, NOON)] });
      await told();
    }
  });

  it("is silent about other files, and begins again in a folder that was replaced", async () => {
    const { folder, path, watched, told, forget, count } = begin();
    mkdirSync(folder);
    watched.refresh();
    writeFileSync(join(folder, "other"), "text");
    writeFileSync(path, "");
    await told();
    forget();
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    await vi.waitFor(() => {
      watched.refresh();
      writeFileSync(path, "more");
      expect(count()).toBeGreaterThan(0);
    });
    watched.close();
    forget();
    writeFileSync(path, "more still");
    expect(count()).toBe(0);
  });
});
