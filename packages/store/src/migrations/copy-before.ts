/** The copy of a file that is made before its schema changes: `metrics.db.v1-backup`. */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";

/** Where the copy of a version lies. */
export function copyPathOf(path: string, version: number): string {
  return `${path}.v${version}-backup`;
}

/** Whether the copy of a version is complete. */
export function hasCopy(path: string, version: number): boolean {
  return existsSync(copyPathOf(path, version));
}

/**
 * Copies the last committed state of the file beside it, for the user alone. The copy appears under its name when it is
 * complete and on disk.
 * @throws SqliteError `SQLITE_FULL` or `SQLITE_IOERR_WRITE` when there is no room; nothing is left behind.
 */
export function makeCopy(path: string, version: number): void {
  const target = copyPathOf(path, version);
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  try {
    copyInto(path, partial);
    syncFile(partial);
    renameSync(partial, target);
    syncFolder(dirname(target));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Removes copies of other versions: each is kept until the next migration has succeeded. */
export function removeOtherCopies(path: string, keptVersion: number): void {
  const prefix = `${basename(path)}.v`;
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue;
    const version = /^(\d+)-backup$/.exec(name.slice(prefix.length))?.[1];
    if (version !== undefined && Number(version) !== keptVersion) rmSync(join(folder, name), { force: true });
  }
}

/** Removes the copy of a version. */
export function removeCopy(path: string, version: number): void {
  rmSync(copyPathOf(path, version), { force: true });
}

/** Writes a compact copy of the last committed state into a new file of mode 0600. */
function copyInto(path: string, target: string): void {
  closeSync(openSync(target, "wx", 0o600));
  const source = new Database(path, { readonly: true, fileMustExist: true });
  try {
    source.prepare("VACUUM INTO ?").run(target);
  } finally {
    source.close();
  }
}

/** SQLite does not sync what `VACUUM INTO` writes. No connection has the copy open, so no lock can be lost. */
export function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes renames inside a folder last; a file system that cannot do so is taken as it is. */
export function syncFolder(folder: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(folder, "r");
    fsyncSync(handle);
  } catch {
    // Windows cannot open folders.
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
