/** 2,048 points in the buffer and 50 tasks just recorded: what is left of them, however the process ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSpoolFile, listSpoolFiles, openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/buffered-run.ts", import.meta.url));

async function run(ending: string, signal?: NodeJS.Signals) {
  const storage = mkdtempSync(join(tmpdir(), "endings-"));
  onTestFinished(() => rmSync(storage, { recursive: true, force: true }));
  const child = spawn(process.execPath, [SCRIPT, storage, ending], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stderr.resume();
  child.stdout.on("data", (chunk) => {
    output += String(chunk);
    if (output.includes("recorded") && signal !== undefined) child.kill(signal);
  });
  const [code, endedBy] = await once(child, "close");
  return { storage, output, end: endedBy ?? code };
}

/** What file and spool hold together, as a catch-up sees it. */
function kept(storage: string) {
  using store = openStore({ path: join(storage, "metrics.db") });
  const files = listSpoolFiles(join(storage, "spool"));
  for (const path of files) {
    const content = decodeSpoolFile(readFileSync(path, "utf8"));
    store.write({ facts: content?.facts ?? [] });
    store.writePoints(content?.points ?? { series: [] });
  }
  const points = store.points("points").flatMap((series) => series.points);
  const calls = store.ledger.usage({})[0]?.calls ?? 0;
  return { points: points.length, calls, files: files.length, differences: store.checkRollups() };
}

const ALL = { points: 2049, calls: 50, differences: [] };

describe("points in the buffer and facts on their way", () => {
  it.each([
    ["a normal end", "return", undefined, 0],
    ["process.exit()", "exit", undefined, 3],
    ["an uncaught error", "throw", undefined, 1],
    ["an unhandled rejection", "reject", undefined, 1],
    ["SIGTERM", "hang", "SIGTERM", "SIGTERM"],
    ["SIGINT", "hang", "SIGINT", "SIGINT"],
  ] as const)("survive %s: 0 lost", async (_, ending, signal, end) => {
    const ran = await run(ending, signal);
    expect(ran.output).toContain("recorded, 0 answered");
    expect(ran.end).toBe(end);
    expect(kept(ran.storage)).toMatchObject(ALL);
  });

  it("of a process that is killed: what was answered is there, only what was not is lost", async () => {
    const ran = await run("hang", "SIGKILL");
    expect(ran.end).toBe("SIGKILL");
    expect(ran.output).toContain("recorded, 0 answered");
    const { points, calls, differences } = kept(ran.storage);
    expect(points).toBe(1);
    expect(calls).toBeLessThanOrEqual(50);
    expect(differences).toEqual([]);
  });
});
