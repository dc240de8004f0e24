import type { Migration } from "./types.ts";

/**
 * Schema version 4: compressed points, hourly and daily points. Frozen: a released migration never changes.
 *
 * Every table, column and encoding is explained in docs/format/series.md.
 */
export const SERIES_TIERS: Migration = {
  name: "series tiers",
  apply: (database) => database.exec(SQL),
};

const SQL = `
CREATE TABLE series_chunk (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  day INTEGER NOT NULL,
  min_nano INTEGER NOT NULL,
  max_nano INTEGER NOT NULL,
  points INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX series_chunk_by_day ON series_chunk (day, points);

CREATE TABLE series_summary (
  id INTEGER PRIMARY KEY,
  resolution INTEGER NOT NULL,
  day INTEGER NOT NULL,
  first_series INTEGER NOT NULL,
  last_series INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_summary_by_day ON series_summary (resolution, day, first_series, last_series);

CREATE TABLE series_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  generation INTEGER NOT NULL,
  detailed_from_day INTEGER NOT NULL,
  packed_to_nano INTEGER NOT NULL
) STRICT;
INSERT INTO series_state VALUES (1, 0, -200000, -9223372036854775808);

CREATE INDEX series_by_metric ON series (identity ->> 0);
`;
