/**
 * How fast facts become durable, and how large they are: groups of 2,000 in one transaction each, `synchronous=FULL`,
 * rollups included. All facts in the order of their times, then one fact at a time into the full file; and a fifth of
 * the sessions, all of their facts shuffled over all 90 days, or session after session as transcripts of any age are
 * imported, into a file that holds the other four fifths. Days that are over are folded in a thread beside the one that
 * writes, as the daemon does it, and what is left of that at the end is waited for; rollups of shuffled facts are folded in
 * the end, by the thread that writes.
 *
 * After some groups as many rows of about the same size go into a bare SQLite table in a file of its own, under row
 * numbers of the same order: what the disk and SQLite take without a ledger.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { type BareTable, openBareTable } from "./lib/bare-table.ts";
import { createDailyFolding } from "./lib/daily-folding.ts";
import { report } from "./lib/figures.ts";
import { type FoldingThread, startFoldingThread } from "./lib/folding-thread.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { cpuMillisOfProcess, cpuMillisOfThread } from "./lib/processor-time.ts";
import { reportSizes } from "./lib/sizes.ts";
import { median, percentile } from "./lib/statistics.ts";
import { createWorkload, tasksAtScale, WORKLOAD_END_MILLIS, type WorkloadOptions } from "./lib/workload.ts";

const TASKS = 1_000_000;
const GROUP = 2_000;
const WINDOWS = 5;
/** Groups whose facts are made together, about a day and a half of them: making facts is not timed. */
const STRETCH_GROUPS = 50;
const SINGLES = 500;
/** Every fifth session is shuffled: the file grows to its full size while that is timed. */
const SHUFFLED_EVERY = 5;

const scale = scaleOfProcess();
const folder = mkdtempSync(join(tmpdir(), "bench-ledger-"));
try {
  await bench("request", "order of time", 100_000);
  await bench("request and message", "order of time", 100_000);
  await bench("request", "random order", 10_000);
  await bench("request and message", "random order", 10_000);
  await bench("request and message", "random order of sessions", 10_000);
} finally {
  rmSync(folder, { recursive: true });
}

async function bench(
  ids: WorkloadOptions["ids"],
  order: "order of time" | "random order" | "random order of sessions",
  goal: number,
): Promise<void> {
  const workload = createWorkload({ tasks: tasksAtScale(TASKS, scale), ids });
  const path = join(folder, "metrics.db");
  const store = openStore({ path });
  const bare = openBareTable(join(folder, "bare.db"));
  const isShuffled = order !== "order of time";
  const title = `${ids === "request" ? "one id" : "two ids"}, ${order}`;
  const folding = isShuffled ? undefined : startFoldingThread(path);
  if (isShuffled)
    fill(
      workload.inOrderOfTime((session) => session % SHUFFLED_EVERY !== 0),
      store,
      bare,
    );
  const facts = {
    "order of time": () => workload.inOrderOfTime(),
    "random order": () => workload.shuffled(SHUFFLED_EVERY),
    "random order of sessions": () => workload.inShuffledSessions(SHUFFLED_EVERY),
  }[order]();
  const share = isShuffled ? 1 / SHUFFLED_EVERY : 1;
  const groups = Math.floor((workload.facts * share - SINGLES) / GROUP / WINDOWS);
  const fold = folding && createDailyFolding(folding.fold);
  const windows: WindowTimes[] = [];
  while (windows.length < WINDOWS) windows.push(await timeWindow(facts, groups, { store, bare, fold, folding }));
  await folding?.close();
  const rates = windows.map(({ things, ledgerMillis }) => (things / ledgerMillis) * 1_000);
  report({
    name: `${title}: facts, by windows of ${Math.round((workload.modelCalls * share) / WINDOWS / 1_000).toLocaleString("en-US")} k calls`,
    unit: "facts/s",
    values: rates,
    goal: { bound: "at least", value: goal },
    ratio: {
      value: median(windows.map(({ ledgerMillis, bareMillis }) => ledgerMillis / bareMillis)),
      to: "the time of bare inserts",
    },
  });
  report({
    name: `${title}: processor time a fact of all threads, folding included`,
    unit: "µs",
    values: windows.map(({ things, cpuMillis }) => (cpuMillis / things) * 1_000),
  });
  report({
    name: `${title}: folding of the rollups, processor time a fact`,
    unit: "µs",
    values: windows.map(({ things, foldMillis }) => (foldMillis / things) * 1_000),
  });
  console.log(`    window after window: ${rates.map((rate) => Math.round(rate)).join(", ")}`);
  if (!isShuffled) reportSingles(title, take(facts, SINGLES), store, bare);
  for (let rest = take(facts, GROUP); rest.length > 0; rest = take(facts, GROUP)) store.write({ facts: rest });
  const { state } = await store.maintain({ nowMillis: WORKLOAD_END_MILLIS, isThorough: true });
  if (state !== "done") throw new Error(`Maintenance ended as "${state}".`);
  store.close();
  bare.close();
  reportSizes(path, title, ids === "request" ? 60 : 85);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
}

