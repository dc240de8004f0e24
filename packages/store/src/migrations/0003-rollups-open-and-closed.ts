import { buildFirstRollups } from "../rollup/rebuild.ts";
import type { Migration } from "./types.ts";

/**
 * Schema version 3: rollups of quarter hours and whole days with histograms, instead of one row per quarter hour and
 * cell. A later change of their encoding must make them anew as well.
 *
 * Every table and column is explained in docs/format/rollups.md.
 */
export const ROLLUPS_OPEN_AND_CLOSED: Migration = {
  name: "rollups with histograms",
  apply(database) {
    database.exec(SQL);
    buildFirstRollups(database);
  },
};

const SQL = `
DROP TABLE rollup;

CREATE TABLE rollup_sheet (
  id INTEGER PRIMARY KEY,
  data BLOB NOT NULL
) STRICT;

CREATE TABLE rollup_column (
  id INTEGER PRIMARY KEY,
  codec INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;

CREATE TABLE rollup_zone (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO rollup_zone (id, name) VALUES (1, 'UTC');

CREATE TABLE rollup_day (
  zone_id INTEGER NOT NULL,
  first_quarter_hour INTEGER NOT NULL,
  quarter_hours INTEGER NOT NULL,
  PRIMARY KEY (zone_id, first_quarter_hour)
) STRICT, WITHOUT ROWID;
`;
