/**
 * How long a measured program takes to die of SIGTERM: what it recorded is written before that, and each time it is
 * counted whether all of it was. The store was there before. In turns with a program that measures nothing. On a machine that is too busy the program
 * leaves the spool behind instead; how often it did is a figure of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spoolFolder } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import Database from "better-sqlite3";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = Math.max(3, Math.round(21 * scaleOfProcess()));
const PROGRAM = fileURLToPath(new URL("./lib/ending-program.ts", import.meta.url));
const MAX_MILLIS = 100;
const TASKS = [1, 50];

const folder = mkdtempSync(join(tmpdir(), "bench-endings-"));
const bare: number[] = [];
let left = 0;
const measured = new Map<number, number[]>(TASKS.map((tasks) => [tasks, []]));
try {
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await endingOf("bare"));
    for (const [tasks, millis] of measured) {
      const storage = join(folder, `${tasks}-${round}`);
      openStore({ path: join(storage, "metrics.db") }).close();
      millis.push(await endingOf("measured", storage, String(tasks)));
      if (!isAllWritten(storage, tasks)) left += 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const [tasks, millis] of measured) {
  report({
    name: `from SIGTERM to the end of a program with ${tasks} recorded task${tasks === 1 ? "" : "s"}, all of it on disk`,
    unit: "ms",
    values: millis,
    goal: { bound: "under", value: MAX_MILLIS },
    ratio: { value: median(millis) / median(bare), to: "a program that measures nothing" },
  });
}

report({
  name: "endings that left something to the spool",
  unit: `of ${ROUNDS * TASKS.length}`,
  values: [left],
});

/** Milliseconds from the signal to the end of a program that has said that it recorded. */
async function endingOf(...args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env["PATH"], TZ: "UTC", HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  const beganAt = performance.now();
  child.kill("SIGTERM");
  const [code, signal] = await ended;
  if (signal !== "SIGTERM") throw new Error(`The program ended with ${signal ?? code}, not of SIGTERM.`);
  return performance.now() - beganAt;
}

/**
 * Whether all calls, the program's first one included, and some points are in the file.
 * @throws Error when they are not in the spool either.
 */
function isAllWritten(storage: string, tasks: number): boolean {
  const path = join(storage, "metrics.db");
  const database = new Database(path, { readonly: true });
  const isIn = (table: string, atLeast: number): boolean =>
    (database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0) >= atLeast;
  const isAll = isIn("model_call", tasks + 1) && isIn("point", 1);
  database.close();
  if (isAll) return true;
  const spool = spoolFolder(storage);
  if (existsSync(spool) && readdirSync(spool).length > 0) return false;
  throw new Error(`What ${tasks} tasks recorded is neither in ${path} nor in the spool.`);
}
