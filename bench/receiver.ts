/**
 * What the receiver takes, acknowledged after COMMIT, with the sender on the same machine; what it costs idle and
 * loaded; how long its event loop stalls.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Goal } from "./lib/figures.ts";
import { report } from "./lib/figures.ts";
import { type Bodies, sendLoad } from "./lib/http-load.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { logBodies, metricBodies } from "./lib/otlp-bodies.ts";
import { startPublishedDaemon } from "./lib/published-daemon.ts";
import type { ChildMessage } from "./lib/receiver-child.ts";
import { median } from "./lib/statistics.ts";

const RUNS = 5;
const CONNECTIONS = 64;
const IDLE_MILLIS = 10_000;
const scale = scaleOfProcess();

/** Attributes of a request of Claude Code, all that it has. */
const API_REQUEST = {
  "event.name": "api_request",
  "event.timestamp": "2026-09-21T14:13:20.000Z",
  "event.sequence": 12,
  "session.id": "3f0c2a52-0d5b-4f0e-9e57-5a8f0b8f5d11",
  "user.id": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  "organization.id": "8c1b7f9a-4d3e-4f5a-9b6c-7d8e9f0a1b2c",
  "terminal.type": "xterm-256color",
  "prompt.id": "aa0c2a52-0d5b-4f0e-9e57-5a8f0b8f5d22",
  model: "claude-sonnet-4-5-20250929",
  input_tokens: 1200,
  output_tokens: 345,
  cache_read_tokens: 800,
  cache_creation_tokens: 100,
  cost_usd: "0.0105",
  duration_ms: 2100,
  speed: "normal",
  query_source: "repl_main_thread",
  "agent.name": "main",
  request_id: "set for each record",
};

interface Case {
  readonly name: string;
  readonly path: string;
  readonly unit: string;
  readonly items: number;
  readonly requests: number;
  readonly goal: Goal;
  readonly bodies: Bodies;
}

const atLeast = (value: number): Goal => ({ bound: "at least", value });
const CASES: readonly Case[] = [
  {
    name: "requests of one point",
    path: "/v1/metrics",
    unit: "requests/s",
    items: 1,
    requests: 20_000,
    goal: atLeast(15_000),
    bodies: metricBodies(1),
  },
  {
    name: "points, 100 a request",
    path: "/v1/metrics",
    unit: "points/s",
    items: 100,
    requests: 1500,
    goal: atLeast(100_000),
    bodies: metricBodies(100),
  },
  {
    name: "small log records, 100 a request",
    path: "/v1/logs",
    unit: "records/s",
    items: 100,
    requests: 1000,
    goal: atLeast(50_000),
    bodies: logBodies(100, { "event.name": "tick", size: 1 }),
  },
  {
    name: "full-size api_request records, 100 a request, each a call in the ledger",
    path: "/v1/logs",
    unit: "records/s",
    items: 100,
    requests: 400,
    goal: atLeast(25_000),
    bodies: logBodies(100, API_REQUEST, "claude-code"),
  },
];

const bareRequests = await measureBare();
const storage = mkdtempSync(join(tmpdir(), "bench-receiver-"));
const child = fork(fileURLToPath(new URL("./lib/receiver-child.ts", import.meta.url)), [storage], { execArgv: [] });
const { port } = await hear(child, "listening");

const delays: number[] = [];
for (const { name, path, unit, items, requests, goal, bodies } of CASES) {
  const count = Math.max(CONNECTIONS, Math.round(requests * scale));
  const load = { port, path, bodies, connections: CONNECTIONS };
  await sendLoad({ ...load, requests: Math.ceil(count / 4) });
  const values: number[] = [];
  const cpuMicros: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    child.send("reset");
    const millis = await sendLoad({ ...load, requests: count });
    values.push((count * items * 1000) / millis);
    const cost = await costOf(child);
    cpuMicros.push((cost.cpuMillis * 1000) / (count * items));
    delays.push(cost.delayP99Millis);
  }
  const ratio = items === 1 ? { value: median(values) / bareRequests, to: "a bare server" } : undefined;
  report({ name, unit, values, goal, ratio });
  report({ name: `${name}: CPU of the receiver for each`, unit: "µs", values: cpuMicros });
}
report({
  name: "event-loop delay, 99th percentile of each run",
  unit: "ms",
  values: delays,
  goal: { bound: "under", value: 20 },
});
child.send("stop");
await new Promise((resolve) => child.once("exit", resolve));
rmSync(storage, { recursive: true });
await measureMemory();

/** Of the command as it is published: ten seconds after its start, and behind each kind of load. */
async function measureMemory(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-receiver-"));
  const daemon = await startPublishedDaemon(folder);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MILLIS));
  const idle = await daemon.residentMegabytes();
  const loaded: number[] = [];
  for (const { path, requests, bodies } of CASES) {
    const count = Math.max(CONNECTIONS, Math.round(requests * scale));
    for (let run = 0; run < RUNS; run++) {
      await sendLoad({ port: daemon.port, path, bodies, connections: CONNECTIONS, requests: count });
      loaded.push(await daemon.residentMegabytes());
    }
  }
  await daemon.stop();
  rmSync(folder, { recursive: true });
  report({ name: "memory, idle", unit: "MB", values: [idle], goal: { bound: "under", value: 130 } });
  const goal = { bound: "under", value: 350 } as const;
  report({ name: "memory, loaded", unit: "MB", values: loaded, judgedBy: "worst", goal });
}

/** Requests a second to a server that does nothing: more cannot be had beside this sender. */
async function measureBare(): Promise<number> {
  const bare = fork(fileURLToPath(new URL("./lib/bare-http-child.ts", import.meta.url)), { execArgv: [] });
  const { port: barePort } = await hear(bare, "listening");
  const requests = Math.max(CONNECTIONS, Math.round(20_000 * scale));
  const load = { port: barePort, path: "/v1/metrics", bodies: metricBodies(1), connections: CONNECTIONS, requests };
  await sendLoad(load);
  const values: number[] = [];
  const cpuMicros: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    bare.send("reset");
    values.push((requests * 1000) / (await sendLoad(load)));
    cpuMicros.push(((await costOf(bare)).cpuMillis * 1000) / requests);
  }
  bare.send("stop");
  await new Promise((resolve) => bare.once("exit", resolve));
  report({ name: "a bare server of node:http, which reads bodies and answers 200", unit: "requests/s", values });
  report({ name: "a bare server: CPU of it for each", unit: "µs", values: cpuMicros });
  return median(values);
}

function hear<Kind extends ChildMessage["kind"]>(
  from: ChildProcess,
  kind: Kind,
): Promise<Extract<ChildMessage, { readonly kind: Kind }>> {
  return new Promise((resolve, reject) => {
    from.once("exit", reject);
    from.once("message", (message: ChildMessage) => {
      from.off("exit", reject);
      if (message.kind === kind) resolve(message as Extract<ChildMessage, { readonly kind: Kind }>);
      else reject(new Error(`The receiver said ${message.kind} instead of ${kind}.`));
    });
  });
}

function costOf(of: ChildProcess) {
  const heard = hear(of, "cost");
  of.send("cost");
  return heard;
}
