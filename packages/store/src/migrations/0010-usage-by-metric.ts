import type { Migration } from "./types.ts";

/**
 * Schema version 10: sessions of which only a metric tells the tokens. Frozen: a released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const USAGE_BY_METRIC: Migration = {
  // Not additive: an older version would count the calls of such a session beside what the metric told.
  name: "usage that only a metric told",
  apply: (database) => database.exec("ALTER TABLE session ADD COLUMN is_by_metric INTEGER NOT NULL DEFAULT 0"),
};
