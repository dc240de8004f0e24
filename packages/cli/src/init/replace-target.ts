/** Replaces files at once, through links, and only if they are still what was shown. */
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { readFileState } from "./file-state.ts";

/** What a file shall become. */
export interface Replacement {
  readonly path: string;
  /** What it was when it was looked at; undefined: not there. */
  readonly before: string | undefined;
  /** Undefined: it goes. */
  readonly after: string | undefined;
  /** Undefined: as it is. */
  readonly mode: number | undefined;
}

/** Folders that have to be made for a file, the outer first. */
export function missingFolders(path: string): string[] {
  const missing: string[] = [];
  for (let at = dirname(path); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  return missing;
}

/**
 * Makes the file what it shall become; what was written is on the disk when it returns.
 *
 * @throws Error when somebody changed it since it was looked at; the system's error when it cannot be written.
 */
export function replaceTarget({ path, before, after, mode }: Replacement): void {
  const now = readFileState(path);
  if (now.problem !== undefined) throw new Error(now.problem);
  if (now.text !== before) throw new Error("it was changed meanwhile. Run the command again");
  if (after === undefined) {
    rmSync(now.target, { force: true });
    return;
  }
  // One after the other: the recursive mkdirSync of Node 24 never returns below /proc.
  for (const folder of missingFolders(now.target)) mkdirSync(folder);
  const partial = `${now.target}.${process.pid}.tmp`;
  try {
    const file = openSync(partial, "wx", 0o600);
    try {
      writeFileSync(file, after);
      fchmodSync(file, mode ?? now.mode ?? 0o600);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, now.target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Removes folders that were made for a file, as far as nothing else is in them. */
export function removeFolders(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}
