/** The published dashboard on a terminal of its own, watched from outside. The terminal comes from `script` (util-linux), what a process takes from /proc. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import xterm from "@xterm/headless";

/** Linux counts processor time in hundredths of a second. */
const TICKS_A_SECOND = 100;
const COLUMNS = 120;
const ROWS = 40;
const BUILD = fileURLToPath(new URL("../../scripts/build-packages.ts", import.meta.url));
const PUBLISHED = fileURLToPath(new URL("../../dist/cli/bin/moai-metrics.js", import.meta.url));

/** What to start. */
export interface DashboardOptions {
  /** For the files of the run. */
  readonly folder: string;
  readonly storage: string;
  /** Where transcripts are looked for. Default: a home with none. */
  readonly home?: string | undefined;
  readonly flags: readonly string[];
}

/** A dashboard of 120 × 40 that runs. */
export interface RunningDashboard {
  /** Resolves with the milliseconds since the start when the text stands on the screen. */
  see(text: string): Promise<number>;
  pid(): number;
  stop(): Promise<void>;
}

/** Builds the packages as they are published. @throws Error where a process cannot be watched. */
export function buildPublished(): void {
  if (!existsSync("/proc/self/stat")) throw new Error("What a process takes is read from /proc: run this on Linux.");
  execFileSync(process.execPath, [BUILD], { stdio: "ignore" });
}

/** Starts it. */
export function startDashboard({ folder, storage, home, flags }: DashboardOptions): RunningDashboard {
  const pidFile = join(folder, "pid");
  const program = [process.execPath, PUBLISHED, "dashboard", ...flags].join(" ");
  const startedAt = performance.now();
  const command = `stty rows ${ROWS} cols ${COLUMNS}; echo $$ > ${pidFile}; exec ${program}`;
  const child: ChildProcessWithoutNullStreams = spawn("script", ["-qfec", command, "/dev/null"], {
    env: {
      ...{ PATH: process.env["PATH"], TERM: "xterm-256color", TZ: "UTC", HOME: home ?? join(folder, "home") },
      ...{ MOAI_METRICS_STORAGE: storage, NODE_COMPILE_CACHE: join(folder, "compile-cache"), SHELL: "/bin/sh" },
    },
  });
  // Only what changed is written, so that a text that is seen may never have been written in one piece.
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  const screen = (): string => {
    const { active } = terminal.buffer;
    return Array.from({ length: ROWS }, (_, row) => active.getLine(active.viewportY + row)?.translateToString()).join(
      "\n",
    );
  };
  const waiting = new Map<string, (millis: number) => void>();
  const check = (): void => {
    const seen = screen();
    for (const [text, resolve] of waiting) {
      if (!seen.includes(text)) continue;
      waiting.delete(text);
      resolve(performance.now() - startedAt);
    }
  };
  child.stdout.on("data", (chunk: Buffer) => terminal.write(chunk, () => waiting.size > 0 && check()));
  return {
    see: (text) => new Promise((resolve) => waiting.set(text, resolve)),
    pid: () => Number(readFileSync(pidFile, "utf8")),
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.write("q");
      await ended;
    },
  };
}

/** Processor time of all threads of a process so far. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** What a process holds: all of it, and with what it shares with others divided among them. */
export function heldMegabytes(pid: number): { readonly resident: number; readonly proportional: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) * 1_024) / 1e6;
  return { resident: megabytes("Rss"), proportional: megabytes("Pss") };
}
