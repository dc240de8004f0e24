/** One daemon per storage folder. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireFileLock } from "@moai-metrics/store";
import { notePath, type RunningDaemon, readDaemonNote } from "./find-daemon.ts";

/** The right to be the daemon of a storage folder. */
interface DaemonLock {
  /** Tells others who runs. */
  announce(daemon: RunningDaemon): void;
  release(): void;
}

/** The lock, or who holds it; undefined fields where that is not known. */
export type DaemonLockOutcome =
  | { readonly state: "held"; readonly lock: DaemonLock }
  | { readonly state: "elsewhere"; readonly daemon: RunningDaemon | undefined };

/**
 * Takes the lock of a storage folder. The operating system takes it back when its holder dies, however it dies.
 *
 * @throws StoreError when the folder cannot be written; the file system's error.
 */
export function acquireDaemonLock(storage: string): DaemonLockOutcome {
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  const path = notePath(storage);
  const lock = acquireFileLock(join(storage, "receiver.lock.db"));
  if (lock === undefined) return { state: "elsewhere", daemon: readDaemonNote(storage) };
  return {
    state: "held",
    lock: {
      announce: (daemon) => writeFileSync(path, `${JSON.stringify(daemon)}\n`, { mode: 0o600 }),
      release: () => {
        rmSync(path, { force: true });
        lock.release();
      },
    },
  };
}