/** Brings both files to the size that they have before the timed part. */
function fill(facts: Generator<Fact>, store: Store, bare: BareTable): void {
  const fold = createDailyFolding((nowMillis) => store.foldRollups(nowMillis));
  for (let group = take(facts, GROUP); group.length > 0; group = take(facts, GROUP)) {
    store.write({ facts: group });
    fold(group.at(-1));
    bare.write(group.length, true);
  }
  store.foldRollups(WORKLOAD_END_MILLIS);
}

interface WindowTimes {
  readonly things: number;
  readonly ledgerMillis: number;
  /** Processor time of folding, in whichever thread. */
  readonly foldMillis: number;
  readonly bareMillis: number;
  /** Of all threads of the process while the ledger was written: the collector's are among them. */
  readonly cpuMillis: number;
}

/** What is written to, and what folds days that are over: nothing where facts come in random order. */
interface Written {
  readonly store: Store;
  readonly bare: BareTable;
  readonly fold: ((last: Fact | undefined) => void) | undefined;
  readonly folding: FoldingThread | undefined;
}

/** Writes groups to both files in turn. Folding the rollups, which maintenance does once a day, belongs to the price of a fact. */
async function timeWindow(
  facts: Iterator<Fact>,
  groups: number,
  { store, bare, fold, folding }: Written,
): Promise<WindowTimes> {
  const times = { things: 0, ledgerMillis: 0, foldMillis: 0, bareMillis: 0, cpuMillis: 0 };
  const timeLedger = async (work: () => void | Promise<void>): Promise<void> => {
    const startedAt = performance.now();
    const cpuBefore = cpuMillisOfProcess();
    await work();
    times.cpuMillis += cpuMillisOfProcess() - cpuBefore;
    times.ledgerMillis += performance.now() - startedAt;
  };
  for (let i = 0; i < groups; i += STRETCH_GROUPS) {
    const stretch = Array.from({ length: Math.min(STRETCH_GROUPS, groups - i) }, () => take(facts, GROUP));
    await timeLedger(async () => {
      for (const group of stretch) {
        store.write({ facts: group });
        fold?.(group.at(-1));
      }
      times.foldMillis += (await folding?.settle()) ?? 0;
    });
    for (const group of stretch) {
      times.bareMillis += timeOf(() => bare.write(group.length, folding === undefined));
      // Sessions and tasks are told twice, at start and end, and count once.
      for (const { kind } of group) times.things += kind === "session" || kind === "task" ? 0.5 : 1;
    }
  }
  if (folding === undefined) {
    await timeLedger(() => {
      const cpuBefore = cpuMillisOfThread();
      store.foldRollups(WORKLOAD_END_MILLIS);
      times.foldMillis += cpuMillisOfThread() - cpuBefore;
    });
  }
  return times;
}

function timeOf(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function reportSingles(title: string, facts: readonly Fact[], store: Store, bare: BareTable): void {
  const ledger: number[] = [];
  const floor: number[] = [];
  let cpuMillis = 0;
  for (const fact of facts) {
    const cpuBefore = cpuMillisOfProcess();
    ledger.push(timeOf(() => store.write({ facts: [fact] })));
    cpuMillis += cpuMillisOfProcess() - cpuBefore;
    floor.push(timeOf(() => bare.write(1, false)));
  }
  report({
    name: `${title}: one durable fact`,
    unit: "ms",
    values: ledger,
    goal: { bound: "under", value: 0.5 },
    ratio: { value: median(ledger) / median(floor), to: "a bare durable insert" },
  });
  report({
    name: `${title}: one durable fact, processor time`,
    unit: "ms",
    values: [cpuMillis / facts.length],
  });
  report({ name: `${title}: one durable fact, 99 of 100 take at most`, unit: "ms", values: [percentile(ledger, 99)] });
}

function take(facts: Iterator<Fact>, count: number): Fact[] {
  const taken: Fact[] = [];
  while (taken.length < count) {
    const next = facts.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}
