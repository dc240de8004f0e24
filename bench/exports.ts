/**
 * What an export takes, as whole processes of the command that read a store of a million tasks: rows a second, and the
 * most memory that the process holds. Text goes to a file that is thrown away. The figures are those of the command as
 * it is published, which this builds: a checkout strips types first, and takes 40 MB for it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { peakMegabytesOfNode, timeNode } from "./lib/child.ts";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { provideStore } from "./lib/query-stores.ts";
import { tasksAtScale } from "./lib/workload.ts";

const TASKS = 1_000_000;
const MIN_ROWS_A_SECOND = 100_000;
const MAX_MEGABYTES = 150;

const BUILD = fileURLToPath(new URL("../scripts/build-packages.ts", import.meta.url));
const PUBLISHED = fileURLToPath(new URL("../dist/cli/bin/moai-metrics.js", import.meta.url));

const path = await provideStore(tasksAtScale(TASKS, scaleOfProcess()));
const folder = mkdtempSync(join(tmpdir(), "bench-exports-"));
// Only what is stored is read: no transcripts are looked for, and nothing is written beside the store.
const environment = {
  HOME: folder,
  MOAI_METRICS_STORAGE: dirname(path),
  MOAI_METRICS_DISABLED: "1",
  NODE_COMPILE_CACHE: join(folder, "compile-cache"),
};
try {
  execFileSync(process.execPath, [BUILD], { stdio: "ignore" });
  const rows = countRows();
  const everything = rows.sessions + rows.tasks + rows.calls + rows.tools;
  timeNode([PUBLISHED, "export", "--format", "prometheus", "--out", join(folder, "warm-up")], environment);
  benchExport("CSV of all tasks", ["--format", "csv", "--kind", "tasks"], rows.tasks);
  benchExport("CSV of all model calls", ["--format", "csv", "--kind", "calls"], rows.calls);
  benchExport("nested JSON of everything", ["--format", "json"], everything);
  benchExport("nested JSON of everything, gzip", ["--format", "json", "--gzip"], everything);
  benchExport("Grafana JSON, a point a task", ["--format", "grafana"], rows.tasks);
  benchExport("OpenMetrics by the hour", ["--format", "openmetrics"]);
  benchExport("Prometheus text", ["--format", "prometheus"]);
} finally {
  rmSync(folder, { recursive: true });
}

function countRows(): { sessions: number; tasks: number; calls: number; tools: number } {
  const database = new Database(path, { readonly: true });
  const count = (table: string): number =>
    database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
  const rows = {
    sessions: count("session"),
    tasks: count("task"),
    calls: count("model_call"),
    tools: count("tool_call"),
  };
  database.close();
  return rows;
}

/** @param rows that the format holds; undefined for sums. */
function benchExport(name: string, flags: readonly string[], rows?: number): void {
  const file = join(folder, "export");
  const args = [PUBLISHED, "export", ...flags, "--out", file];
  const wallMillis = timeNode(args, environment);
  const megabytes = statSync(file).size / 1e6;
  if (rows === undefined)
    report({ name: `${name}, whole process, ${megabytes.toFixed(1)} MB`, unit: "ms", values: [wallMillis] });
  else {
    report({
      name: `${name}, whole process, ${megabytes.toFixed(0)} MB`,
      unit: "rows/s",
      values: [rows / (wallMillis / 1_000)],
      goal: { bound: "at least", value: MIN_ROWS_A_SECOND },
    });
  }
  report({
    name: `${name}: memory at the peak`,
    unit: "MB",
    values: [peakMegabytesOfNode(args, environment)],
    goal: { bound: "under", value: MAX_MEGABYTES },
  });
}
