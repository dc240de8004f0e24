/**
 * Runs every benchmark, each in a process of its own, and prints what it found.
 *
 * `npm run bench -- [NAME …] [--scale NUMBER] [--write]`: names pick some of them; a scale below 1 takes a smaller
 * workload; `--write` keeps the figures and renders docs/benchmarks.md from all that are kept.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BENCHMARKS, type BenchmarkName } from "./lib/benchmarks.ts";
import { FIGURES_VARIABLE, type Figure, holds } from "./lib/figures.ts";
import { parseBenchArguments } from "./lib/options.ts";
import { currentLoad, keepResults, machineText, thisMachine } from "./lib/results.ts";

const { scale, writes, names } = parseBenchArguments(process.argv.slice(2));
const known = Object.keys(BENCHMARKS) as BenchmarkName[];
const unknown = names.filter((name) => !known.some((each) => each === name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
  process.exit(2);
}
const machine = thisMachine();
console.log(machineText(machine));

const missed: string[] = [];
for (const name of known.filter((each) => names.length === 0 || names.includes(each))) {
  console.log(`\n== ${name}: ${BENCHMARKS[name]}${scale < 1 ? ` (at scale ${scale})` : ""}`);
  const load = currentLoad();
  const figures = runBenchmark(name);
  if (figures === undefined) {
    process.exitCode = 1;
    continue;
  }
  missed.push(...figures.filter((figure) => holds(figure) === false).map((figure) => `${name}: ${figure.name}`));
  if (writes) keepResults(name, { machine, scale, takenAt: new Date().toISOString(), load, figures });
}
if (missed.length > 0) console.log(`\nGoals that do not hold:\n${missed.map((name) => `  ${name}`).join("\n")}`);

/** The figures of one benchmark, or undefined when it failed. */
function runBenchmark(name: BenchmarkName): Figure[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), "bench-figures-"));
  const file = join(folder, "figures");
  try {
    const program = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
    const { status } = spawnSync(process.execPath, [program, "--scale", String(scale)], {
      stdio: "inherit",
      env: { ...process.env, TZ: "UTC", [FIGURES_VARIABLE]: file },
    });
    if (status !== 0) return undefined;
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Figure);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
