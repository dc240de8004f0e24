/** Decides what bringing a file up to date takes. */
import type { Migration } from "./types.ts";

/** What has to be done to a file. */
export interface MigrationPlan {
  /** The migrations to run, oldest first, each with the version that it leads to. */
  readonly steps: readonly { readonly toVersion: number; readonly migration: Migration }[];
  /** The version whose copy has to exist before anything changes; undefined for a file that holds nothing yet. */
  readonly copyOfVersion: number | undefined;
  /** The oldest version of the code that will read the file right. */
  readonly readableFrom: number;
}

/**
 * @param version the schema version of the file; 0 for an empty one.
 * @param startedAt the version from which an earlier attempt began that did not get to its end.
 */
export function planMigrations(
  version: number,
  startedAt: number | undefined,
  migrations: readonly Migration[],
): MigrationPlan {
  return {
    steps: migrations.slice(version).map((migration, i) => ({ toVersion: version + i + 1, migration })),
    copyOfVersion: version === 0 ? undefined : (startedAt ?? version),
    readableFrom: migrations.findLastIndex(({ isAdditive }) => isAdditive !== true) + 1,
  };
}
