/** Opening the file: what is checked, which settings hold. */
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "./errors.ts";
import { APPLICATION_ID, applyMigrations, SCHEMA_VERSION } from "./migrations/index.ts";
import { toStoreError } from "./sqlite-errors.ts";
import type { StoreOptions } from "./types.ts";

const DEFAULT_BUSY_TIMEOUT_MILLIS = 250;

/**
 * Opens or creates the database file.
 * @throws StoreError `cannot_open`, `not_found`, `not_our_file`, `newer_version`, `busy` or `full`.
 */
export function openDatabase(options: StoreOptions): Database.Database {
  const path = resolve(options.path);
  const isReadOnly = options.readOnly ?? false;
  if (isReadOnly && !existsSync(path)) {
    throw new StoreError("not_found", `There is no store at ${path}. Run "moai-metrics import" to create it.`);
  }
  if (!isReadOnly) createFolder(dirname(path));
  let database: Database.Database | undefined;
  try {
    database = openFile(path, isReadOnly, options.busyTimeoutMillis ?? DEFAULT_BUSY_TIMEOUT_MILLIS);
    checkIdentity(database, path);
    if (isReadOnly) prepareForReading(database, path);
    else prepareForWriting(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw toStoreError(error, path, "open");
  }
}

function openFile(path: string, isReadOnly: boolean, timeout: number): Database.Database {
  if (!isReadOnly) createPrivateFile(path);
  const database = new Database(path, { readonly: isReadOnly, fileMustExist: true, timeout });
  // Opening is lazy: reading a header field is what touches the file.
  database.pragma("application_id", { simple: true });
  return database;
}

/**
 * The WAL and the shared memory take their mode from the file. A file that exists is not touched: closing it here
 * would drop the locks that another connection of this process holds on it.
 */
function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw cannotCreate(`the store ${path}`, error);
  }
}

function checkIdentity(database: Database.Database, path: string): void {
  const applicationId = database.pragma("application_id", { simple: true }) as number;
  const version = database.pragma("user_version", { simple: true }) as number;
  const tableCount = database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number;
  const isEmpty = applicationId === 0 && version === 0 && tableCount === 0;
  if (!isEmpty && applicationId !== APPLICATION_ID) {
    throw new StoreError(
      "not_our_file",
      `${path} is an SQLite database of another program. Nothing was changed. Choose another folder with --storage.`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      "newer_version",
      `${path} was written by a newer moai-metrics (schema ${version}; this one knows ${SCHEMA_VERSION}). ` +
        "Nothing was changed. Upgrade moai-metrics.",
    );
  }
}

function prepareForReading(database: Database.Database, path: string): void {
  const version = database.pragma("user_version", { simple: true }) as number;
  if (version < SCHEMA_VERSION) {
    throw new StoreError(
      "not_found",
      `${path} holds nothing of this version yet. Run "moai-metrics import" to bring it up to date.`,
    );
  }
  database.pragma("query_only = ON");
}

function prepareForWriting(database: Database.Database, path: string): void {
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
  database.pragma("wal_autocheckpoint = 4000");
  database.pragma("journal_size_limit = 16777216");
  database.pragma("foreign_keys = ON");
  database.pragma("trusted_schema = OFF");
  database.pragma("cell_size_check = ON");
  database.pragma("mmap_size = 0");
  database.pragma("temp_store = MEMORY");
  database.pragma("cache_size = -8000");
  applyMigrations(database);
}

function createFolder(folder: string): void {
  try {
    makePrivateFolders(folder);
  } catch (error) {
    throw cannotCreate(`the storage folder ${folder}`, error);
  }
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
