/** Stores full of the workload, built once and kept among the system's temporary files. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Fact } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { createDailyFolding } from "./daily-folding.ts";
import { createWorkload, WORKLOAD_END_MILLIS } from "./workload.ts";

const GROUP = 2_000;
const FOLDER = join(tmpdir(), "moai-metrics-bench");
const STORE_SOURCES = fileURLToPath(new URL("../../packages/store/src/", import.meta.url));

/** The zones whose days the stores keep, as those of a user who asks in them do. */
export const ZONES = ["UTC", "Asia/Seoul", "Asia/Kathmandu"] as const;

/**
 * The path of a store that holds the workload, written in the order of time, each day folded when it was over, and
 * maintained. Built when there is none of this workload and these sources of the store.
 */
export async function provideStore(tasks: number): Promise<string> {
  const prefix = `${tasks}-tasks-`;
  const path = join(FOLDER, `${prefix}${fingerprint()}`, "metrics.db");
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  // Of an older state of the sources: never asked for again.
  for (const name of readdirSync(FOLDER)) if (name.startsWith(prefix)) rmSync(join(FOLDER, name), { recursive: true });
  const unfinished = join(FOLDER, `${prefix}unfinished`);
  const startedAt = performance.now();
  await build(join(unfinished, "metrics.db"), tasks);
  renameSync(unfinished, dirname(path));
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`  built a store of ${tasks.toLocaleString("en-US")} tasks in ${seconds.toFixed(0)} s: ${path}`);
  return path;
}

async function build(path: string, tasks: number): Promise<void> {
  using store = openStore({ path });
  let group: Fact[] = [];
  const fold = createDailyFolding((nowMillis) => store.foldRollups(nowMillis));
  for (const fact of createWorkload({ tasks, ids: "request and message" }).inOrderOfTime()) {
    group.push(fact);
    if (group.length < GROUP) continue;
    store.write({ facts: group });
    group = [];
    fold(fact);
  }
  store.write({ facts: group });
  for (const zone of ZONES) store.keepZone(zone);
  const { state } = await store.maintain({ nowMillis: WORKLOAD_END_MILLIS, isThorough: true });
  if (state !== "done") throw new Error(`Maintenance of ${path} ended as "${state}".`);
}

/** Changes with the workload and with everything that decides what lies in a store. */
function fingerprint(): string {
  const hash = createHash("sha256");
  const read = (file: string): Buffer => readFileSync(file);
  hash.update(read(fileURLToPath(new URL("./workload.ts", import.meta.url))));
  for (const folder of ["migrations", "merge", "write", "rollup", "maintenance"]) {
    const files = readdirSync(join(STORE_SOURCES, folder), { recursive: true, encoding: "utf8" });
    for (const name of files.filter((each) => each.endsWith(".ts")).toSorted()) {
      hash.update(read(join(STORE_SOURCES, folder, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
