/** Ways to damage a file. */
import { closeSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import Database from "better-sqlite3";

const PAGE_BYTES = 4096;

/** Overwrites part of a file. */
export function overwrite(path: string, offset: number, bytes: Buffer): void {
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** Fills a page, counted from 1, with 0xFF. */
export function ruinPage(path: string, page: number): void {
  overwrite(path, (page - 1) * PAGE_BYTES, Buffer.alloc(PAGE_BYTES, 0xff));
}

/** Leaf pages of a table, in the order of its rows. */
export function leavesOf(path: string, table: string): number[] {
  const database = new Database(path, { readonly: true });
  try {
    return database
      .prepare<[string], number>("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path")
      .pluck()
      .all(table);
  } finally {
    database.close();
  }
}

/** Cuts a file off after a share of its bytes. */
export function cutOff(path: string, share: number): void {
  truncateSync(path, Math.floor((readFileSync(path).length * share) / PAGE_BYTES) * PAGE_BYTES);
}
