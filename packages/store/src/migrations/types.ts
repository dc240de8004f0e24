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
