/**
 * How long a program takes to start when it is measured, as whole processes beside a bare Node, with the packages as
 * they would be published: one that measures nothing, and one that makes its first measurement.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { report } from "./lib/figures.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = 21;
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SCOPE = "@moai-metrics";
const REGISTER = ["--import", `${SCOPE}/instrumentation/register`];
const FIRST = `import { withTask } from "${SCOPE}/instrumentation"; withTask("a", () => {}); process.exit(0);`;

const folder = mkdtempSync(join(tmpdir(), "bench-registration-"));
try {
  stagePackages();
  writeFileSync(join(folder, "first.mjs"), FIRST);
  const subjects = { "that measures nothing": ["-e", "0"], "up to its first measurement": ["first.mjs"] };
  const bare: number[] = [];
  const runs = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
  // The first round fills the caches of the file system and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const floor = timeNode(["-e", "0"]);
    if (round > 0) bare.push(floor);
    for (const [name, args] of Object.entries(subjects)) {
      const millis = timeNode([...REGISTER, ...args]) - floor;
      if (round > 0) runs.get(name)?.push(millis);
    }
  }
  for (const [name, values] of runs) {
    report({
      name: `a program ${name}: added to a bare Node`,
      unit: "ms",
      values,
      goal: { bound: "under", value: 120 },
      ratio: { value: median(values) / median(bare), to: "a bare Node" },
    });
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** The published form of our packages, beside the libraries of the checkout. */
function stagePackages(): void {
  const built = spawnSync("npm", ["run", "build"], { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`The packages do not build: ${built.stderr}`);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, SCOPE), { recursive: true });
  for (const name of readdirSync(join(ROOT, "dist")))
    cpSync(join(ROOT, "dist", name), join(modules, SCOPE, name), { recursive: true });
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".") && name !== SCOPE) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
}

function timeNode(args: readonly string[]): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], TZ: "UTC", HOME: folder, MOAI_METRICS_STORAGE: join(folder, "store") },
  });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  return performance.now() - startedAt;
}
