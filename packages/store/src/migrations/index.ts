/** Brings a file from any older schema version to the current one. */
import type { Database } from "better-sqlite3";
import { LEDGER_ROLLUPS_SERIES } from "./0001-ledger-rollups-series.ts";

/** `PRAGMA application_id` of our files: "MoAI" in ASCII. */
export const APPLICATION_ID = 0x4d6f4149;

/** SQL of every version, in order: entry 0 leads from an empty file to version 1. */
const MIGRATIONS: readonly string[] = [LEDGER_ROLLUPS_SERIES];

/** The schema version that this code reads and writes; `PRAGMA user_version` of the file. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** The SQL that leads from `fromVersion` to the current version, oldest first. */
function planMigrations(fromVersion: number): readonly string[] {
  return MIGRATIONS.slice(fromVersion);
}

/**
 * Applies what is missing in one transaction. Two processes may call this at once: the second one finds nothing to
 * do. Must be called outside a transaction.
 */
export function applyMigrations(database: Database): void {
  database
    .transaction(() => {
      const version = database.pragma("user_version", { simple: true }) as number;
      for (const sql of planMigrations(version)) database.exec(sql);
      database.pragma(`user_version = ${SCHEMA_VERSION}`);
      database.pragma(`application_id = ${APPLICATION_ID}`);
    })
    .immediate();
}
