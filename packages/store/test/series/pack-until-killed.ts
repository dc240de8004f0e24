/**
 * A process for the tests of compression: applies whatever is due, forever, and prints each step that it did. It rests
 * between steps, as maintenance does: SQLite's waiting for a lock is not fair, and the writer would starve.
 */
import { writeSync } from "node:fs";
import Database from "better-sqlite3";
import { applySeriesStep } from "../../src/series/maintenance/apply.ts";
import { planSeriesMaintenance } from "../../src/series/maintenance/plan.ts";
import { resolveSeriesSettings } from "../../src/series/maintenance/settings.ts";
import { readSeriesState } from "../../src/series/maintenance/state.ts";

const [path = "", now = "0"] = process.argv.slice(2);
const database = new Database(path, { timeout: 20_000 });
const nowMillis = Number(now);
const settings = resolveSeriesSettings({
  plainDays: 1,
  detailedDays: 1000,
  hourlyDays: 1000,
  dailyDays: 1000,
  maxStepPoints: 50,
  maxChunkPoints: 400,
});
const never = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  for (const step of planSeriesMaintenance(readSeriesState(database, nowMillis), settings, nowMillis)) {
    writeSync(1, `${step.kind} ${applySeriesStep(database, step, settings)}\n`);
    Atomics.wait(never, 0, 0, 2);
  }
}
