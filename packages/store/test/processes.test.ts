/** Several processes on one file, with real processes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { call, temporaryFolder } from "./helpers.ts";

const WRITER = fileURLToPath(new URL("./write-beside-others.ts", import.meta.url));
const WRITE_MILLIS = 2000;

/** Starts a process; it writes when `start` is called. */
function startWriter(path: string, name: string) {
  const child = spawn(process.execPath, [WRITER, path, name, String(WRITE_MILLIS)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  return {
    ready: once(child.stdout, "data"),
    start: () => void child.stdin.end("start\n"),
    ended: once(child, "close").then((): { acknowledged: number; busy: number } =>
      JSON.parse(output.replace("ready", "")),
    ),
  };
}

describe("eight processes that write at once", () => {
  it("lose nothing, count nothing twice, and all get their turn", { timeout: 90_000 }, async () => {
    const path = join(temporaryFolder(), "metrics.db");
    openStore({ path }).close();
    const names = Array.from({ length: 8 }, (_, n) => `process-${n}`);
    const writers = names.map((name) => startWriter(path, name));
    await Promise.all(writers.map(({ ready }) => ready));
    for (const { start } of writers) start();
    const results = await Promise.all(writers.map(({ ended }) => ended));
    using store = openStore({ path, readOnly: true });
    const stored = new Map(store.ledger.sessions({}).map(({ sessionId, calls }) => [sessionId, calls]));
    expect(stored).toEqual(new Map(names.map((name, n) => [name, results[n]?.acknowledged])));
    expect(store.checkRollups()).toEqual([]);
    // They did get into each other's way, said so, and none of them was left behind.
    expect(results.reduce((sum, { busy }) => sum + busy, 0)).toBeGreaterThan(0);
    for (const { acknowledged } of results) expect(acknowledged).toBeGreaterThan(0);
  });
});

describe("a reader that holds its state of the file for long", () => {
  it("makes the log grow while it does, and no longer", async () => {
    const path = join(temporaryFolder(), "metrics.db");
    using store = openStore({ path });
    const walBytes = () => statSync(`${path}-wal`).size;
    // The least that the store lets the log grow to, and what it cuts it off to.
    const limitBytes = 16_777_216;
    const filler = new Database(path);
    filler.pragma("wal_autocheckpoint = 0");
    const fill = filler.prepare("INSERT INTO meta (key, value) VALUES (?, randomblob(1000000))");
    const fillLog = (megabytes: number) => {
      for (let i = 0; i < megabytes; i++) fill.run(crypto.randomUUID());
    };
    const reader = new Database(path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM session").get();
    fillLog(40);
    for (let i = 0; i < 3; i++) store.write({ facts: [call({ requestId: `held-${i}` })] });
    expect(walBytes()).toBeGreaterThan(2 * limitBytes);
    reader.exec("COMMIT");
    reader.close();
    // The next commits find no one who still needs the old part, start the log anew and cut it off.
    for (let i = 0; i < 3; i++) store.write({ facts: [call({ requestId: `free-${i}` })] });
    expect(walBytes()).toBeLessThanOrEqual(limitBytes);
    filler.close();
  });
});

describe("the log", () => {
  it("may grow further while much is written at once, and is brought back by the next small commits", () => {
    const path = join(temporaryFolder(), "metrics.db");
    using store = openStore({ path });
    const walBytes = () => statSync(`${path}-wal`).size;
    store.write({ facts: [call({ requestId: "first" })] });
    const filler = new Database(path);
    filler.pragma("wal_autocheckpoint = 0");
    for (let i = 0; i < 30; i++) {
      filler.prepare("INSERT INTO meta (key, value) VALUES (?, randomblob(1000000))").run(`filler ${i}`);
    }
    const many = Array.from({ length: 1_000 }, (_, i) => call({ requestId: `many-${i}`, responseId: undefined }));
    for (let i = 0; i < 3; i++) store.write({ facts: many });
    expect(walBytes()).toBeGreaterThan(30_000_000);
    for (let i = 0; i < 3; i++) store.write({ facts: [call({ requestId: `few-${i}` })] });
    expect(walBytes()).toBeLessThanOrEqual(16_777_216);
    filler.close();
  });
});
