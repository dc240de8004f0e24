/** A lock that the operating system takes back when its holder dies. */
import Database from "better-sqlite3";
import { createPrivateFile } from "./file-system.ts";
import { isBusyError } from "./sqlite-errors.ts";

/** A lock that is held. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock, or returns undefined when another connection, of this process or another one, holds it. Never waits.
 * The lock is an open `BEGIN EXCLUSIVE` on a database of its own that stays empty.
 *
 * @param lockPath a file of its own, which is created when missing; its folder must exist.
 */
export function acquireFileLock(lockPath: string): FileLock | undefined {
  createPrivateFile(lockPath);
  const database = new Database(lockPath, { fileMustExist: true, timeout: 0 });
  try {
    // Nothing is ever written, also not a journal: the lock works on a full disk.
    database.pragma("journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusyError(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}
