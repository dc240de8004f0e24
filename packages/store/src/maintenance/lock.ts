/** Who looks after a file. */
import { acquireFileLock, type FileLock } from "../file-lock.ts";

/** Where the lock of a store lies: `metrics.lock.db` beside `metrics.db`. */
export function lockPathOf(path: string): string {
  return `${path.replace(/\.db$/, "")}.lock.db`;
}

/** Takes the lock of a store, or returns undefined when someone else holds it. Never waits. */
export function acquireMaintenanceLock(path: string): FileLock | undefined {
  return acquireFileLock(lockPathOf(path));
}
