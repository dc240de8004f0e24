/**
 * What importing costs, as whole processes of the command: a first import of a large tree (commits included) beside a
 * process that only reads the same bytes, and a second run over an unchanged tree of many files beside a bare Node.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildRun, runNode } from "./lib/child.ts";
import { median, spread } from "./lib/statistics.ts";
import { generateTranscripts } from "./transcripts.ts";

const MEGABYTES = Number(process.env["BENCH_MEGABYTES"] ?? 600);
const FILES = 6_000;
const LARGE_ROUNDS = 5;
const SMALL_ROUNDS = 15;

const COMMAND = fileURLToPath(new URL("../packages/cli/bin/moai-metrics.js", import.meta.url));
const READ_ONLY_FLOOR = `
  import { closeSync, openSync, readdirSync, readSync } from "node:fs";
  const buffer = Buffer.alloc(1 << 20);
  for (const entry of readdirSync(process.argv[1], { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = openSync(entry.parentPath + "/" + entry.name);
    while (readSync(file, buffer) > 0);
    closeSync(file);
  }`;

const folder = mkdtempSync(join(tmpdir(), "bench-import-"));
try {
  benchFirstImport();
  benchSecondRun();
} finally {
  rmSync(folder, { recursive: true });
}

function benchFirstImport(): void {
  const config = join(folder, "large");
  const tree = generateTranscripts(join(config, "projects"), { totalBytes: MEGABYTES * 1e6 });
  const imports: ChildRun[] = [];
  const floors: ChildRun[] = [];
  // The first run fills the compile cache and the page cache and is not counted.
  for (let round = 0; round <= LARGE_ROUNDS; round++) {
    const floor = runNode(["--input-type=module", "-e", READ_ONLY_FLOOR, config]);
    const run = runCommand(config, `first-${round}`, "import");
    if (round === 0) continue;
    floors.push(floor);
    imports.push(run);
  }
  const speeds = imports.map(({ wallMillis }) => tree.bytes / 1e3 / wallMillis);
  const ratios = imports.map(({ wallMillis }, i) => wallMillis / (floors[i]?.wallMillis ?? Number.NaN));
  console.log(`first import, ${(tree.bytes / 1e6).toFixed(0)} MB in ${tree.files} files, ${tree.modelCalls} calls:`);
  console.log(`  ${spread(speeds)} MB/s, whole process`);
  console.log(`  ${spread(imports.map(({ peakMegabytes }) => peakMegabytes))} MB of memory at the peak`);
  console.log(`  ${median(ratios).toFixed(1)} times a process that only reads the bytes`);
}

function benchSecondRun(): void {
  const config = join(folder, "many");
  const tree = generateTranscripts(join(config, "projects"), { files: FILES, sessionBytes: 60_000 });
  runCommand(config, "many", "import");
  runCommand(config, "many");
  const runs: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < SMALL_ROUNDS; round++) {
    bare.push(runNode(["-e", "0"]).wallMillis);
    runs.push(runCommand(config, "many").wallMillis);
  }
  console.log(`second run over ${tree.files} unchanged files, overview included:`);
  console.log(`  ${spread(runs)} ms, whole process`);
  console.log(`  ${(median(runs) / median(bare)).toFixed(1)} times a bare Node (${spread(bare)} ms)`);
}

function runCommand(config: string, storage: string, ...args: string[]): ChildRun {
  return runNode([COMMAND, ...args], {
    HOME: join(folder, "home"),
    CLAUDE_CONFIG_DIR: config,
    MOAI_METRICS_STORAGE: join(folder, storage),
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
  });
}
