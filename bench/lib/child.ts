/** Whole processes, timed from outside. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string>>;

/** Runs Node with arguments, `input` on its standard input, and returns how long the process took. @throws Error when it fails. */
export function timeNode(args: readonly string[], environment: Environment = {}, input = ""): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    input,
    env: { PATH: process.env["PATH"] ?? "", TZ: "UTC", ...environment },
    maxBuffer: 1 << 26,
  });
  const wallMillis = performance.now() - startedAt;
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  return wallMillis;
}

/**
 * Runs Node with arguments and returns the most memory that the process held, in megabytes. Apart from timing: the
 * process has to write its own peak when it exits, there is no other portable way to learn it, and that takes time.
 */
export function peakMegabytesOfNode(args: readonly string[], environment: Environment = {}): number {
  const folder = mkdtempSync(join(tmpdir(), "bench-child-"));
  const report = join(folder, "peak");
  const reporter = `process.on("exit", () => process.getBuiltinModule("node:fs").writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)))`;
  try {
    timeNode(["--import", `data:text/javascript,${encodeURIComponent(reporter)}`, ...args], environment);
    return Number(readFileSync(report, "utf8")) / 1_000;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
