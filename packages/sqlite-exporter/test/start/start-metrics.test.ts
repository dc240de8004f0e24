import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSpoolFile, listSpoolFiles, openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/short-run.ts", import.meta.url));
const newStorage = () => join(mkdtempSync(join(tmpdir(), "start-metrics-")), "store");

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves when the program has written this text. */
  wrote(text: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (errors += String(chunk)));
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  return {
    child,
    output: () => output,
    errors: () => errors,
    ended,
    wrote: async (text) => {
      while (!output.includes(text)) {
        await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), ended]);
        if (child.exitCode !== null && !output.includes(text)) throw new Error(`ended early: ${errors}`);
      }
    },
  };
}

function open(storage: string): Store {
  return openStore({ path: join(storage, "metrics.db") });
}

/** What the file and the spool hold together, as the catch-up would see it. */
function drained(storage: string): Store {
  const store = open(storage);
  for (const path of listSpoolFiles(join(storage, "spool"))) {
    store.write({ facts: decodeSpoolFile(readFileSync(path, "utf8"))?.facts ?? [] });
  }
  return store;
}

function summary(store: Store) {
  const [session] = store.ledger.sessions({});
  const result = {
    sessions: store.ledger.sessions({}).length,
    calls: session?.calls,
    input: session?.tokens.input,
    succeeded: session?.tasksByResult.success,
    open: session?.openTasks,
    differences: store.checkRollups(),
  };
  store.close();
  return result;
}

const ALL = (count: number) => ({
  sessions: 1,
  calls: count,
  input: 100 * count,
  succeeded: count,
  open: 0,
  differences: [],
});

// A signal gives the program 1.5 s for the file; on a machine that is busier than that the spool has the rest.
const WITHIN_THE_TIME_OF_A_SIGNAL = { retry: 2 };

describe("a program that never shuts its metrics down", () => {
  it.each(["yes", "no"])("loses nothing at its normal end (spans: %s), and each call counts once", async (spans) => {
    const storage = newStorage();
    const { ended, errors } = run(storage, "25", "return", spans);
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(errors()).toBe("");
    const store = open(storage);
    expect(store.points("moai.task.count").map((series) => series.points[0]?.value)).toEqual([
      { kind: "number", value: 25 },
    ]);
    expect(listSpoolFiles(join(storage, "spool"))).toEqual([]);
    expect(summary(store)).toEqual(ALL(25));
  });

  it("keeps its exit code, and its facts wait in the spool, when it calls process.exit()", async () => {
    const storage = newStorage();
    const { ended } = run(storage, "5", "exit");
    expect(await ended).toEqual({ code: 3, signal: null });
    expect(summary(drained(storage))).toEqual(ALL(5));
  });

  it("loses no fact when it dies of its own error", async () => {
    const storage = newStorage();
    const { ended, errors } = run(storage, "5", "throw");
    expect((await ended).code).toBe(1);
    expect(errors()).toContain("the application's own error");
    expect(summary(drained(storage))).toEqual(ALL(5));
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "writes everything on %s, and dies of the signal as before",
    WITHIN_THE_TIME_OF_A_SIGNAL,
    async (signal) => {
      const storage = newStorage();
      const { child, wrote, ended } = run(storage, "5", "signal");
      await wrote("recorded");
      child.kill(signal);
      expect(await ended).toEqual({ code: null, signal });
      const store = open(storage);
      expect(store.points("moai.task.count")).toHaveLength(1);
      expect(summary(store)).toEqual(ALL(5));
    },
  );
});

describe("an application with process.once() for a signal", () => {
  it("comes to its own graceful end", WITHIN_THE_TIME_OF_A_SIGNAL, async () => {
    const storage = newStorage();
    const { child, wrote, ended, output } = run(storage, "5", "graceful");
    await wrote("recorded");
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 7, signal: null });
    expect(output()).toContain("ended gracefully");
    expect(summary(open(storage))).toEqual(ALL(5));
  });
});

describe("what was acknowledged", () => {
  it("survives kill -9", async () => {
    const storage = newStorage();
    const { child, wrote, ended, output } = run(storage, "50", "flush-and-hang");
    await wrote("flushed");
    child.kill("SIGKILL");
    expect(await ended).toEqual({ code: null, signal: "SIGKILL" });
    const stats = JSON.parse(output().split("flushed ")[1] ?? "{}");
    expect(stats.facts.committed).toBe(stats.facts.received);
    expect(stats.metrics).toMatchObject({ failedExports: 0 });
    expect(summary(open(storage))).toEqual(ALL(50));
  });
});

describe("a file that cannot be written", () => {
  it("because it is locked: facts wait in the spool and the program ends in time", async () => {
    const storage = newStorage();
    mkdirSync(storage, { recursive: true });
    const store = open(storage);
    const { default: Database } = await import("better-sqlite3");
    const lock = new Database(join(storage, "metrics.db"));
    lock.exec("BEGIN EXCLUSIVE");
    const startedAt = Date.now();
    const { ended, output } = run(storage, "5", "return");
    expect((await ended).code).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(output()).toContain("recorded");
    lock.exec("ROLLBACK");
    lock.close();
    store.close();
    expect(listSpoolFiles(join(storage, "spool")).length).toBeGreaterThan(0);
    expect(summary(drained(storage))).toEqual(ALL(5));
  });

  it("because its folder cannot be made: one clear warning, and the program goes on", async () => {
    const blocked = join(mkdtempSync(join(tmpdir(), "start-metrics-")), "file");
    writeFileSync(blocked, "not a folder");
    chmodSync(blocked, 0o400);
    const { ended, output, errors } = run(join(blocked, "store"), "5", "return");
    expect((await ended).code).toBe(0);
    expect(output()).toContain("recorded");
    expect(errors().match(/MOAI_METRICS_STORAGE\]/g)).toHaveLength(1);
    expect(errors()).toContain(`cannot write to ${join(blocked, "store")}`);
  });

  it("because it is not ours: it is left as it was, and the facts wait in the spool", async () => {
    const storage = newStorage();
    mkdirSync(storage, { recursive: true });
    writeFileSync(join(storage, "metrics.db"), "some other file that happens to have this name".repeat(100));
    const before = readFileSync(join(storage, "metrics.db"));
    const { ended } = run(storage, "2", "return");
    expect((await ended).code).toBe(0);
    expect(readFileSync(join(storage, "metrics.db")).equals(before)).toBe(true);
    expect(listSpoolFiles(join(storage, "spool")).length).toBeGreaterThan(0);
  });
});
