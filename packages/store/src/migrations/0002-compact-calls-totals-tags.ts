/**
 * Schema version 2: calls in half the bytes, totals on tasks and sessions, tags of sessions. Frozen: a released
 * migration never changes, so what it shares with the code of today is written out here once more.
 *
 * Every table and column is explained in docs/format/tables.md.
 */
import { hash53 } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { Migration } from "./index.ts";

export const COMPACT_CALLS_TOTALS_TAGS: Migration = {
  name: "compact calls, totals, tags",
  apply(database) {
    for (const table of RENAMED) database.exec(`ALTER TABLE ${table} RENAME TO ${table}_v1`);
    database.function("hash_of_task_key", { deterministic: true, directOnly: true }, (key) =>
      BigInt(hash53(String(key)) % KEY_LIMIT),
    );
    database.exec(TABLES);
    const newIds = copyCalls(database);
    copyAliases(database, newIds);
    copyTools(database);
    for (const owner of ["task", "session"]) database.exec(addUp(owner));
    for (const table of RENAMED) database.exec(`DROP TABLE ${table}_v1`);
  },
};

const TOTALS = [
  "calls",
  "call_errors",
  "calls_without_usage",
  "input",
  "cache_read",
  "cache_write_5m",
  "cache_write_1h",
  "output",
  "reasoning",
  "cost_nano_usd",
  "reported_cost_nano_usd",
  "unpriced_calls",
  "call_ms",
  "tool_calls",
  "tool_errors",
  "tool_ms",
];
const TOTAL_COLUMNS = TOTALS.map((name) => `${name} INTEGER NOT NULL`).join(", ");
const NO_TOTALS = TOTALS.map(() => "0").join(", ");

const RENAMED = ["session", "task", "model_call", "model_call_alias", "tool_call"];

const TABLES = `
DROP INDEX task_by_time;
DROP INDEX task_by_session;
DROP INDEX task_open;

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
  ${TOTAL_COLUMNS},
  UNIQUE (product_id, session_key)
) STRICT;
INSERT INTO session SELECT *, ${NO_TOTALS} FROM session_v1;
CREATE INDEX session_by_time ON session (ended_at);

CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL,
  task_key TEXT NOT NULL,
  key_hash INTEGER NOT NULL,
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
  ${TOTAL_COLUMNS}
) STRICT;
INSERT INTO task SELECT id, product_id, task_key, hash_of_task_key(task_key), session_id, session_rank, parent_key,
  parent_rank, kind, kind_rank, agent_id, agent_rank, started_at, last_seen_at, result, result_rank, result_at,
  error_type_id, lines_added, lines_removed, ${NO_TOTALS} FROM task_v1;
CREATE INDEX task_by_key ON task (key_hash);
CREATE INDEX task_by_time ON task (last_seen_at);
CREATE INDEX task_by_session ON task (session_id);
CREATE INDEX task_open ON task (last_seen_at) WHERE result IS NULL;

CREATE TABLE call_shape (
  id INTEGER PRIMARY KEY,
  ranks INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  price_id INTEGER NOT NULL,
  error_type_id INTEGER NOT NULL,
  UNIQUE (ranks, flags, model_id, price_id, error_type_id)
) STRICT;

CREATE TABLE model_call (
  id INTEGER PRIMARY KEY,
  key_rest INTEGER NOT NULL,
  other_key INTEGER,
  shape_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  task_id INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  duration_ms INTEGER,
  first_chunk_ms INTEGER,
  input INTEGER,
  cache_read INTEGER,
  cache_write_5m INTEGER,
  cache_write_1h INTEGER,
  output INTEGER,
  reasoning INTEGER,
  web_searches INTEGER,
  cost_nano_usd INTEGER
) STRICT;

CREATE TABLE model_call_alias (
  id INTEGER PRIMARY KEY,
  call_place INTEGER NOT NULL
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

-- A model call as questions see it: with its time, and with what calls share spelled out.
CREATE VIEW model_call_fact AS
SELECT call.id, call.session_id, call.task_id, shape.model_id,
  ((call.id >> 22) + 1753152) * 900000 + call.ended_ms AS ended_at,
  call.duration_ms, call.first_chunk_ms,
  call.input, call.cache_read, call.cache_write_5m, call.cache_write_1h, call.output, call.reasoning,
  call.web_searches, (shape.flags >> 2) & 1 AS is_fast,
  call.cost_nano_usd, (shape.flags >> 3) & 1 AS cost_is_reported,
  shape.price_id, shape.error_type_id
FROM model_call AS call JOIN call_shape AS shape ON shape.id = call.shape_id;

CREATE TABLE session_tag (
  session_id INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  value_id INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  PRIMARY KEY (session_id, key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_tag_by_value ON session_tag (key_id, value_id);
`;

