/**
 * How long reports take, as whole processes of the command, on a store with a year of history: 50,000 tasks with
 * 250,000 model calls. Every report of a closed day or week is written before, as it is on a machine in use. The goals
 * hold for the command as it is published, which this builds; a checkout loads every module by itself.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Fact } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { timeNode } from "./lib/child.ts";
import { type Goal, report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { median } from "./lib/statistics.ts";
import { yearOfFacts } from "./lib/year-of-facts.ts";

const TASKS = 50_000 * scaleOfProcess();
const GROUP = 2_000;
const ROUNDS = 21;
const BUILD = fileURLToPath(new URL("../scripts/build-packages.ts", import.meta.url));
const PUBLISHED = fileURLToPath(new URL("../dist/cli/bin/moai-metrics.js", import.meta.url));
const CHECKOUT = fileURLToPath(new URL("../packages/cli/bin/moai-metrics.js", import.meta.url));

const CASES: readonly { readonly name: string; readonly argv: readonly string[]; readonly goal: Goal }[] = [
  { name: "daily --json on a year of history", argv: ["daily", "--json"], goal: { bound: "under", value: 150 } },
  {
    name: "report weekly --format html on a year of history",
    argv: ["report", "weekly", "--format", "html"],
    goal: { bound: "under", value: 400 },
  },
];

const folder = mkdtempSync(join(tmpdir(), "bench-reports-"));
try {
  await fill(join(folder, "store", "metrics.db"));
  const environment = {
    HOME: join(folder, "home"),
    MOAI_METRICS_STORAGE: join(folder, "store"),
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
  };
  execFileSync(process.execPath, [BUILD], { stdio: "ignore" });
  timeNode([PUBLISHED, "import"], environment);
  for (const { name, argv, goal } of CASES) {
    timeNode([PUBLISHED, ...argv], environment);
    timeNode([CHECKOUT, ...argv], environment);
    const published: number[] = [];
    const checkout: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(timeNode(["-e", "0"]));
      published.push(timeNode([PUBLISHED, ...argv], environment));
      checkout.push(timeNode([CHECKOUT, ...argv], environment));
    }
    const against = (values: readonly number[]): { value: number; to: string } => ({
      value: median(values) / median(bare),
      to: "a bare Node",
    });
    report({ name: `${name}, whole process`, unit: "ms", values: published, goal, ratio: against(published) });
    report({ name: `${name}, from a checkout`, unit: "ms", values: checkout, ratio: against(checkout) });
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function fill(path: string): Promise<void> {
  using store = openStore({ path });
  const nowMillis = Date.now();
  let group: Fact[] = [];
  for (const fact of yearOfFacts(TASKS, nowMillis)) {
    if (group.push(fact) < GROUP) continue;
    store.write({ facts: group });
    group = [];
  }
  store.write({ facts: group });
  store.keepZone("UTC");
  await store.maintain({ nowMillis, isThorough: true });
}
