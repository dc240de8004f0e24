/**
 * What importing costs, as whole processes of the command: a first import of a large tree (commits included) beside a
 * process that only reads the same bytes, and a second run over an unchanged tree of many files beside a bare Node.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { peakMegabytesOfNode, timeNode } from "./lib/child.ts";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { median } from "./lib/statistics.ts";
import { generateTranscripts } from "./transcripts.ts";

const scale = scaleOfProcess();
const MEGABYTES = 600 * scale;
const FILES = Math.ceil(6_000 * scale);
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
  const imports: number[] = [];
  const floors: number[] = [];
  // The first run fills the compile cache and the page cache and is not counted.
  for (let round = 0; round <= LARGE_ROUNDS; round++) {
    const floor = timeNode(["--input-type=module", "-e", READ_ONLY_FLOOR, config]);
    const run = timeNode([COMMAND, "import"], environmentOf(config, `first-${round}`));
    if (round === 0) continue;
    floors.push(floor);
    imports.push(run);
  }
  const peaks = [1, 2, 3].map((round) =>
    peakMegabytesOfNode([COMMAND, "import"], environmentOf(config, `memory-${round}`)),
  );
  const speeds = imports.map((wallMillis) => tree.bytes / 1e3 / wallMillis);
  const ratios = imports.map((wallMillis, i) => wallMillis / (floors[i] ?? Number.NaN));
  console.log(`  ${(tree.bytes / 1e6).toFixed(0)} MB in ${tree.files} files, ${tree.modelCalls} calls`);
  report({
    name: "first import, whole process",
    unit: "MB/s",
    values: speeds,
    ratio: { value: median(ratios), to: "the time of a process that only reads the bytes" },
  });
  report({ name: "first import, memory at the peak", unit: "MB", values: peaks });
}

function benchSecondRun(): void {
  const config = join(folder, "many");
  // A tree of this size spans about 90 days; it ends about now, as that of a machine in use does.
  const startMillis = Date.now() - 90 * 86_400_000;
  const tree = generateTranscripts(join(config, "projects"), { files: FILES, sessionBytes: 60_000, startMillis });
  const environment = environmentOf(config, "many");
  timeNode([COMMAND, "import"], environment);
  timeNode([COMMAND], environment);
  const runs: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < SMALL_ROUNDS; round++) {
    bare.push(timeNode(["-e", "0"]));
    runs.push(timeNode([COMMAND], environment));
  }
  report({
    name: `second run over ${tree.files.toLocaleString("en-US")} unchanged files, overview included, whole process`,
    unit: "ms",
    values: runs,
    ratio: { value: median(runs) / median(bare), to: "a bare Node" },
  });
}

function environmentOf(config: string, storage: string): Record<string, string> {
  return {
    HOME: join(folder, "home"),
    CLAUDE_CONFIG_DIR: config,
    MOAI_METRICS_STORAGE: join(folder, storage),
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
  };
}
