/** A program of the stack that is started, stopped and started again. */
import { type ChildProcess, spawn } from "node:child_process";

/** A program. */
export interface Part {
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
  /** What it wrote, for the message of a failed test. */
  log(): string;
}

/** How to run a program. */
export interface PartOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** An address that answers 200 once it is ready. */
  readonly readyUrl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const READY_MILLIS = 60_000;

/** A part that does not run yet. */
export function createPart({ command, args, environment, readyUrl, headers }: PartOptions): Part {
  let child: ChildProcess | undefined;
  let text = "";
  return {
    start: async () => {
      const started = spawn(command, args, {
        env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) stream.on("data", (chunk) => (text += String(chunk)));
      const deadline = Date.now() + READY_MILLIS;
      while (!(await isReady(readyUrl, headers))) {
        if (started.exitCode !== null || Date.now() > deadline) {
          throw new Error(`${command} ${args.join(" ")} does not answer at ${readyUrl}:\n${text.slice(-4000)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    stop: async () => {
      const running = child;
      if (running === undefined || running.exitCode !== null) return;
      const exited = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGTERM");
      await exited;
    },
    log: () => text,
  };
}

async function isReady(url: string, headers: Readonly<Record<string, string>> | undefined): Promise<boolean> {
  try {
    const answer = await fetch(url, { headers: { ...headers } });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
