/** The pages of the file and its log. */
import { statSync } from "node:fs";
import type { Database } from "better-sqlite3";

/** What the file and its log take. */
export interface PageCounts {
  readonly pageBytes: number;
  readonly pages: number;
  /** Pages inside the file that hold nothing. */
  readonly freePages: number;
  readonly walBytes: number;
}

export function readPages(database: Database): PageCounts {
  const number = (pragma: string): number => database.pragma(pragma, { simple: true }) as number;
  return {
    pageBytes: number("page_size"),
    pages: number("page_count"),
    freePages: number("freelist_count"),
    // Asking for the size opens nothing, so it drops no lock.
    walBytes: statSync(`${database.name}-wal`, { throwIfNoEntry: false })?.size ?? 0,
  };
}

/** Bytes of the pages that hold something. */
export function usedBytesOf({ pageBytes, pages, freePages }: PageCounts): number {
  return (pages - freePages) * pageBytes;
}

/** Gives up to `pages` free pages back to the file system; returns whether any was given back. */
export function shrinkFile(database: Database, pages: number): boolean {
  const before = database.pragma("freelist_count", { simple: true }) as number;
  if (before === 0) return false;
  database.pragma(`incremental_vacuum(${Math.trunc(pages)})`);
  return (database.pragma("freelist_count", { simple: true }) as number) < before;
}

/** What a checkpoint did. */
export interface CheckpointResult {
  /** Everything is in the file, and the log is empty. */
  readonly isComplete: boolean;
}

/**
 * Moves the log into the file and empties it. Does not wait for readers: while one needs the log, it stays, and the
 * next checkpoint tries again. Writers go on while pages are moved; only emptying the log keeps them waiting.
 */
export function checkpoint(database: Database): CheckpointResult {
  const timeout = database.pragma("busy_timeout", { simple: true }) as number;
  database.pragma("busy_timeout = 0");
  try {
    database.pragma("wal_checkpoint(PASSIVE)");
    const [result] = database.pragma("wal_checkpoint(TRUNCATE)") as { busy: number; log: number }[];
    return { isComplete: result !== undefined && result.busy === 0 && result.log <= 0 };
  } finally {
    database.pragma(`busy_timeout = ${Math.trunc(timeout)}`);
  }
}
