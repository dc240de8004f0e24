/** Saves what can be read of a damaged file into a new one. Nothing of the damaged file is deleted. */
import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { createPrivateFile } from "../file-system.ts";
import { syncFile, syncFolder } from "../migrations/copy-before.ts";
import { MIGRATIONS } from "../migrations/index.ts";
import { applyMigrations } from "../migrations/migrate.ts";
import { openDatabase } from "../open-database.ts";
import { rebuildRollups } from "../rollup/rebuild.ts";
import { toStoreError } from "../sqlite-errors.ts";
import { openDamagedFile } from "./damaged-file.ts";
import { type DamagedTable, readDamagedTable } from "./damaged-table.ts";
import { acquireMaintenanceLock } from "./lock.ts";
import { recoverWatermark } from "./recover-watermark.ts";
import { repairReferences } from "./repair-references.ts";
import { requireSalvageable } from "./require-salvageable.ts";
import { settleOldRollups } from "./settle-old-rollups.ts";
import { rebuildTotals } from "./totals.ts";
import { readWatermarkDay } from "./watermark.ts";
import { settleReports } from "./witnesses.ts";

/** How to salvage. */
export interface SalvageOptions {
  readonly nowMillis: number;
  /** Called before each table. */
  readonly onProgress?: ((table: string) => void) | undefined;
}

/** What became of one table. */
export interface SalvagedTable {
  readonly table: string;
  /** Rows in the new file. */
  readonly recovered: number;
  /** Rows that were read and could not be used: they contradict the schema, or refer to rows that are lost. */
  readonly rejected: number;
  /** Stretches that could not be read. */
  readonly gaps: number;
  /** Rows lost in them; undefined when nothing tells how many there were. */
  readonly lost: number | undefined;
}

/** What a salvage did. */
export interface SalvageOutcome {
  /** Where the damaged file lies now; its log and index lie beside it. */
  readonly movedTo: string;
  /** False when nothing at all could be read: the new file is empty. */
  readonly isReadable: boolean;
  readonly tables: readonly SalvagedTable[];
}

/** How far transcripts were read is forgotten, so that the next import reads them again and fills what was lost. */
const FORGOTTEN_TABLES = new Set(["transcript", "skipped"]);
const ROWS_A_TRANSACTION = 5_000;

/**
 * Moves the file and what lies beside it to `<path>.damaged-<time>`, makes a new file, and copies every row that can be
 * read. The new file takes its place when it is complete; a salvage that is cut off is simply run again.
 *
 * @throws StoreError `not_found`, `busy` when another process maintains the file, `full`; `newer_version`,
 * `not_our_file`, `read_only` and `cannot_open` for what a salvage cannot help, which stays as it is.
 */
export function salvageStore(path: string, { nowMillis, onProgress }: SalvageOptions): SalvageOutcome {
  if (!existsSync(path)) {
    throw new StoreError("not_found", `There is no store at ${path}. Run "moai-metrics import" to create it.`);
  }
  requireSalvageable(path);
  const lock = acquireMaintenanceLock(path);
  if (lock === undefined) {
    throw new StoreError("busy", `${path} is being maintained by another process. Try again in a moment.`);
  }
  const draft = `${path}.salvaged`;
  try {
    removeDraft(draft);
    const damaged = openDamagedFile(path);
    let tables: SalvagedTable[] = [];
    try {
      createPrivateFile(draft);
      if (damaged?.version !== undefined) tables = fillDraft(draft, damaged.database, damaged.version, onProgress);
      tables = finishDraft(draft, tables);
    } finally {
      damaged?.close();
    }
    return { movedTo: exchange(path, draft, nowMillis), isReadable: tables.length > 0, tables };
  } catch (error) {
    throw toStoreError(error, path, "write");
  } finally {
    removeDraft(draft);
    lock.release();
  }
}

/**
 * Puts the draft in the place of the damaged file, which keeps its bytes under another name. The log moves with it: what
 * was committed last may be in it, and it must never meet the new file.
 */
