/**
 * An agent of many tasks, each of 5 model calls of 5 ms and 5 tool calls: with a ledger, without being measured, or measured
 * by hand with OpenTelemetry's SDK alone. Prints as JSON what the run took, start-up excluded, and what its second half took:
 * `{ wallMillis, cpuMillis, ownCpuMillis, late }`; `own` is its own thread. argv: number of tasks; `with`, `without` or `by-hand`.
 */
import { setTimeout as wait } from "node:timers/promises";
import { instrumentAgent, recordUsage, withTool } from "@moai-metrics/instrumentation";
import { startMetrics } from "@moai-metrics/sqlite-exporter";
import { measureByHand } from "./opentelemetry-alone.ts";

const [tasks = "1000", how = "with"] = process.argv.slice(2);
const WARM_UP_TASKS = 20;
const CALLS = 5;
const CALL_MILLIS = 5;

/** What a provider would answer. */
const REPLY = {
  id: "msg",
  type: "message",
  model: "claude-sonnet-4-5",
  usage: { input_tokens: 1200, output_tokens: 340, cache_read_input_tokens: 9000 },
};

const byHand = how === "by-hand" ? measureByHand() : undefined;
const handle = how === "with" ? startMetrics({ serviceName: "bench" }) : undefined;
const flush = async (): Promise<void> => {
  await handle?.forceFlush();
  await byHand?.flush();
};

async function callModel(index: number) {
  const startedAt = performance.now();
  await wait(CALL_MILLIS);
  const reply = { ...REPLY, id: `msg_${index}` };
  const durationMillis = performance.now() - startedAt;
  if (byHand === undefined) recordUsage(reply, { durationMillis });
  else byHand.call(reply, durationMillis);
  return reply;
}

let calls = 0;
async function work(): Promise<string> {
  let text = "";
  for (let i = 0; i < CALLS; i++) {
    calls += 1;
    text = (await callModel(calls)).id;
    const readNotes = async (): Promise<string> => String(i);
    text += await (byHand === undefined ? withTool("read_notes", readNotes) : byHand.tool("read_notes", readNotes));
  }
  return text;
}

function agentOf(): () => Promise<string> {
  if (handle !== undefined) return instrumentAgent("simulated", work);
  return byHand === undefined ? work : () => byHand.run("simulated", work);
}

const agent = agentOf();
for (let task = 0; task < WARM_UP_TASKS; task++) await agent();
await flush();

interface Taken {
  readonly wallMillis: number;
  readonly cpuMillis: number;
  readonly ownCpuMillis: number;
}

/** Returns what was taken since. */
function startTaking(): () => Taken {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const ownCpu = process.threadCpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const own = process.threadCpuUsage(ownCpu);
    return {
      wallMillis: performance.now() - startedAt,
      cpuMillis: (user + system) / 1000,
      ownCpuMillis: (own.user + own.system) / 1000,
    };
  };
}

const half = Math.floor(Number(tasks) / 2);
const taken = startTaking();
for (let task = 0; task < half; task++) await agent();
const takenLate = startTaking();
for (let task = half; task < Number(tasks); task++) await agent();
await flush();
process.stdout.write(JSON.stringify({ ...taken(), late: takenLate() }));
process.exit(0);
