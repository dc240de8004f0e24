/**
 * What being measured costs an agent, ledger included: the same run with and without it, in turns, as processes of their
 * own; and what a followed stream adds to each of its chunks. Without it, recording is switched off by the environment,
 * so that both run the same code. Beside it, what OpenTelemetry's SDK alone adds: the same metrics and spans, recorded
 * by hand, and thrown away.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { followIterator } from "../packages/instrumentation/src/sdks/follow-iterator.ts";
import { createOpenAiReader } from "../packages/instrumentation/src/sdks/openai/read.ts";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = 3;
const TASKS = Math.ceil(1000 * scaleOfProcess());
const CHUNKS = 100_000;
const CHUNK_ROUNDS = 15;
const AGENT = fileURLToPath(new URL("./lib/simulated-agent.ts", import.meta.url));

interface Taken {
  readonly wallMillis: number;
  readonly cpuMillis: number;
}

interface Run extends Taken {
  /** Of the second half, when the engine has compiled what runs often. */
  readonly late: Taken;
}

function runAgent(how: "with" | "without" | "by-hand", storage: string): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [AGENT, String(TASKS), how], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      TZ: "UTC",
      HOME: storage,
      MOAI_METRICS_STORAGE: storage,
      ...(how === "without" ? { MOAI_METRICS_DISABLED: "1" } : {}),
    },
  });
  if (status !== 0) throw new Error(`The simulated agent failed: ${stderr}`);
  return JSON.parse(stdout) as Run;
}

function addedOfCore(off: Taken, on: Taken): number {
  return (on.cpuMillis - off.cpuMillis) / on.wallMillis;
}

const folder = mkdtempSync(join(tmpdir(), "bench-overhead-"));
try {
  const rounds: { readonly off: Run; readonly on: Run; readonly byHand: Run }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const off = runAgent("without", join(folder, `off-${round}`));
    const on = runAgent("with", join(folder, `on-${round}`));
    rounds.push({ off, on, byHand: runAgent("by-hand", join(folder, `by-hand-${round}`)) });
  }
  for (const { figure, goal, added } of [
    {
      figure: "added to the wall time",
      goal: 1,
      added: (off: Run, on: Run) => (on.wallMillis - off.wallMillis) / off.wallMillis,
    },
    { figure: "added, of one core", goal: 2, added: addedOfCore },
    {
      figure: "added, of one core, in the second half",
      goal: undefined,
      added: (off: Run, on: Run) => addedOfCore(off.late, on.late),
    },
  ]) {
    const ours = rounds.map(({ off, on }) => added(off, on) * 100);
    const theirs = rounds.map(({ off, byHand }) => added(off, byHand) * 100);
    report({
      name: `${TASKS} tasks of 5 calls and 5 tools: ${figure}`,
      unit: "%",
      values: ours,
      ...(goal === undefined ? {} : { goal: { bound: "at most", value: goal } }),
      // Of next to nothing anything is many times.
      ...(Math.min(...theirs) > 0
        ? { ratio: { value: median(ours) / median(theirs), to: "OpenTelemetry's SDK alone" } }
        : {}),
    });
    report({
      name: `OpenTelemetry's SDK alone, the same metrics and spans into nothing: ${figure}`,
      unit: "%",
      values: theirs,
    });
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function* chunks() {
  const chunk = { id: "c", object: "chat.completion.chunk", model: "m", choices: [], usage: null };
  for (let i = 0; i < CHUNKS; i++) yield { ...chunk };
}

async function nanosPerChunk(stream: AsyncIterable<unknown>): Promise<number> {
  const startedAt = process.hrtime.bigint();
  for await (const _ of stream);
  return Number(process.hrtime.bigint() - startedAt) / CHUNKS;
}

function followed(): AsyncIterable<unknown> {
  const reader = createOpenAiReader();
  const nothing = () => {};
  return followIterator(chunks(), { chunk: reader.accept, ended: nothing, failed: nothing, left: nothing });
}

const added: number[] = [];
for (let round = 0; round <= CHUNK_ROUNDS; round++) {
  const bare = await nanosPerChunk(chunks());
  const more = (await nanosPerChunk(followed())) - bare;
  if (round > 0) added.push(more);
}
report({ name: "a chunk of a stream: added", unit: "ns", values: added, goal: { bound: "under", value: 1000 } });
