/** What maintenance remembers in the file. */
import type { Database } from "better-sqlite3";

/** `meta`: what the clock said when maintenance was last complete, in milliseconds. */
const MAINTAINED_AT = "maintained_at";

/** The clock at the last complete maintenance; undefined before the first. */
export function readLastRunMillis(database: Database): number | undefined {
  return database.prepare<[string], number>("SELECT value FROM meta WHERE key = ?").pluck().get(MAINTAINED_AT);
}

export function writeLastRunMillis(database: Database, nowMillis: number): void {
  database
    .prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
    .run(MAINTAINED_AT, BigInt(Math.trunc(nowMillis)));
}
