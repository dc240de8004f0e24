/** Brings a file from any older schema version to the current one. */
import type { Database } from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { isFullError } from "../sqlite-errors.ts";
import { copyPathOf, hasCopy, makeCopy, removeCopy, removeOtherCopies } from "./copy-before.ts";
import { APPLICATION_ID, MIGRATIONS } from "./index.ts";
import { type MigrationPlan, planMigrations } from "./plan.ts";
import type { MigrationProgress } from "./progress.ts";
import type { Migration } from "./types.ts";

/** How to migrate. */
export interface MigrateOptions {
  readonly onProgress?: ((progress: MigrationProgress) => void) | undefined;
  /** Default: all of them. */
  readonly migrations?: readonly Migration[] | undefined;
}

/** `meta`: the version from which bringing the file up to date began; absent when that is done. */
const STARTED_AT = "migrating_from";
/** `meta`: the oldest schema version whose code reads the file right. */
export const READABLE_FROM = "readable_from";

/**
 * Applies what is missing, every migration in a transaction of its own that also raises the version: a process that is
 * killed leaves the old or the new version, and the next one goes on from there. Before the first change the file is
 * copied, under the write lock, so that the copy holds everything that was ever committed to the old version.
 *
 * Of several processes that call this at once, one does the work; the others wait for the lock as long as the busy
 * timeout allows and then find less, or nothing, to do. Must be called outside a transaction.
 *
 * @throws StoreError `full` when there is no room; the file is as it was.
 */
export function applyMigrations(
  database: Database,
  { onProgress, migrations = MIGRATIONS }: MigrateOptions = {},
): void {
  const head = migrations.length;
  while (versionOf(database) < head) {
    database.exec("BEGIN IMMEDIATE");
    const plan = planMigrations(versionOf(database), startedAt(database), migrations);
    try {
      runNextStep(database, plan, head, onProgress);
      database.exec("COMMIT");
    } catch (error) {
      if (database.inTransaction) database.exec("ROLLBACK");
      if (!isFullError(error) || plan.copyOfVersion === undefined) throw error;
      // The copy of a file that did not change is worth less than the room it takes.
      if (startedAt(database) === undefined) removeCopy(database.name, plan.copyOfVersion);
      throw noRoom(database, error);
    }
    // Without steps another process was faster, and the copy that it made must stay.
    if (plan.steps.length > 0 && versionOf(database) === head && plan.copyOfVersion !== undefined) {
      removeOtherCopies(database.name, plan.copyOfVersion);
    }
  }
}

function runNextStep(
  database: Database,
  { steps, copyOfVersion, readableFrom }: MigrationPlan,
  head: number,
  onProgress: MigrateOptions["onProgress"],
): void {
  // A new file has nothing that could be lost half-way, so it is made at once.
  for (const { toVersion, migration } of copyOfVersion === undefined ? steps : steps.slice(0, 1)) {
    const progress = { fromVersion: toVersion - 1, toVersion };
    if (copyOfVersion !== undefined) {
      ensureCopy(database, copyOfVersion, (name) => onProgress?.({ ...progress, phase: "copy", name }));
      onProgress?.({ ...progress, phase: "change", name: migration.name });
    }
    migration.apply(database);
    setMeta(database, STARTED_AT, toVersion < head ? copyOfVersion : undefined);
    setMeta(database, READABLE_FROM, readableFrom);
    database.pragma(`user_version = ${toVersion}`);
    database.pragma(`application_id = ${APPLICATION_ID}`);
  }
  // SQLite's tables of statistics, empty: made later, they would move the list of tables to the end of the file, where a
  // file that is cut short loses it first, and with it everything else.
  if (copyOfVersion === undefined) database.exec("ANALYZE");
}

/** An attempt that was cut off has made the copy already, and changed the file since. */
function ensureCopy(database: Database, version: number, announce: (path: string) => void): void {
  if (startedAt(database) !== undefined && hasCopy(database.name, version)) return;
  announce(copyPathOf(database.name, version));
  makeCopy(database.name, version);
}

function noRoom(database: Database, cause: unknown): StoreError {
  const bytes = (database.pragma("page_count", { simple: true }) as number) * pageSizeOf(database);
  const megabytes = Math.ceil((2 * bytes) / 1_000_000);
  return new StoreError(
    "full",
    `${database.name} must be brought up to date, and there is no room for it: a copy and the change need about ` +
      `${megabytes} MB. Nothing was changed. Free some space and try again.`,
    { cause },
  );
}

function pageSizeOf(database: Database): number {
  return database.pragma("page_size", { simple: true }) as number;
}

function versionOf(database: Database): number {
  return database.pragma("user_version", { simple: true }) as number;
}

function startedAt(database: Database): number | undefined {
  if (versionOf(database) === 0) return undefined;
  return database.prepare<[string], number>("SELECT value FROM meta WHERE key = ?").pluck().get(STARTED_AT);
}

function setMeta(database: Database, key: string, value: number | undefined): void {
  if (value === undefined) database.prepare("DELETE FROM meta WHERE key = ?").run(key);
  else database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").run(key, BigInt(value));
}
