import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { databasePath, spoolFolder } from "@moai-metrics/settings";
import { openStore, type Store, writeSpoolFile } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { type DaemonOptions, startDaemon } from "../../src/serve.ts";
import { daemonOptions } from "../support/daemon-options.ts";
import { gaugeRequest, JSON_TYPE, send, temporaryFolder } from "../support/receiver.ts";

const CHILD = fileURLToPath(new URL("../support/daemon-child.ts", import.meta.url));
const NANOS = 1_790_000_000_000_000_000;

async function start(storage: string, options: Partial<DaemonOptions> = {}) {
  const daemon = await startDaemon({
    ...daemonOptions(storage),
    ...options,
  });
  onTestFinished(() => daemon.stop());
  return { ...daemon, port: Number(new URL(daemon.url).port) };
}

function read<T>(storage: string, question: (store: Store) => T): T {
  const store = openStore({ path: databasePath(storage), readOnly: true });
  try {
    return question(store);
  } finally {
    store.close();
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 25));
}

const messages = (storage: string): number => {
  try {
    return read(storage, (store) => store.query.getModelCalls({}).rows.length);
  } catch {
    return -1;
  }
};

/** One line of a Claude Code transcript with one model call. */
const line = (n: number): string =>
  `${JSON.stringify({
    type: "assistant",
    sessionId: "s",
    uuid: `u${n}`,
    timestamp: new Date(NANOS / 1e6 + n * 1000).toISOString(),
    requestId: `req_${n}`,
    message: {
      id: `msg_${n}`,
      role: "assistant",
      model: "claude-sonnet-4-5",
      content: [],
      usage: { input_tokens: 1, output_tokens: 2 },
    },
  })}\n`;

describe("the daemon", () => {
  it("receives, and takes in transcripts and spool files as they appear", async () => {
    const storage = temporaryFolder();
    const { port, stop } = await start(storage);
    const body = gaugeRequest("m", [{ value: 1, nanos: NANOS }]);
    expect((await send(port, "/v1/metrics", { headers: JSON_TYPE, body })).status).toBe(200);
    expect(read(storage, (store) => store.points("m"))).toHaveLength(1);

    const project = join(storage, ".claude", "projects", "-p");
    await until(() => existsSync(spoolFolder(storage)));
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, "s.jsonl"), line(1));
    // The folder did not exist when the daemon started: a change elsewhere makes it look again.
    writeSpoolFile(spoolFolder(storage), [
      { kind: "task", witness: "process", product: "p", sessionId: "x", taskId: "t", startedAtMillis: NANOS / 1e6 },
    ]);
    await until(() => messages(storage) === 1);
    // Transcripts are committed before the spool is taken in.
    await until(() => read(storage, (store) => store.ledger.tasks({}).some(({ sessionId }) => sessionId === "x")));
    appendFileSync(join(project, "s.jsonl"), line(2));
    await until(() => messages(storage) === 2);
    await stop();
  });

  it("is the only one for its folder, says who runs, and lets another one run when it has stopped", async () => {
    const storage = temporaryFolder();
    const first = await start(storage);
    await expect(start(storage)).rejects.toThrow(
      `Process ${process.pid} receives already for ${storage}, on ${first.url}. Stop it with: kill ${process.pid}`,
    );
    await first.stop();
    await first.stop();
    const second = await start(storage);
    await second.stop();
  });

  it("gives its place up when it cannot listen", async () => {
    const storage = temporaryFolder();
    const { port } = await start(temporaryFolder());
    await expect(start(storage, { port })).rejects.toThrow(/EADDRINUSE/);
    await expect(start(storage, { host: "0.0.0.0" })).rejects.toThrow(TypeError);
    await (await start(storage)).stop();
  });

  it("makes a token that only the user can read, and demands it", async () => {
    const storage = temporaryFolder();
    const { port } = await start(storage, { requiresToken: true });
    const path = join(storage, "receiver-token");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const token = readFileSync(path, "utf8").trim();
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await send(port, "/v1/logs", { headers: { ...JSON_TYPE, ...headers }, body: "{}" })).status;
    expect(await status({})).toBe(401);
    expect(await status({ Authorization: `Bearer ${token}` })).toBe(200);
  });

  it("warns of a spool file that is broken, and goes on", async () => {
    const storage = temporaryFolder();
    const spool = spoolFolder(storage);
    mkdirSync(spool, { recursive: true });
    writeFileSync(join(spool, "1-1-0_1.json"), "cut o");
    const warnings: string[] = [];
    let facts = 0;
    await start(storage, {
      onEvent: (event) => {
        if (event.kind === "warning") warnings.push(event.message);
        else facts += event.facts;
      },
    });
    writeSpoolFile(spool, [
      { kind: "task", witness: "process", product: "p", sessionId: "x", taskId: "t", startedAtMillis: NANOS / 1e6 },
    ]);
    await until(() => facts === 1);
    expect(warnings).toEqual([
      expect.stringMatching(/1-1-0_1\.json is damaged; it was set aside as .*\.json\.broken\.$/),
    ]);
  });
});

describe("a daemon that is killed", () => {
  function startChild(storage: string): Promise<{ child: ChildProcess; port: number }> {
    const child = spawn(process.execPath, [CHILD, storage], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    return new Promise((resolve, reject) => {
      child.once("exit", () => reject(new Error("It ended.")));
      child.stdout?.once("data", (text: Buffer) =>
        resolve({ child, port: Number(new URL(text.toString().trim()).port) }),
      );
    });
  }

  it("loses nothing that was acknowledged, and its place is free at once", async () => {
    const storage = temporaryFolder();
    const acknowledged = new Set<number>();
    let next = 0;
    for (let round = 0; round < 3; round++) {
      const { child, port } = await startChild(storage);
      const gone = new Promise((resolve) => child.once("exit", resolve));
      let isGone = false;
      const sender = async (): Promise<void> => {
        while (!isGone) {
          const value = next++;
          const body = gaugeRequest("m", [{ value, nanos: NANOS + value * 1e6 }]);
          const reply = await send(port, "/v1/metrics", { headers: JSON_TYPE, body }).catch(() => undefined);
          if (reply?.status === 200) acknowledged.add(value);
        }
      };
      const senders = Array.from({ length: 8 }, sender);
      const before = acknowledged.size;
      await until(() => acknowledged.size >= before + 50);
      child.kill("SIGKILL");
      await gone;
      isGone = true;
      await Promise.all(senders);
    }
    const stored = new Set(
      read(storage, (store) =>
        store
          .points("m")
          .flatMap(({ points }) => points.map(({ value }) => (value.kind === "number" ? Number(value.value) : -1))),
      ),
    );
    expect([...acknowledged].filter((value) => !stored.has(value))).toEqual([]);
    expect(stored.size).toBeGreaterThanOrEqual(150);
    expect(read(storage, (store) => store.check().isSound)).toBe(true);
  });
});
