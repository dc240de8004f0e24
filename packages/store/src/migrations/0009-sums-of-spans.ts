import type { Migration } from "./types.ts";

/**
 * Schema version 9: calls that turned out to be sums of calls inside of them, and how spans lie in each other. Frozen: a
 * released migration never changes.
 *
 * Every column is explained in docs/format/tables.md.
 */
export const SUMS_OF_SPANS: Migration = {
  // Not additive: an older version would count the sums.
  name: "calls that are sums",
  apply: (database) => database.exec(SQL),
};

const SQL = `
CREATE TABLE span_link (
  id INTEGER PRIMARY KEY,
  span_key INTEGER NOT NULL UNIQUE,
  state TEXT NOT NULL
) STRICT;

DROP VIEW model_call_fact;
CREATE VIEW model_call_fact AS
SELECT call.id, call.session_id, call.task_id, shape.model_id,
  ((call.id >> 22) + 1753152) * 900000 + call.ended_ms AS ended_at,
  call.duration_ms, call.first_chunk_ms,
  call.input, call.cache_read, call.cache_write_5m, call.cache_write_1h, call.output, call.reasoning,
  call.web_searches, (shape.flags >> 2) & 1 AS is_fast,
  call.cost_nano_usd, (shape.flags >> 3) & 1 AS cost_is_reported,
  shape.price_id, shape.error_type_id, shape.witnesses
FROM model_call AS call JOIN call_shape AS shape ON shape.id = call.shape_id
WHERE shape.flags & 32 = 0;
`;
