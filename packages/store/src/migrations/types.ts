/** What a migration is. */
import type { Database } from "better-sqlite3";

/** One step from a schema version to the next. Frozen once released. */
export interface Migration {
  /** What it brings, in a few words. */
  readonly name: string;
  /** Older versions read the file right, then and ever after: it only adds what they need not know. Default false. */
  readonly isAdditive?: boolean;
  /** Changes the file; runs inside a transaction that also raises the version. */
  apply(database: Database): void;
}

/** Where bringing a file up to date has got to; said before each part. */
export interface MigrationProgress {
  /** `copy`: the file is copied as it is; `change`: one migration runs. */
  readonly phase: "copy" | "change";
  readonly fromVersion: number;
  readonly toVersion: number;
  /** What the migration brings, or the path of the copy. */
  readonly name: string;
}
