/** Killed processes and processes side by side: nothing acknowledged is lost, rollups stay exact. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { temporaryFolder } from "./helpers.ts";

const WRITER = fileURLToPath(new URL("./write-until-killed.ts", import.meta.url));

/** Starts a process that writes calls and prints the number of each acknowledged batch. */
function startWriter(
  path: string,
  name: string,
  batches: number,
): { acknowledged: string[]; kill: () => void; exit: Promise<unknown> } {
  const child = spawn(process.execPath, [WRITER, path, name, String(batches)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => acknowledged.push(line));
  return { acknowledged, kill: () => child.kill("SIGKILL"), exit: once(child, "close") };
}

describe("a writer", () => {
  it("that is killed at any moment loses nothing it acknowledged", async () => {
    const path = join(temporaryFolder(), "metrics.db");
    openStore({ path }).close();
    for (const [round, delayMillis] of [150, 200, 260, 330].entries()) {
      const writer = startWriter(path, `w${round}`, 1_000_000);
      await new Promise((resolve) => setTimeout(resolve, delayMillis));
      while (writer.acknowledged.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      writer.kill();
      await writer.exit;
      const store = openStore({ path });
      const stored = new Set(store.ledger.sessions({}).map(({ sessionId }) => sessionId));
      expect(writer.acknowledged.filter((sessionId) => !stored.has(sessionId))).toEqual([]);
      expect(store.checkRollups()).toEqual([]);
      store.close();
    }
  });

  it("beside others loses nothing and counts nothing twice", async () => {
    const path = join(temporaryFolder(), "metrics.db");
    openStore({ path }).close();
    const writers = ["a", "b", "c"].map((name) => startWriter(path, name, 20));
    await Promise.all(writers.map(({ exit }) => exit));
    const store = openStore({ path });
    expect(store.ledger.usage({})[0]?.calls).toBe(3 * 20 * 10);
    expect(store.ledger.sessions({})).toHaveLength(60);
    expect(store.checkRollups()).toEqual([]);
    store.close();
  });
});
