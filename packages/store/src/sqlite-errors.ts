/** SQLite's errors in the store's words. */
import { StoreError } from "./errors.ts";

/** Turns anything thrown while working on the file into a {@link StoreError}; a StoreError is passed through. */
export function toStoreError(error: unknown, path: string, attempted: "open" | "write" | "read"): unknown {
  if (error instanceof StoreError) return error;
  const code = sqliteCode(error);
  if (code === undefined) return isClosedError(error) ? closedError(path, error) : error;
  const options = { cause: error };
  if (isBusyError(error)) {
    return new StoreError("busy", `${path} is in use by another process. Try again in a moment.`, options);
  }
  if (isFullError(error)) {
    return new StoreError(
      "full",
      `The disk that holds ${path} is full, or a limit on file sizes was reached. Free some space and try again.`,
      options,
    );
  }
  if (code.startsWith("SQLITE_READONLY")) {
    return new StoreError("read_only", `${path} cannot be written. Check the permissions of file and folder.`, options);
  }
  if (code === "SQLITE_NOTADB") {
    return new StoreError(
      "not_our_file",
      `${path} is not an SQLite database. Nothing was changed. Choose another folder with --storage; if this was the ` +
        'store, "moai-metrics db salvage" moves the file aside and saves what can be read of it.',
      options,
    );
  }
  if (code.startsWith("SQLITE_CORRUPT")) {
    return new StoreError(
      "damaged",
      `${path} is damaged. Run "moai-metrics db salvage": it moves the file aside and saves what can be read of it.`,
      options,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(
    "cannot_open",
    `Cannot ${attempted} ${path}: ${reason} (${code}). Check that it is a readable, writable file on a local disk, ` +
      "or choose another folder with --storage.",
    options,
  );
}

/** Whether SQLite found no room: a full disk, a quota or a limit on file sizes (which shows as a failed write). */
export function isFullError(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && FULL_CODES.has(code);
}

const FULL_CODES = new Set(["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMMAP"]);

/** Whether another connection holds what was wanted. */
export function isBusyError(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"));
}

function closedError(path: string, cause: unknown): StoreError {
  return new StoreError("closed", `The store ${path} is closed. Open it again to use it.`, { cause });
}

function isClosedError(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("database connection is not open");
}

function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}
