/** Reading a file where nothing can be written: read-only media, a folder of someone else. */
import { readFileSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { StoreError } from "./errors.ts";

/** More than this is not read into memory. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Bytes 18 and 19 of the header say which journal is used (fileformat2, section 1.3.3); 1 is the one that needs no files. */
const JOURNAL_BYTES = [18, 19];
const ROLLBACK_JOURNAL = 1;

/**
 * Reads the whole file into memory and opens that. SQLite cannot open a file in WAL mode where the files of the log
 * cannot be created, and there is no connection of this process whose locks reading the bytes could drop.
 *
 * @throws StoreError `cannot_open` when that would give wrong answers (a log with changes lies beside it) or take too
 * much memory.
 */
export function openImmutable(path: string): Database.Database {
  const advice = "Copy the folder to a place that can be written, and point --storage there.";
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new StoreError(
      "cannot_open",
      `${path} cannot be read where nothing can be written: recent changes lie in ${path}-wal. ${advice}`,
    );
  }
  const { size } = statSync(path);
  if (size > MAX_BYTES) {
    const megabytes = Math.ceil(size / 1_000_000);
    throw new StoreError(
      "cannot_open",
      `${path} (${megabytes} MB) is too large to be read where nothing can be written. ${advice}`,
    );
  }
  const bytes = readFileSync(path);
  for (const index of JOURNAL_BYTES) bytes[index] = ROLLBACK_JOURNAL;
  return new Database(bytes, { readonly: true });
}
