import type { Migration } from "./types.ts";

/**
 * Schema version 11: which tasks the live counters count. Frozen: a released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const LIVE_TASKS: Migration = {
  // Not additive: an older version would not note what it counts.
  name: "tasks in live counters",
  apply: (database) => database.exec("ALTER TABLE task ADD COLUMN is_live INTEGER NOT NULL DEFAULT 0"),
};