function exchange(path: string, draft: string, nowMillis: number): string {
  const time = new Date(nowMillis).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  let movedTo = `${path}.damaged-${time}`;
  for (let i = 2; existsSync(movedTo); i++) movedTo = `${path}.damaged-${time}-${i}`;
  // A second name first, so that at every moment there is a file under the old one.
  linkSync(path, movedTo);
  for (const suffix of ["-shm", "-wal"]) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${movedTo}${suffix}`);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
  return movedTo;
}

function fillDraft(
  draft: string,
  damaged: Database.Database,
  version: number,
  onProgress: SalvageOptions["onProgress"],
): SalvagedTable[] {
  const target = new Database(draft, { fileMustExist: true });
  try {
    target.pragma("page_size = 4096");
    target.pragma("auto_vacuum = INCREMENTAL");
    target.pragma("synchronous = OFF");
    applyMigrations(target, { migrations: MIGRATIONS.slice(0, version) });
    return tablesOf(target)
      .filter(({ name }) => !FORGOTTEN_TABLES.has(name))
      .map((table) => {
        onProgress?.(table.name);
        return copyTable(damaged, target, table);
      });
  } finally {
    target.close();
  }
}

function copyTable(damaged: Database.Database, target: Database.Database, table: DamagedTable): SalvagedTable {
  const places = table.columns.map(() => "?").join(", ");
  // The one row of the state that a new file begins with gives way; `meta` tells what the new file is, and stays.
  const onConflict = table.name === "series_state" ? "REPLACE" : "IGNORE";
  const insert = target.prepare(
    `INSERT OR ${onConflict} INTO ${table.name} (${table.columns.join(", ")}) VALUES (${places})`,
  );
  const count = (): number => target.prepare<[], number>(`SELECT count(*) FROM ${table.name}`).pluck().get() ?? 0;
  const before = table.name === "series_state" ? 0 : count();
  let rejected = 0;
  let pending = 0;
  target.exec("BEGIN");
  const { gaps } = readDamagedTable(damaged, table, (row) => {
    try {
      insert.run(...row);
    } catch {
      rejected += 1;
    }
    pending += 1;
    if (pending % ROWS_A_TRANSACTION === 0) target.exec("COMMIT; BEGIN");
  });
  target.exec("COMMIT");
  const recovered = count() - before;
  return { table: table.name, recovered, rejected, gaps, lost: lostRows(damaged, table, recovered + rejected, gaps) };
}

/** An index of the table may be whole where the table is not: it knows how many rows there were. */
function lostRows(damaged: Database.Database, table: DamagedTable, read: number, gaps: number): number | undefined {
  if (gaps === 0) return 0;
  try {
    const total = damaged.prepare<[], number>(`SELECT count(*) FROM ${table.name}`).pluck().get() ?? 0;
    return Math.max(0, total - read);
  } catch {
    return undefined;
  }
}

/** Every table of a schema that we made, with the order in which its rows lie. */
function tablesOf(database: Database.Database): DamagedTable[] {
  const names = database
    .prepare<[], { name: string; wr: number }>(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  return names.map(({ name, wr }) => {
    const columns = database
      .prepare<[string], { name: string; type: string; pk: number }>("SELECT name, type, pk FROM pragma_table_info(?)")
      .all(name);
    const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    const isNumbered = wr === 0 || key[0]?.type === "INTEGER";
    return {
      name,
      columns: columns.map((column) => column.name),
      order: wr === 0 ? ["rowid"] : key.map((column) => column.name),
      isNumbered,
    };
  });
}

/**
 * Brings the draft to the current version, mends what refers to lost rows, and computes anew what follows from facts.
 * Returns what is left of each table.
 */
function finishDraft(draft: string, tables: readonly SalvagedTable[]): SalvagedTable[] {
  const { database } = openDatabase({ path: draft });
  let deleted: ReadonlyMap<string, number> = new Map();
  try {
    database.transaction(() => {
      deleted = repairReferences(database);
      recoverWatermark(database, tables);
      settleReports(database);
      rebuildTotals(database);
    })();
    settleOldRollups(database, readWatermarkDay(database) ?? 0);
    rebuildRollups(database);
    database.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
  syncFile(draft);
  return tables.map((table) => {
    const rows = deleted.get(table.table) ?? 0;
    return { ...table, recovered: table.recovered - rows, rejected: table.rejected + rows };
  });
}

function removeDraft(draft: string): void {
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${draft}${suffix}`, { force: true });
}
