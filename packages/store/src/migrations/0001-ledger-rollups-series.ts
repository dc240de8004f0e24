import type { Migration } from "./index.ts";

/**
 * Schema version 1. Frozen: a released migration never changes.
 *
 * Every table and column is explained in docs/format/tables.md.
 */
export const LEDGER_ROLLUPS_SERIES: Migration = {
  name: "ledger, rollups, series",
  apply: (database) => database.exec(SQL),
};

const SQL = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE string (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL,
  session_key TEXT NOT NULL,
  project_id INTEGER NOT NULL,
  project_rank INTEGER NOT NULL,
  branch_id INTEGER NOT NULL,
  branch_rank INTEGER NOT NULL,
  branch_at INTEGER NOT NULL,
  version_id INTEGER NOT NULL,
  version_rank INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  has_ended INTEGER NOT NULL,
  activity TEXT NOT NULL,
  UNIQUE (product_id, session_key)
) STRICT;

CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL,
  task_key TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  session_rank INTEGER NOT NULL,
  parent_key TEXT,
  parent_rank INTEGER NOT NULL,
  kind TEXT,
  kind_rank INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  agent_rank INTEGER NOT NULL,
  started_at INTEGER,
  last_seen_at INTEGER,
  result TEXT,
  result_rank INTEGER NOT NULL,
  result_at INTEGER,
  error_type_id INTEGER NOT NULL,
  lines_added INTEGER,
  lines_removed INTEGER,
  UNIQUE (product_id, task_key)
) STRICT;
CREATE INDEX task_by_time ON task (last_seen_at);
CREATE INDEX task_by_session ON task (session_id);
CREATE INDEX task_open ON task (last_seen_at) WHERE result IS NULL;

CREATE TABLE model_call (
  id INTEGER PRIMARY KEY,
  request_key INTEGER,
  response_key INTEGER,
  is_replay INTEGER NOT NULL,
  ranks INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  task_id INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  duration_ms INTEGER,
  first_chunk_ms INTEGER,
  input INTEGER,
  cache_read INTEGER,
  cache_write_5m INTEGER,
  cache_write_1h INTEGER,
  output INTEGER,
  reasoning INTEGER,
  web_searches INTEGER,
  is_fast INTEGER,
  cost_nano_usd INTEGER,
  cost_is_reported INTEGER NOT NULL,
  price_id INTEGER NOT NULL,
  error_type_id INTEGER NOT NULL
) STRICT;

CREATE TABLE model_call_alias (
  id INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  call_id INTEGER NOT NULL
) STRICT;

CREATE TABLE tool_call (
  id INTEGER PRIMARY KEY,
  call_key INTEGER NOT NULL,
  ranks INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  task_id INTEGER NOT NULL,
  tool_id INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  is_success INTEGER,
  error_type_id INTEGER NOT NULL,
  lines_added INTEGER,
  lines_removed INTEGER
) STRICT;

CREATE TABLE file_change (
  task_id INTEGER NOT NULL,
  path_hash INTEGER NOT NULL,
  change TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (task_id, path_hash, change)
) STRICT, WITHOUT ROWID;

CREATE TABLE price (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  input REAL NOT NULL,
  cache_read REAL NOT NULL,
  cache_write_5m REAL NOT NULL,
  cache_write_1h REAL NOT NULL,
  output REAL NOT NULL,
  web_search REAL NOT NULL,
  UNIQUE (source, input, cache_read, cache_write_5m, cache_write_1h, output, web_search)
) STRICT;

CREATE TABLE rollup (
  quarter_hour INTEGER NOT NULL,
  product_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  call_errors INTEGER NOT NULL,
  calls_without_usage INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  reported_cost_nano_usd INTEGER NOT NULL,
  unpriced_calls INTEGER NOT NULL,
  call_ms INTEGER NOT NULL,
  tool_calls INTEGER NOT NULL,
  tool_errors INTEGER NOT NULL,
  tasks_success INTEGER NOT NULL,
  tasks_failure INTEGER NOT NULL,
  tasks_timeout INTEGER NOT NULL,
  tasks_cancelled INTEGER NOT NULL,
  tasks_unknown INTEGER NOT NULL,
  task_ms INTEGER NOT NULL,
  PRIMARY KEY (quarter_hour, product_id, project_id, agent_id, model_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE transcript (
  path TEXT PRIMARY KEY,
  product TEXT NOT NULL,
  inode INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  modified_at REAL NOT NULL,
  offset_bytes INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE skipped (
  path TEXT NOT NULL,
  product TEXT NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (path, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE point (
  time_nano INTEGER NOT NULL,
  series_id INTEGER NOT NULL,
  start_nano INTEGER NOT NULL,
  value ANY,
  distribution TEXT,
  PRIMARY KEY (time_nano, series_id, start_nano)
) STRICT, WITHOUT ROWID;
`;
