import type { Migration } from "./types.ts";

/**
 * Schema version 6: counters of what was told while it happened, and what readers of them have been shown. Frozen: a
 * released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const LIVE_COUNTERS: Migration = {
  name: "live counters",
  isAdditive: true,
  apply: (database) => database.exec(SQL),
};

const SQL = `
CREATE TABLE live_counter (
  product_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  tool_id INTEGER NOT NULL,
  error_type_id INTEGER NOT NULL,
  task_kind TEXT NOT NULL,
  task_result TEXT NOT NULL,
  since INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (product_id, project_id, agent_id, model_id, tool_id, error_type_id, task_kind, task_result)
) STRICT, WITHOUT ROWID;

CREATE TABLE exposed_series (
  reader TEXT NOT NULL,
  series TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  shown TEXT NOT NULL,
  received TEXT,
  PRIMARY KEY (reader, series)
) STRICT, WITHOUT ROWID;
`;
