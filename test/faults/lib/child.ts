/** Child processes that suffer the faults. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A running child. */
export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the child's next line on standard output; undefined when it ended instead. */
  line(): Promise<string | undefined>;
  /** Resolves when it ended: its exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
  /** The error that it died of, in a few lines, from what it wrote to standard error. */
  errors(): string;
}

/** How to start a child. */
export interface ChildOptions {
  /** Command that runs node with the given arguments; by default node itself. */
  readonly wrap?: ((node: string, args: readonly string[]) => readonly [command: string, args: string[]]) | undefined;
  /** User to run as. */
  readonly uid?: number | undefined;
}

/** Starts `children/<name>.ts` with one JSON argument. */
export function startChild(name: string, argument: object, options: ChildOptions = {}): Child {
  const script = fileURLToPath(new URL(`../children/${name}.ts`, import.meta.url));
  const args = [script, JSON.stringify(argument)];
  const [command, commandArgs] = options.wrap?.(process.execPath, args) ?? [process.execPath, args];
  const child = spawn(command, commandArgs, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "close").then(([code, signal]) => (signal as string | null) ?? (code as number));
  return {
    process: child,
    line: async () => (await lines.next()).value,
    ended,
    errors: () => excerptOf(errors),
  };
}

const SHOWN_LINES = 4;

function excerptOf(errors: string): string {
  const lines = errors.split("\n").filter((line) => line.trim() !== "");
  const first = lines.findIndex((line) => /Error\b/.test(line));
  return lines.slice(Math.max(0, first), Math.max(0, first) + SHOWN_LINES).join(" | ");
}

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Waits, with fractions of a millisecond; nothing else runs here meanwhile. */
export function waitMillis(millis: number): void {
  Atomics.wait(clock, 0, 0, millis);
}

/** Kills a child; returns what is wrong when something else had ended it. */
export async function killChild(child: Child): Promise<string | undefined> {
  child.process.kill("SIGKILL");
  const end = await child.ended;
  return end === "SIGKILL" ? undefined : `it ended with ${end} before the kill: ${child.errors()}`;
}
