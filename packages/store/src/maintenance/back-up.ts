/** A consistent copy of the file while others write. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { createPrivateFile, isWritable } from "../file-system.ts";
import { syncFile, syncFolder } from "../migrations/copy-before.ts";
import { toStoreError } from "../sqlite-errors.ts";

/** How to back up. */
export interface BackupOptions {
  /** Path of the copy; nothing may be there yet. */
  readonly target: string;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
}

/** How far a backup has got. */
export interface BackupProgress {
  readonly pagesDone: number;
  readonly pagesTotal: number;
}

/** A backup that is complete, checked and on disk. */
export interface BackupOutcome {
  /** Absolute path. */
  readonly target: string;
  readonly bytes: number;
}

const PAGES_A_STEP = 2_000;

/**
 * Copies the state that the file has now, whatever others write meanwhile, checks the copy, and puts it on disk under
 * its name. The copy is one file of mode 0600, without a log beside it.
 *
 * @throws StoreError `cannot_open` when the target exists or its folder does not, `read_only`, `full`, `damaged`.
 */
export async function backUp(path: string, { target: wanted, onProgress }: BackupOptions): Promise<BackupOutcome> {
  const target = resolve(wanted);
  if (existsSync(target)) {
    throw new StoreError("cannot_open", `${target} exists already. Choose another name, or remove it first.`);
  }
  if (!existsSync(dirname(target))) {
    throw new StoreError("cannot_open", `There is no folder ${dirname(target)}. Create it, or choose another one.`);
  }
  if (!isWritable(dirname(target))) {
    throw new StoreError(
      "read_only",
      `${dirname(target)} cannot be written. Name a file elsewhere: moai-metrics db backup FILE.`,
    );
  }
  const partial = `${target}.partial`;
  try {
    rmSync(partial, { force: true });
    createPrivateFile(partial);
    await copyPages(path, partial, onProgress);
    const bytes = finishCopy(path, partial);
    syncFile(partial);
    renameSync(partial, target);
    syncFolder(dirname(target));
    return { target, bytes };
  } catch (error) {
    for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${partial}${suffix}`, { force: true });
    throw toStoreError(error, target, "write");
  }
}

async function copyPages(path: string, partial: string, onProgress: BackupOptions["onProgress"]): Promise<void> {
  const source = new Database(path, { readonly: true, fileMustExist: true });
  try {
    // A read transaction that spans the backup holds one state of the file: writers go on, and nothing starts over.
    source.exec("BEGIN");
    source.prepare("SELECT count(*) FROM sqlite_schema").get();
    await source.backup(partial, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress?.({ pagesDone: totalPages - remainingPages, pagesTotal: totalPages });
        return PAGES_A_STEP;
      },
    });
  } finally {
    source.close();
  }
}

/** Checks the copy of the store at `path` and makes it a file that stands alone; returns its size. */
function finishCopy(path: string, partial: string): number {
  const copy = new Database(partial, { fileMustExist: true });
  try {
    copy.pragma("journal_mode = DELETE");
    if (copy.pragma("quick_check(1)", { simple: true }) !== "ok") {
      throw new StoreError(
        "damaged",
        `${path} is damaged, and a copy of it would be, too. Run "moai-metrics db salvage": it moves the file aside and ` +
          "saves what can be read of it.",
      );
    }
    return (
      (copy.pragma("page_count", { simple: true }) as number) * (copy.pragma("page_size", { simple: true }) as number)
    );
  } finally {
    copy.close();
  }
}
