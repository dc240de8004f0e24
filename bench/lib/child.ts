/** Whole processes, timed from outside. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one run took. */
export interface ChildRun {
  readonly wallMillis: number;
  /** The most memory the process held, in megabytes. */
  readonly peakMegabytes: number;
  readonly stdout: string;
}

/** Runs Node with arguments and measures it. @throws Error when the process fails. */
export function runNode(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildRun {
  const folder = mkdtempSync(join(tmpdir(), "bench-child-"));
  const report = join(folder, "peak");
  // The process writes its own peak when it exits: there is no other portable way to learn it.
  const reporter = `process.on("exit", () => process.getBuiltinModule("node:fs").writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)))`;
  try {
    const startedAt = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(reporter)}`, ...args],
      { encoding: "utf8", env: { PATH: process.env["PATH"] ?? "", TZ: "UTC", ...environment }, maxBuffer: 1 << 26 },
    );
    const wallMillis = performance.now() - startedAt;
    if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
    return { wallMillis, peakMegabytes: Number(readFileSync(report, "utf8")) / 1_000, stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