const OLD_PLACES = 2 ** 31;
const PLACES = 2 ** 22;
const SLOTS = 4;
const SPREAD = PLACES - SLOTS + 1;
const BASE_QUARTER_HOUR = 1_753_152;
const QUARTER_HOUR_MILLIS = 900_000;
const KEY_LIMIT = 2 ** 48;
const LIES_BY_RESPONSE = 1;

type Row = Readonly<Record<string, number | null>>;

function firstSlotOf(quarterHour: number, key: number): number {
  return (quarterHour - BASE_QUARTER_HOUR) * PLACES + (key % SPREAD);
}

/** Copies every call; returns the new row numbers by the old ones. */
function copyCalls(database: Database): Map<number, number> {
  const shape = database
    .prepare<(number | null)[], number>(
      `INSERT INTO call_shape (ranks, flags, model_id, price_id, error_type_id) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET ranks = ranks RETURNING id`,
    )
    .pluck();
  const insert = database.prepare<(number | null)[]>(
    `INSERT OR IGNORE INTO model_call VALUES (${Array.from({ length: 17 }, () => "?").join(", ")})`,
  );
  const insertAlias = database.prepare<[number, number]>("INSERT OR IGNORE INTO model_call_alias VALUES (?, ?)");
  const newIds = new Map<number, number>();
  for (const row of rowsOf(database, "model_call_v1")) {
    const of = (column: string): number => row[column] ?? 0;
    const request = keyOf(row["request_key"]);
    const response = keyOf(row["response_key"]);
    const key = request ?? response ?? 0;
    const quarterHour = Math.floor(of("ended_at") / QUARTER_HOUR_MILLIS);
    const oldQuarterHour = Math.floor(of("id") / OLD_PLACES);
    const flags =
      (request === undefined ? LIES_BY_RESPONSE : 0) +
      2 * of("is_replay") +
      4 * of("is_fast") +
      8 * of("cost_is_reported");
    const shapeId = shape.get(of("ranks"), flags, of("model_id"), of("price_id"), of("error_type_id")) ?? 0;
    const first = firstSlotOf(quarterHour, key);
    for (let slot = 0; slot < SLOTS; slot++) {
      const { changes } = insert.run(
        first + slot,
        Math.floor(key / SPREAD) * SLOTS + slot,
        request === undefined ? null : (response ?? null),
        shapeId,
        of("session_id"),
        of("task_id"),
        of("ended_at") - quarterHour * QUARTER_HOUR_MILLIS,
        ...["duration_ms", "first_chunk_ms", "input", "cache_read", "cache_write_5m", "cache_write_1h"].map(
          (column) => row[column] ?? null,
        ),
        ...["output", "reasoning", "web_searches", "cost_nano_usd"].map((column) => row[column] ?? null),
      );
      if (changes === 0) continue;
      newIds.set(of("id"), first + slot);
      // The old row lay where it was seen first; the new one lies at its time, and is found from both.
      if (oldQuarterHour !== quarterHour) addAlias(insertAlias, oldQuarterHour, key, first + slot);
      if (request !== undefined && response !== undefined) {
        addAlias(insertAlias, quarterHour, response, first + slot);
      }
      break;
    }
  }
  return newIds;
}

