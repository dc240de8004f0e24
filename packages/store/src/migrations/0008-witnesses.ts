import type { Database } from "better-sqlite3";
import type { Migration } from "./types.ts";

/**
 * Schema version 8: who told of a call. Frozen: a released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const WITNESSES: Migration = {
  // Not additive: an older version would add shapes without their witnesses.
  name: "who told of a call",
  apply(database) {
    database.exec(SQL);
    fillWitnesses(database);
  },
};

/** The view looks into the table that is made anew, so it is made anew, too. */
const SQL = `
DROP VIEW model_call_fact;
ALTER TABLE call_shape RENAME TO call_shape_v7;

CREATE TABLE call_shape (
  id INTEGER PRIMARY KEY,
  ranks INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  witnesses INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  price_id INTEGER NOT NULL,
  error_type_id INTEGER NOT NULL,
  UNIQUE (ranks, flags, witnesses, model_id, price_id, error_type_id)
) STRICT;
INSERT INTO call_shape SELECT id, ranks, flags, 0, model_id, price_id, error_type_id FROM call_shape_v7;
DROP TABLE call_shape_v7;

CREATE TABLE model_call_dissent (
  call_id INTEGER NOT NULL,
  witness INTEGER NOT NULL,
  input INTEGER,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output INTEGER NOT NULL,
  PRIMARY KEY (call_id, witness)
) STRICT, WITHOUT ROWID;

CREATE VIEW model_call_fact AS
SELECT call.id, call.session_id, call.task_id, shape.model_id,
  ((call.id >> 22) + 1753152) * 900000 + call.ended_ms AS ended_at,
  call.duration_ms, call.first_chunk_ms,
  call.input, call.cache_read, call.cache_write_5m, call.cache_write_1h, call.output, call.reasoning,
  call.web_searches, (shape.flags >> 2) & 1 AS is_fast,
  call.cost_nano_usd, (shape.flags >> 3) & 1 AS cost_is_reported,
  shape.price_id, shape.error_type_id, shape.witnesses
FROM model_call AS call JOIN call_shape AS shape ON shape.id = call.shape_id;
`;

const RANK_LIMIT = 64;
const RANKS = 8;
/** inferred, span, hook, log, transcriptSidechain, transcript, toolReport, process. */
const BIT_OF_RANK: Readonly<Record<number, number>> = { 1: 1, 40: 2, 43: 4, 45: 8, 49: 16, 50: 32, 55: 64, 60: 128 };

/** Of older calls those witnesses are known that told something better than all others. */
function fillWitnesses(database: Database): void {
  const shapes = database.prepare<[], { id: number; ranks: number }>("SELECT id, ranks FROM call_shape").all();
  const update = database.prepare<[number, number]>("UPDATE call_shape SET witnesses = ? WHERE id = ?");
  for (const { id, ranks } of shapes) {
    let witnesses = 0;
    for (let i = 0; i < RANKS; i++) {
      const rank = Math.floor(ranks / RANK_LIMIT ** i) % RANK_LIMIT;
      witnesses |= BIT_OF_RANK[rank] ?? 0;
    }
    update.run(witnesses, id);
  }
}
