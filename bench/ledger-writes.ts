/**
 * How fast facts become durable, and how large they are: groups of 2,000 in one transaction each, `synchronous=FULL`,
 * rollups included. All facts in the order of their times, then one fact at a time into the full file; and a fifth of
 * the sessions, shuffled over all 90 days, into a file that holds the other four fifths.
 *
 * Beside each group as many rows of about the same size go into a bare SQLite table in a file of its own, under row
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
import { scaleOfProcess } from "./lib/options.ts";
import { cpuMillisOfProcess } from "./lib/processor-time.ts";
import { reportSizes } from "./lib/sizes.ts";
import { median, percentile } from "./lib/statistics.ts";
import { createWorkload, tasksAtScale, WORKLOAD_END_MILLIS, type WorkloadOptions } from "./lib/workload.ts";

const TASKS = 1_000_000;
const GROUP = 2_000;
const WINDOWS = 5;
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
} finally {
  rmSync(folder, { recursive: true });
}

async function bench(
  ids: WorkloadOptions["ids"],
  order: "order of time" | "random order",
  goal: number,
): Promise<void> {
  const workload = createWorkload({ tasks: tasksAtScale(TASKS, scale), ids });
  const path = join(folder, "metrics.db");
  const store = openStore({ path });
  const bare = openBareTable(join(folder, "bare.db"));
  const isShuffled = order === "random order";
  const title = `${ids === "request" ? "one id" : "two ids"}, ${order}`;
  const fold = isShuffled ? undefined : createDailyFolding(store);
  if (isShuffled)
    fill(
      workload.inOrderOfTime((session) => session % SHUFFLED_EVERY !== 0),
      store,
      bare,
    );
  const facts = isShuffled ? workload.shuffled(SHUFFLED_EVERY) : workload.inOrderOfTime();
  const share = isShuffled ? 1 / SHUFFLED_EVERY : 1;
  const groups = Math.floor((workload.facts * share - SINGLES) / GROUP / WINDOWS);
  const windows = Array.from({ length: WINDOWS }, () => timeWindow(facts, groups, store, bare, fold));
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
    name: `${title}: processor time a fact, folding included`,
    unit: "µs",
    values: windows.map(({ things, cpuMillis }) => (cpuMillis / things) * 1_000),
  });
  report({
    name: `${title}: folding of the rollups, part of that time`,
    unit: "%",
    values: windows.map(({ ledgerMillis, foldMillis }) => (foldMillis / ledgerMillis) * 100),
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
  const fold = createDailyFolding(store);
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
  /** Part of `ledgerMillis`. */
  readonly foldMillis: number;
  readonly bareMillis: number;
  /** Of all threads of the process while the ledger was written: the collector's are among them. */
  readonly cpuMillis: number;
}

/**
 * Writes groups to both files in turn; making the facts is not timed. Folding the rollups, which maintenance does once a
 * day, belongs to the price of a fact: `fold` is called after each group, shuffled facts' rollups are folded at the end.
 */
function timeWindow(
  facts: Iterator<Fact>,
  groups: number,
  store: Store,
  bare: BareTable,
  fold: ((last: Fact | undefined) => void) | undefined,
): WindowTimes {
  let things = 0;
  let writeMillis = 0;
  let foldMillis = 0;
  let bareMillis = 0;
  let cpuMillis = 0;
  for (let i = 0; i < groups; i++) {
    const group = take(facts, GROUP);
    const cpuBefore = cpuMillisOfProcess();
    writeMillis += timeOf(() => store.write({ facts: group }));
    foldMillis += timeOf(() => fold?.(group.at(-1)));
    cpuMillis += cpuMillisOfProcess() - cpuBefore;
    bareMillis += timeOf(() => bare.write(group.length, fold === undefined));
    // Sessions and tasks are told twice, at start and end, and count once.
    for (const { kind } of group) things += kind === "session" || kind === "task" ? 0.5 : 1;
  }
  const cpuBefore = cpuMillisOfProcess();
  if (fold === undefined) foldMillis += timeOf(() => store.foldRollups(WORKLOAD_END_MILLIS));
  cpuMillis += cpuMillisOfProcess() - cpuBefore;
  return { things, ledgerMillis: writeMillis + foldMillis, foldMillis, bareMillis, cpuMillis };
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