function copyAliases(database: Database, newIds: ReadonlyMap<number, number>): void {
  const insertAlias = database.prepare<[number, number]>("INSERT OR IGNORE INTO model_call_alias VALUES (?, ?)");
  for (const { id, key, call_id: oldId } of rowsOf(database, "model_call_alias_v1")) {
    const newId = newIds.get(oldId ?? 0);
    if (newId !== undefined) addAlias(insertAlias, Math.floor((id ?? 0) / OLD_PLACES), keyOf(key ?? null) ?? 0, newId);
  }
}

function addAlias(
  insert: { run(id: number, place: number): { changes: number } },
  quarterHour: number,
  key: number,
  callId: number,
): void {
  const first = firstSlotOf(quarterHour, key);
  const callPlace = callId - (quarterHour - BASE_QUARTER_HOUR) * PLACES;
  for (let slot = 0; slot < SLOTS; slot++) if (insert.run(first + slot, callPlace).changes === 1) return;
}

function copyTools(database: Database): void {
  const columns = `call_key, ranks, session_id, task_id, tool_id, started_at, ended_at, is_success, error_type_id,
    lines_added, lines_removed`;
  const insert = database.prepare<[number, number]>(
    `INSERT OR IGNORE INTO tool_call (id, ${columns}) SELECT ?, ${columns} FROM tool_call_v1 WHERE id = ?`,
  );
  for (const { id, call_key: key } of rowsOf(database, "tool_call_v1")) {
    const first = firstSlotOf(Math.floor((id ?? 0) / OLD_PLACES), key ?? 0);
    for (let slot = 0; slot < SLOTS; slot++) if (insert.run(first + slot, id ?? 0).changes === 1) break;
  }
}

const ROWS_AT_ONCE = 1_000;

function* rowsOf(database: Database, table: string): Generator<Row> {
  const select = database.prepare<[number], Row>(
    `SELECT * FROM ${table} WHERE id > ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`,
  );
  let last = -1;
  for (;;) {
    const rows = select.all(last);
    yield* rows;
    last = rows.at(-1)?.["id"] ?? last;
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

function keyOf(hash: number | null | undefined): number | undefined {
  return hash === null || hash === undefined ? undefined : hash % KEY_LIMIT;
}

/** Sums of the calls of every task or session. */
function addUp(owner: string): string {
  return `
    UPDATE ${owner} SET (calls, call_errors, calls_without_usage, input, cache_read, cache_write_5m, cache_write_1h,
        output, reasoning, cost_nano_usd, reported_cost_nano_usd, unpriced_calls, call_ms) =
      (sums.c1, sums.c2, sums.c3, sums.c4, sums.c5, sums.c6, sums.c7, sums.c8, sums.c9, sums.c10, sums.c11, sums.c12,
       sums.c13)
    FROM (
      SELECT ${owner}_id AS owner, sum(error_type_id = 0 OR input IS NOT NULL) AS c1, sum(error_type_id <> 0) AS c2,
        sum(error_type_id = 0 AND input IS NULL) AS c3, coalesce(sum(input), 0) AS c4,
        coalesce(sum(cache_read), 0) AS c5, coalesce(sum(cache_write_5m), 0) AS c6,
        coalesce(sum(cache_write_1h), 0) AS c7, coalesce(sum(output), 0) AS c8, coalesce(sum(reasoning), 0) AS c9,
        coalesce(sum(cost_nano_usd), 0) AS c10,
        coalesce(sum(CASE cost_is_reported WHEN 1 THEN cost_nano_usd END), 0) AS c11,
        sum(input IS NOT NULL AND cost_nano_usd IS NULL) AS c12, coalesce(sum(duration_ms), 0) AS c13
      FROM model_call_fact GROUP BY ${owner}_id
    ) AS sums WHERE sums.owner = ${owner}.id;
    UPDATE ${owner} SET (tool_calls, tool_errors, tool_ms) = (sums.t1, sums.t2, sums.t3)
    FROM (
      SELECT ${owner}_id AS owner, count(*) AS t1, coalesce(sum(is_success = 0), 0) AS t2,
        coalesce(sum(max(0, ended_at - started_at)), 0) AS t3
      FROM tool_call GROUP BY ${owner}_id
    ) AS sums WHERE sums.owner = ${owner}.id;`;
}
