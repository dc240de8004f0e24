import type { Migration } from "./types.ts";

/**
 * Schema version 5: measurements of quality. Frozen: a released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const QUALITY: Migration = {
  // Not additive: from this version on closed rollups may be of codec 2, which older ones cannot read.
  name: "measurements of quality",
  apply: (database) => database.exec(SQL),
};

const SQL = `
CREATE TABLE quality (
  project_id INTEGER NOT NULL,
  measure TEXT NOT NULL,
  benchmark_id INTEGER NOT NULL,
  tool_id INTEGER NOT NULL,
  measured_at INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  score REAL NOT NULL,
  good INTEGER,
  total INTEGER,
  PRIMARY KEY (project_id, measure, benchmark_id, tool_id, measured_at)
) STRICT, WITHOUT ROWID;
`;
