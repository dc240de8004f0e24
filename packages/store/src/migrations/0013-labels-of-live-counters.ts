import type { Migration } from "./types.ts";

/**
 * Schema version 13: tags of sessions as labels of live counters. Frozen: a released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const LABELS_OF_LIVE_COUNTERS: Migration = {
  // Not additive: an older version would count facts without their labels.
  name: "labels of live counters",
  apply: (database) => database.exec(SQL),
};

const COLUMNS =
  "product_id, project_id, agent_id, model_id, tool_id, error_type_id, task_kind, task_result, since, data";

const SQL = `
CREATE TABLE live_label (
  key_id INTEGER PRIMARY KEY
) STRICT;

ALTER TABLE session ADD COLUMN labels_id INTEGER NOT NULL DEFAULT 0;

CREATE TABLE live_counter_v13 (
  product_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  tool_id INTEGER NOT NULL,
  error_type_id INTEGER NOT NULL,
  task_kind TEXT NOT NULL,
  task_result TEXT NOT NULL,
  labels_id INTEGER NOT NULL,
  since INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (product_id, project_id, agent_id, model_id, tool_id, error_type_id, task_kind, task_result, labels_id)
) STRICT, WITHOUT ROWID;
INSERT INTO live_counter_v13 (${COLUMNS}, labels_id) SELECT ${COLUMNS}, 0 FROM live_counter;
DROP TABLE live_counter;
ALTER TABLE live_counter_v13 RENAME TO live_counter;
`;
