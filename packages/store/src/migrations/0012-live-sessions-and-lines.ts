import type { Migration } from "./types.ts";

/**
 * Schema version 12: which sessions the live counters count, and which lines of tasks. Frozen: a released migration never
 * changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const LIVE_SESSIONS_AND_LINES: Migration = {
  // Not additive: an older version would not note what it counts.
  name: "sessions and lines in live counters",
  apply: (database) => database.exec(SQL),
};

const SQL = `
ALTER TABLE session ADD COLUMN is_live INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN live_lines_added INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN live_lines_removed INTEGER NOT NULL DEFAULT 0;
`;
