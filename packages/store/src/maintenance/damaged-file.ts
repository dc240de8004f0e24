/** Opens a damaged file as far as that is possible. */
import { closeSync, copyFileSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import Database from "better-sqlite3";
import { APPLICATION_ID, MIGRATIONS } from "../migrations/index.ts";

/** A damaged file, opened for reading. */
export interface DamagedFile {
  readonly database: Database.Database;
  /** The schema version of its tables; undefined when its tables are not ours. */
  readonly version: number | undefined;
  close(): void;
}

const PAGE_BYTES = 4096;
const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";

/**
 * Opens the file for reading; when its header is gone, a copy with a new one. Undefined when there is nothing that could
 * be read.
 */
export function openDamagedFile(path: string): DamagedFile | undefined {
  return tryOpen(path, path) ?? openWithNewHeader(path);
}

function tryOpen(path: string, original: string): DamagedFile | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    const opened = database;
    const version = versionOf(opened);
    return {
      database: opened,
      version,
      close: () => {
        opened.close();
        if (path !== original) removeCopy(path);
      },
    };
  } catch {
    database?.close();
    return undefined;
  }
}

/** The newest version whose tables are all there: the number in the header may be as damaged as the rest. */
function versionOf(database: Database.Database): number | undefined {
  const present = new Set(tableNames(database));
  if (present.size === 0) return undefined;
  const said = database.pragma("user_version", { simple: true }) as number;
  const candidates = MIGRATIONS.map((_, i) => i + 1).reverse();
  const wanted = [said, ...candidates].filter((version) => candidates.includes(version));
  return wanted.find((version) => tablesOfVersion(version).every((name) => present.has(name)));
}

function tablesOfVersion(version: number): readonly string[] {
  const empty = new Database(":memory:");
  try {
    for (const migration of MIGRATIONS.slice(0, version)) migration.apply(empty);
    return tableNames(empty);
  } finally {
    empty.close();
  }
}

function tableNames(database: Database.Database): string[] {
  return database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
}

/**
 * The header holds nothing that cannot be known: page size, encoding and our own marks. The first page's list of tables
 * stands behind it and may have survived. Works on a copy: the damaged file itself is never changed.
 */
function openWithNewHeader(path: string): DamagedFile | undefined {
  const size = statSync(path).size;
  if (size < PAGE_BYTES) return undefined;
  const copy = `${path}.reading`;
  try {
    copyFileSync(path, copy);
    const file = openSync(copy, "r+");
    try {
      writeSync(file, newHeader(Math.floor(size / PAGE_BYTES)), 0, HEADER_BYTES, 0);
    } finally {
      closeSync(file);
    }
    const opened = tryOpen(copy, path);
    if (opened?.version !== undefined) return opened;
    opened?.close();
  } catch {
    // No room for a copy, or nothing to read in it.
  }
  removeCopy(copy);
  return undefined;
}

/** The database header of our files (SQLite's fileformat2, section 1.3), with a rollback journal: the copy has no log. */
function newHeader(pages: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, "latin1");
  header.writeUInt16BE(PAGE_BYTES, 16);
  header.set([1, 1, 0, 64, 32, 32], 18);
  header.writeUInt32BE(1, 24);
  header.writeUInt32BE(pages, 28);
  header.writeUInt32BE(1, 40);
  header.writeUInt32BE(4, 44);
  header.writeUInt32BE(1, 52);
  header.writeUInt32BE(1, 56);
  header.writeUInt32BE(1, 64);
  header.writeUInt32BE(APPLICATION_ID, 68);
  header.writeUInt32BE(1, 92);
  return header;
}

function removeCopy(path: string): void {
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
}
