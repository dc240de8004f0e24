/**
 * What the live dashboard holds after an hour at 50 facts a second, over a store of 1,000,000 tasks: alone, taking in
 * transcripts that grow, and beside a receiver that gets spans. Both run at the same time, each with a store of its own.
 * `--scale` takes a part of the hour. Every minute is printed; `npm run bench` leaves it out, because it takes an hour.
 */
import { fork } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openStore } from "@moai-metrics/store";
import {
  buildPublished,
  heldMegabytes,
  processorSeconds,
  type RunningDashboard,
  startDashboard,
} from "./lib/dashboard-process.ts";
import { report } from "./lib/figures.ts";
import { FACTS_A_STEP, growTranscripts } from "./lib/growing-transcripts.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { provideStore } from "./lib/query-stores.ts";
import type { ChildMessage } from "./lib/receiver-child.ts";

const TASKS = 1_000_000;
const SECONDS = 3_600;
const FACTS_A_SECOND = 50;
const SAMPLE_MILLIS = 60_000;
const SESSIONS = 4;
const STEP_MILLIS = (1_000 * SESSIONS * FACTS_A_STEP) / FACTS_A_SECOND;
/** Of an agent, each with a tool; with the run itself nine facts. */
const CALLS_A_RUN = 4;
const GOAL = { bound: "under", value: 180 } as const;
const RECEIVER = fileURLToPath(new URL("./lib/receiver-child.ts", import.meta.url));

const millis = SECONDS * 1_000 * scaleOfProcess();
const root = mkdtempSync(join(tmpdir(), "bench-hour-"));
try {
  buildPublished();
  const source = await provideStore(TASKS);
  await Promise.all([tailing(placeFor("tail", source)), besideReceiver(placeFor("receiver", source))]);
} finally {
  rmSync(root, { recursive: true });
}

interface Place {
  readonly name: string;
  readonly folder: string;
  readonly storage: string;
}

function placeFor(name: string, source: string): Place {
  const folder = join(root, name);
  const storage = join(folder, "store");
  mkdirSync(storage, { recursive: true });
  copyFileSync(source, join(storage, "metrics.db"));
  return { name, folder, storage };
}

async function tailing(place: Place): Promise<void> {
  const home = join(place.folder, "home");
  const transcripts = growTranscripts(join(home, ".claude", "projects"));
  const dashboard = startDashboard({ ...place, home, flags: ["--period", "90d"] });
  await watch(place, "taking in transcripts", dashboard, () => transcripts.step(Date.now()));
}

async function besideReceiver(place: Place): Promise<void> {
  const child = fork(RECEIVER, [place.storage], { stdio: "ignore" });
  const url = await new Promise<string>((resolve) => {
    child.on("message", (said: ChildMessage) => {
      if (said.kind === "listening") resolve(`http://127.0.0.1:${said.port}/v1/traces`);
    });
  });
  const dashboard = startDashboard({ ...place, flags: ["--period", "90d"] });
  let step = 0;
  await watch(place, "beside a receiver", dashboard, async () => {
    const body = JSON.stringify({
      resourceSpans: [{ scopeSpans: [{ scope: { name: "bench" }, spans: spansOf(step) }] }],
    });
    step += 1;
    const { status } = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (status !== 200) throw new Error(`The receiver answered ${status}.`);
  });
  child.send("stop");
}

async function watch(
  { name, storage }: Place,
  title: string,
  dashboard: RunningDashboard,
  step: () => void | Promise<void>,
): Promise<void> {
  await dashboard.see("Summary");
  const pid = dashboard.pid();
  const path = join(storage, "metrics.db");
  const beganMillis = Date.now();
  const beganAt = performance.now();
  const processorBefore = processorSeconds(pid);
  const resident: number[] = [];
  const proportional: number[] = [];
  let sampleAt = beganAt + SAMPLE_MILLIS;
  for (let i = 1; performance.now() - beganAt < millis; i++) {
    await step();
    if (performance.now() >= sampleAt) {
      sampleAt += SAMPLE_MILLIS;
      const held = heldMegabytes(pid);
      resident.push(held.resident);
      proportional.push(held.proportional);
      const minutes = Math.round((performance.now() - beganAt) / 60_000);
      console.log(
        `    ${name} minute ${minutes}: ${held.resident.toFixed(1)} MB resident, ${held.proportional.toFixed(1)} MB proportional`,
      );
    }
    await sleep(Math.max(0, beganAt + i * STEP_MILLIS - performance.now()));
  }
  const seconds = (performance.now() - beganAt) / 1_000;
  const during = `${title} for ${Math.round(seconds)} s`;
  const { resident: last, proportional: shared } = heldMegabytes(pid);
  const busy = ((processorSeconds(pid) - processorBefore) / seconds) * 100;
  report({
    name: `${during}: calls, tools and ended tasks`,
    unit: "facts/s",
    values: [countFacts(path, beganMillis) / seconds],
  });
  report({ name: `${during}: share of a processor`, unit: "%", values: [busy] });
  report({ name: `${during}: resident memory at the end`, unit: "MB", values: [last], goal: GOAL });
  report({ name: `${during}: resident memory, each minute`, unit: "MB", values: [...resident, last] });
  report({ name: `${during}: proportional memory, each minute`, unit: "MB", values: [...proportional, shared] });
  await dashboard.stop();
}

/** Model calls, tool calls and tasks that ended since a moment. */
function countFacts(path: string, sinceMillis: number): number {
  using store = openStore({ path, readOnly: true });
  const range = { startMillis: sinceMillis, endMillis: Date.now() + 60_000 };
  const { totalCalls, totalToolCalls = 0, totalTasks = 0 } = store.query.summary({ range });
  return totalCalls + totalToolCalls + totalTasks;
}

/** A run of an agent with its calls and tools; ten runs make a session. */
function spansOf(number: number): object[] {
  const now = BigInt(Date.now()) * 1_000_000n;
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const count = (key: string, intValue: number) => ({ key, value: { intValue: String(intValue) } });
  const id = (length: number, of: number) => of.toString(16).padStart(length, "0");
  const shared = { traceId: id(32, number + 1), kind: 3 };
  const times = { startTimeUnixNano: String(now - 2_000_000_000n), endTimeUnixNano: String(now) };
  const names = [
    text("gen_ai.agent.name", `agent-${number % 12}`),
    text("gen_ai.conversation.id", `conversation-${Math.floor(number / 10)}`),
  ];
  const run = id(16, number * 100 + 1);
  const steps = Array.from({ length: CALLS_A_RUN }, (_, i) => [
    {
      ...{ ...shared, ...times, spanId: id(16, number * 100 + 2 + 2 * i), parentSpanId: run, name: "chat gpt-5" },
      attributes: [
        ...names,
        ...[text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "openai")],
        ...[text("gen_ai.request.model", "gpt-5"), count("gen_ai.usage.input_tokens", 1_234)],
        count("gen_ai.usage.output_tokens", 100),
      ],
    },
    {
      ...{
        ...shared,
        ...times,
        spanId: id(16, number * 100 + 3 + 2 * i),
        parentSpanId: run,
        name: "execute_tool find",
      },
      attributes: [...names, text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", "find")],
    },
  ]);
  const agent = {
    ...{ ...shared, ...times, spanId: run, name: "invoke_agent" },
    attributes: [...names, text("gen_ai.operation.name", "invoke_agent")],
  };
  return [...steps.flat(), agent];
}
