/** Where things lie on the user's machine. */
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Environment variables, as `process.env` gives them. Read at the edge and handed down. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What decides where the store lies. */
export interface StorageOptions {
  /** The `--storage` flag or an option of the same meaning: a folder. */
  readonly storage?: string | undefined;
  readonly environment: Environment;
}

/**
 * The folder of the store: `storage`, else `MOAI_METRICS_STORAGE`, else `$XDG_DATA_HOME/moai-metrics`, else
 * `~/.local/share/moai-metrics`. One ledger and one spool per user live there. A relative `XDG_DATA_HOME` is
 * ignored, as the XDG Base Directory specification demands.
 *
 * @returns an absolute path; the folder need not exist.
 */
export function resolveStorageFolder(options: StorageOptions): string {
  const { storage, environment } = options;
  const chosen = storage ?? nonEmpty(environment["MOAI_METRICS_STORAGE"]);
  if (chosen !== undefined) return resolve(expandHome(chosen, environment));
  const xdg = nonEmpty(environment["XDG_DATA_HOME"]);
  const dataHome = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeFolder(environment), ".local", "share");
  return join(dataHome, "moai-metrics");
}

/** The database file inside a storage folder. */
export function databasePath(storageFolder: string): string {
  return join(storageFolder, "metrics.db");
}

/** The folder inside a storage folder where facts wait that could not be written at once. */
export function spoolFolder(storageFolder: string): string {
  return join(storageFolder, "spool");
}

/** The user's home folder. */
export function homeFolder(environment: Environment): string {
  return nonEmpty(environment["HOME"]) ?? nonEmpty(environment["USERPROFILE"]) ?? homedir();
}

function expandHome(path: string, environment: Environment): string {
  return path === "~" || path.startsWith("~/") ? join(homeFolder(environment), path.slice(2)) : path;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}
