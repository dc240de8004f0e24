import type { Migration } from "./types.ts";

/**
 * Schema version 7: what hooks report of tasks. Frozen: a released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const TASK_REPORTS: Migration = {
  // Not additive: from this version on rollups may have a sum that older ones do not know.
  name: "reports of hooks",
  apply: (database) => database.exec(SQL),
};

const SQL = `
ALTER TABLE task ADD COLUMN report_rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN reported_name TEXT;
ALTER TABLE task ADD COLUMN reported_tokens INTEGER;
ALTER TABLE task ADD COLUMN reported_ms INTEGER;
ALTER TABLE task ADD COLUMN report_knows_session INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN is_covered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN undivided_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN undivided_tokens INTEGER NOT NULL DEFAULT 0;
CREATE INDEX task_reported ON task (last_seen_at) WHERE report_rank > 0;
`;
