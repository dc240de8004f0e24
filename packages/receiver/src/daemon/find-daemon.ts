/** Whether a daemon runs for a storage folder, and what it takes to ask it. Loads nothing else of the receiver. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readTokenOf } from "../http/token.ts";

export type { ReceiverStatus } from "../http/status.ts";

/** Who runs. */
export interface RunningDaemon {
  readonly pid: number;
  /** Where it listens; undefined while it starts. */
  readonly url?: string | undefined;
}

/** Where a daemon says that it runs. */
export function notePath(storage: string): string {
  return join(storage, "receiver.json");
}

/** What the daemon of a folder said of itself; it may have died since. */
export function readDaemonNote(storage: string): RunningDaemon | undefined {
  try {
    const { pid, url } = JSON.parse(readFileSync(notePath(storage), "utf8")) as Partial<RunningDaemon>;
    return typeof pid === "number" ? { pid, url: typeof url === "string" ? url : undefined } : undefined;
  } catch {
    return undefined;
  }
}

/** The daemon of a folder, when its process is there. */
export function findDaemon(storage: string): RunningDaemon | undefined {
  const daemon = readDaemonNote(storage);
  return daemon !== undefined && isAlive(daemon.pid) ? daemon : undefined;
}

/** The token that it may ask for; undefined where there is none, or it cannot be read. */
export function findToken(storage: string): string | undefined {
  try {
    return readTokenOf(storage);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs as somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
