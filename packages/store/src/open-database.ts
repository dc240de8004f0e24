/** Opening the file: what is checked, which settings hold. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "./errors.ts";
import { createFolder, createPrivateFile, isWritable, requireLocalFolder } from "./file-system.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./migrations/index.ts";
import { applyMigrations, READABLE_FROM } from "./migrations/migrate.ts";
import { openImmutable } from "./open-immutable.ts";
import { toStoreError } from "./sqlite-errors.ts";
import type { StoreOptions } from "./types.ts";
import { limitLog } from "./write/log-size.ts";

const DEFAULT_BUSY_TIMEOUT_MILLIS = 250;

/** An open file. */
export interface OpenedDatabase {
  readonly database: Database.Database;
  /** Absolute path of the file. */
  readonly path: string;
  /** Nothing can be written: it was asked for, or the file is newer. */
  readonly isReadOnly: boolean;
  /** A newer version wrote the file; what this version understands of it can be read. */
  readonly isNewer: boolean;
  /** What the user should know about how the file was opened, in one line. */
  readonly notice: string | undefined;
}

/**
 * Opens or creates the database file. A file of a newer version that this one can still read is opened for reading.
 * @throws StoreError `cannot_open`, `not_found`, `not_our_file`, `newer_version`, `read_only`, `busy`, `damaged` or
 * `full`.
 */
export function openDatabase(options: StoreOptions): OpenedDatabase {
  const path = resolve(options.path);
  const timeout = options.busyTimeoutMillis ?? DEFAULT_BUSY_TIMEOUT_MILLIS;
  const wantsReading = options.readOnly ?? false;
  if (wantsReading && !existsSync(path)) {
    throw new StoreError("not_found", `There is no store at ${path}. Run "moai-metrics import" to create it.`);
  }
  if (!wantsReading) preparePlace(path);
  let database: Database.Database | undefined;
  try {
    database = wantsReading ? openForReading(path, timeout) : openFile(path, false, timeout);
    checkIdentity(database, path);
    const notice = noticeOfNewer(database, path);
    if (notice !== undefined && !wantsReading) {
      database.close();
      database = openForReading(path, timeout);
    }
    const isReadOnly = wantsReading || notice !== undefined;
    if (isReadOnly) prepareForReading(database, path);
    else prepareForWriting(database, path, options);
    if (options.cacheBytes !== undefined) database.pragma(`cache_size = ${-Math.ceil(options.cacheBytes / 1_024)}`);
    return { database, path, isReadOnly, isNewer: notice !== undefined, notice };
  } catch (error) {
    database?.close();
    throw toStoreError(error, path, "open");
  }
}

function preparePlace(path: string): void {
  const folder = dirname(path);
  createFolder(folder);
  requireLocalFolder(path);
  const isThere = existsSync(path);
  if (isThere && !isWritable(path)) {
    throw new StoreError("read_only", `${path} cannot be written. Check the permissions of the file.`);
  }
  // The log and its index are files beside the database.
  if (isThere && !isWritable(folder)) {
    throw new StoreError("read_only", `${folder} cannot be written. Check the permissions of the folder.`);
  }
  createPrivateFile(path);
}

function openFile(path: string, isReadOnly: boolean, timeout: number): Database.Database {
  const database = new Database(path, { readonly: isReadOnly, fileMustExist: true, timeout });
  try {
    // Opening is lazy: reading a header field is what touches the file.
    database.pragma("application_id", { simple: true });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A database in WAL mode needs files beside it even for reading; where they cannot be made, nobody can write either. */
function openForReading(path: string, timeout: number): Database.Database {
  try {
    return openFile(path, true, timeout);
  } catch (error) {
    const { code } = error as { code?: string };
    const isIndexMissing = code?.startsWith("SQLITE_CANTOPEN") === true || code?.startsWith("SQLITE_READONLY") === true;
    if (!isIndexMissing || isWritable(dirname(path))) throw error;
    return openImmutable(path);
  }
}

function checkIdentity(database: Database.Database, path: string): void {
  // In one state of the file: another process may be making it.
  const { applicationId, isEmpty } = database.transaction(() => {
    const applicationId = database.pragma("application_id", { simple: true }) as number;
    const tableCount = database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number;
    return { applicationId, isEmpty: applicationId === 0 && versionOf(database) === 0 && tableCount === 0 };
  })();
  if (!isEmpty && applicationId !== APPLICATION_ID) {
    throw new StoreError(
      "not_our_file",
      `${path} is an SQLite database of another program. Nothing was changed. Choose another folder with --storage.`,
    );
  }
}

/**
 * What to say about a file of a newer version that can be read; undefined for any other file.
 * @throws StoreError `newer_version` when this version would read it wrong.
 */
function noticeOfNewer(database: Database.Database, path: string): string | undefined {
  const version = versionOf(database);
  if (version <= SCHEMA_VERSION) return undefined;
  const known = `schema ${version}; this one knows ${SCHEMA_VERSION}`;
  const readableFrom = database
    .prepare<[string], number>("SELECT value FROM meta WHERE key = ?")
    .pluck()
    .get(READABLE_FROM);
  if (readableFrom !== undefined && readableFrom <= SCHEMA_VERSION) {
    return `${path} belongs to a newer moai-metrics (${known}): it is only read. Upgrade moai-metrics to record again.`;
  }
  throw new StoreError(
    "newer_version",
    `${path} was written by a newer moai-metrics (${known}). Nothing was changed. Upgrade moai-metrics.`,
  );
}

function prepareForReading(database: Database.Database, path: string): void {
  if (versionOf(database) < SCHEMA_VERSION) {
    throw new StoreError(
      "not_found",
      `${path} holds nothing of this version yet. Run "moai-metrics import" to bring it up to date.`,
    );
  }
  database.pragma("query_only = ON");
}

function prepareForWriting(database: Database.Database, path: string, options: StoreOptions): void {
  const isNew = (database.pragma("application_id", { simple: true }) as number) === 0;
  if (isNew) {
    database.pragma("page_size = 4096");
    database.pragma("auto_vacuum = INCREMENTAL");
  }
  const journalMode = database.pragma("journal_mode = WAL", { simple: true });
  if (journalMode !== "wal") {
    throw new StoreError(
      "cannot_open",
      `The file system of ${path} does not support SQLite's write-ahead log. Choose a local folder with --storage.`,
    );
  }
  // FULL: what was acknowledged survives a power cut. Everything else: reference values of the SQLite manual.
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON");
  database.pragma("checkpoint_fullfsync = ON");
  limitLog(database);
  database.pragma("foreign_keys = ON");
  database.pragma("trusted_schema = OFF");
  database.pragma("cell_size_check = ON");
  database.pragma("mmap_size = 0");
  database.pragma("temp_store = MEMORY");
  database.pragma("cache_size = -8000");
  applyMigrations(database, { onProgress: options.onMigration });
}

function versionOf(database: Database.Database): number {
  return database.pragma("user_version", { simple: true }) as number;
}
