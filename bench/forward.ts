/**
 * Whether a backend that is slow makes senders wait: requests to two daemons in turns, one of which pushes its metrics to a
 * backend that takes them and lets its reply drip, a byte a second.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { report } from "./lib/figures.ts";
import { sendLoad } from "./lib/http-load.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { logBodies } from "./lib/otlp-bodies.ts";
import type { ChildMessage } from "./lib/receiver-child.ts";
import { percentile } from "./lib/statistics.ts";

const ROUNDS = 11;
const REQUESTS = Math.max(50, Math.round(600 * scaleOfProcess()));
const RECORDS_A_REQUEST = 20;
const PERCENT = 99;
const MAX_RATIO = 1.1;

const folder = mkdtempSync(join(tmpdir(), "bench-forward-"));
let pushes = 0;
const backend = createServer((request, response) => {
  request.resume().on("end", () => {
    pushes += 1;
    response.writeHead(200, { "Content-Type": "application/json" });
    const drip = setInterval(() => response.write(" "), 1_000);
    response.once("close", () => clearInterval(drip));
  });
});
await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/v1/metrics`;
const children: ChildProcess[] = [];
const bodies = logBodies(RECORDS_A_REQUEST, { "event.name": "bench", "session.id": "s" });
try {
  const [alone, beside] = [await startDaemon("alone"), await startDaemon("beside", url)];
  const slow = { alone: [] as number[], beside: [] as number[] };
  await timeRound(alone);
  await timeRound(beside);
  for (let round = 0; round < ROUNDS; round++) {
    // Who comes first changes with each round.
    if (round % 2 === 0) slow.alone.push(await timeRound(alone));
    slow.beside.push(await timeRound(beside));
    if (round % 2 === 1) slow.alone.push(await timeRound(alone));
  }
  const unit = "ms";
  report({ name: "slowest hundredth of requests, nothing is pushed", unit, values: slow.alone });
  report({ name: "the same while a push waits for a reply of a byte a second", unit, values: slow.beside });
  report({
    name: "the second to the first, round by round",
    unit: "times",
    values: slow.beside.map((millis, i) => millis / (slow.alone[i] ?? Number.NaN)),
    goal: { bound: "at most", value: MAX_RATIO },
  });
  report({
    name: "pushes that the backend got meanwhile",
    unit: "pushes",
    values: [pushes],
    goal: { bound: "at least", value: 1 },
  });
} finally {
  for (const child of children) child.kill("SIGKILL");
  backend.closeAllConnections();
  backend.close();
  rmSync(folder, { recursive: true });
}

/** With a call in its store that happened now, so that there is something to push. */
async function startDaemon(name: string, forwardTo?: string): Promise<number> {
  const path = fileURLToPath(new URL("./lib/receiver-child.ts", import.meta.url));
  mkdirSync(join(folder, name));
  writeCall(join(folder, name));
  const args = [join(folder, name), ...(forwardTo === undefined ? [] : [forwardTo])];
  const child = fork(path, args, { execArgv: [] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("The daemon ended.")));
    child.on("message", (message: ChildMessage) => {
      if (message.kind === "listening") resolve(message.port);
    });
  });
}

/** The slowest hundredth of a round, one request after the other. */
async function timeRound(port: number): Promise<number> {
  const millis: number[] = [];
  const onAnswer = (each: number): void => void millis.push(each);
  await sendLoad({ port, path: "/v1/logs", connections: 1, requests: REQUESTS, bodies, onAnswer });
  return percentile(millis, PERCENT);
}

function writeCall(storage: string): void {
  using store = openStore({ path: databasePath(storage) });
  store.write({
    facts: [
      {
        ...{ kind: "model_call", witness: "transcript", product: "bench", sessionId: "s", requestId: "r", model: "m" },
        endedAtMillis: Date.now(),
        usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 },
      },
    ],
  });
}
