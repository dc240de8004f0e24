/** What the store asks of the file system around its file. */
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { StoreError } from "./errors.ts";

/** Creates a folder, and those above it, for the user alone. @throws StoreError `cannot_open`. */
export function createFolder(folder: string): void {
  try {
    makePrivateFolders(folder);
  } catch (error) {
    throw cannotCreate(`the storage folder ${folder}`, error);
  }
}

/**
 * Creates an empty file for the user alone: the WAL and the shared memory take their mode from it. A file that exists
 * is not touched: closing it here would drop the locks that another connection of this process holds on it.
 * @throws StoreError `cannot_open`.
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw cannotCreate(`the store ${path}`, error);
  }
}

/** Whether a file or folder may be written by this user, and lies on something that can be written. */
export function isWritable(path: string): boolean {
  return mayAccess(path, constants.W_OK);
}

/** Whether a file or folder may be read by this user. */
export function isReadable(path: string): boolean {
  return mayAccess(path, constants.R_OK);
}

function mayAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/**
 * File systems on which SQLite's write-ahead log is not safe, because it needs memory and locks shared by everyone who
 * has the file open: by the number that Linux gives them (statfs(2)).
 */
const SHARED_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x65735546, "FUSE"],
  [0x01021997, "9P"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x786f4256, "VirtualBox shared folder"],
  [0x7c7c6673, "Parallels shared folder"],
  [0xbacbacbc, "VMware shared folder"],
]);

/** The kind of shared file system that a folder lies on, or undefined for a local one. Known on Linux only. */
export function sharedFileSystemOf(
  folder: string,
  typeOf: (folder: string) => number = (path) => statfsSync(path).type,
): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return SHARED_FILE_SYSTEMS.get(typeOf(folder) >>> 0);
  } catch {
    return undefined;
  }
}

/** @throws StoreError `cannot_open` that names a local folder, when the file would lie on a shared file system. */
export function requireLocalFolder(path: string, typeOf?: (folder: string) => number): void {
  const kind = sharedFileSystemOf(dirname(path), typeOf);
  if (kind === undefined) return;
  throw new StoreError(
    "cannot_open",
    `${dirname(path)} lies on a ${kind} file system, where SQLite's write-ahead log can damage data. ` +
      `Choose a local folder, such as --storage ${localFolder()} (or MOAI_METRICS_STORAGE).`,
  );
}

/** A folder on the local disk that outlasts a restart. */
function localFolder(): string {
  return `/var/tmp/moai-metrics-${process.getuid?.() ?? "user"}`;
}

/** One folder after the other: the recursive `mkdirSync` of Node 24 never returns below `/proc`. */
function makePrivateFolders(folder: string): void {
  if (existsSync(folder)) return;
  makePrivateFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function cannotCreate(what: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError(
    "cannot_open",
    `Cannot create ${what}: ${reason}. Choose another folder with --storage or MOAI_METRICS_STORAGE.`,
    { cause },
  );
}
