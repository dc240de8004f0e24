/** Tells that closed days were changed: what was worked out from an earlier state of them must not be written. */
import type { Database } from "better-sqlite3";

/** `meta`: how many times closed days were written; absent before the first time. */
const GENERATION = "rollup_generation";

export function readGeneration(database: Database): number {
  return createGenerationReader(database)();
}

/** For who asks often. */
export function createGenerationReader(database: Database): () => number {
  const select = database.prepare<[string], number>("SELECT value FROM meta WHERE key = ?").pluck();
  return () => select.get(GENERATION) ?? 0;
}

/** To be called in the transaction that writes closed days. */
export function writeGeneration(database: Database, generation: number): void {
  database
    .prepare<[string, bigint]>("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
    .run(GENERATION, BigInt(generation));
}

/** Lets `read` see one state of the file, without keeping others from writing. */
export function inOneState<T>(database: Database, read: () => T): T {
  return database.inTransaction ? read() : database.transaction(read).deferred();
}
