/** What the store's tests share: temporary stores, hand-made facts, and a dump of everything a store knows. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelCallFact, QualityFact, SessionFact, TaskFact, TokenUsage, ToolCallFact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { onTestFinished } from "vitest";
import { openStore } from "../src/index.ts";
import { readOpenDays } from "../src/rollup/open-sheets.ts";
import { readRollups } from "../src/rollup/read-rollups.ts";
import { DISTRIBUTIONS, ROLLUP_SUMS, type RollupGroup } from "../src/rollup/types.ts";
import { readClosedDays } from "../src/rollup/zone-days.ts";
import type { Store, StoreOptions } from "../src/types.ts";
import { TOTALS } from "../src/write/totals.ts";

export const NOON = Date.UTC(2026, 10, 22, 12, 0);

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "moai-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A new store in a folder of its own, closed and removed when the test ends. */
export function temporaryStore(options: Partial<StoreOptions> = {}): Store {
  const store = openStore({ path: join(temporaryFolder(), "metrics.db"), ...options });
  onTestFinished(() => store.close());
  return store;
}

export const USAGE: TokenUsage = {
  input: 1200,
  cacheRead: 800,
  cacheWrite5m: 60,
  cacheWrite1h: 40,
  output: 345,
  reasoning: 0,
};

export function session(fields: Partial<SessionFact> = {}): SessionFact {
  return {
    kind: "session",
    witness: "transcript",
    product: "claude-code",
    sessionId: "s1",
    activity: [{ startMillis: NOON, endMillis: NOON + 60_000 }],
    ...fields,
  };
}

export function task(fields: Partial<TaskFact> = {}): TaskFact {
  return {
    kind: "task",
    witness: "transcript",
    product: "claude-code",
    sessionId: "s1",
    taskId: "t1",
    startedAtMillis: NOON,
    lastSeenAtMillis: NOON + 5_000,
    ...fields,
  };
}

export function call(fields: Partial<ModelCallFact> = {}): ModelCallFact {
  return {
    kind: "model_call",
    witness: "transcript",
    product: "claude-code",
    sessionId: "s1",
    taskId: "t1",
    requestId: "req_1",
    responseId: "msg_1",
    endedAtMillis: NOON + 1_000,
    model: "claude-sonnet-4-5",
    usage: USAGE,
    ...fields,
  };
}

export function tool(fields: Partial<ToolCallFact> = {}): ToolCallFact {
  return {
    kind: "tool_call",
    witness: "transcript",
    product: "claude-code",
    sessionId: "s1",
    taskId: "t1",
    callId: "toolu_1",
    tool: "Bash",
    startedAtMillis: NOON + 1_500,
    ...fields,
  };
}

export function measurement(fields: Partial<QualityFact> = {}): QualityFact {
  return {
    kind: "quality",
    witness: "toolReport",
    measure: "test_coverage",
    project: "/home/dev/shop",
    tool: "lcov",
    atMillis: NOON,
    score: 0.75,
    counts: { good: 75, total: 100 },
    ...fields,
  };
}

/** Everything the ledger knows, by name instead of row number, so that two stores can be compared. */
export function dump(path: string): Record<string, unknown[]> {
  const database = new Database(path, { readonly: true });
  try {
    const all = (sql: string): unknown[] => database.prepare(sql).all();
    const name = (column: string): string => `(SELECT text FROM string WHERE id = ${column})`;
    const sessionName = (column: string): string => `(SELECT session_key FROM session WHERE id = ${column})`;
    const taskName = (column: string): string => `(SELECT task_key FROM task WHERE id = ${column})`;
    return {
      sessions: all(
        `SELECT ${name("product_id")}, session_key, ${name("project_id")}, project_rank, ${name("branch_id")}, branch_at,
         ${name("version_id")}, started_at, ended_at, has_ended, activity, ${TOTALS.join(", ")}
         FROM session ORDER BY 1, 2`,
      ),
      tags: all(
        `SELECT ${sessionName("session_id")}, ${name("key_id")}, ${name("value_id")}, rank FROM session_tag ORDER BY 1, 2`,
      ),
      tasks: all(
        `SELECT task_key, ${sessionName("session_id")}, parent_key, kind, ${name("agent_id")}, agent_rank, started_at,
         last_seen_at, result, result_rank, result_at, ${name("error_type_id")}, lines_added, lines_removed,
         report_rank, reported_name, reported_tokens, reported_ms, report_knows_session, is_covered, ${TOTALS.join(", ")}
         FROM task ORDER BY 1`,
      ),
      calls: all(
        // A row lies by one of its keys, at the quarter hour of whichever sighting came first: neither is told apart here.
        `SELECT max(place_key, coalesce(other_key, 0)), min(place_key, coalesce(other_key, 0)), shape.flags & 14,
         shape.ranks, ${sessionName("session_id")}, ${taskName("task_id")}, ${name("fact.model_id")}, ended_at, duration_ms,
         first_chunk_ms, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, web_searches, is_fast,
         cost_nano_usd, cost_is_reported, ${name("fact.error_type_id")}, shape.witnesses, (SELECT group_concat(concat_ws(
           ' ', witness, d.input, d.cache_read, d.cache_write, d.output), ';' ORDER BY witness)
           FROM model_call_dissent AS d WHERE d.call_id = fact.id) AS dissents
         FROM (SELECT call.id, call.other_key, call.shape_id,
             (call.key_rest >> 2) * 4194301 + (call.id & 4194303) - (call.key_rest & 3) AS place_key
           FROM model_call AS call) AS keyed
         JOIN model_call_fact AS fact USING (id) JOIN call_shape AS shape ON shape.id = keyed.shape_id
         ORDER BY 1, 2, 8`,
      ),
      tools: all(
        `SELECT call_key, ranks, ${sessionName("session_id")}, ${taskName("task_id")}, ${name("tool_id")}, started_at,
         ended_at, is_success, ${name("error_type_id")}, lines_added, lines_removed FROM tool_call ORDER BY 1, 6`,
      ),
      files: all(`SELECT ${taskName("task_id")}, change, count(*) FROM file_change GROUP BY 1, 2 ORDER BY 1, 2`),
      quality: all(
        `SELECT ${name("project_id")}, measure, ${name("benchmark_id")}, ${name("tool_id")}, measured_at, rank, score, good,
         total FROM quality ORDER BY 1, 2, 3, 4, 5`,
      ),
      rollups: everyRollup(database),
    };
  } finally {
    database.close();
  }
}

/** Everything that the rollups say, by quarter hour and cell, whatever is open or closed. */
export function everyRollup(database: Database.Database): RollupGroup[] {
  const days = [...readOpenDays(database), ...readClosedDays(database)].sort((a, b) => a - b);
  return [...new Set(days)].flatMap((day) => {
    const edges = Array.from({ length: 97 }, (_, slot) => day * 96 + slot);
    const groups = readRollups(database, {
      edges,
      filter: {},
      groupBy: ["product", "project", "agent", "model"],
      sums: ROLLUP_SUMS,
      extremes: DISTRIBUTIONS,
      histograms: DISTRIBUTIONS,
    });
    return groups
      .map((group) => ({
        ...group,
        bucket: day * 96 + group.bucket,
        histograms: group.histograms.map(({ count, buckets }) => ({ count, buckets: new Map(buckets) })),
      }))
      .sort((a, b) => a.bucket - b.bucket || (String(a.key) < String(b.key) ? -1 : 1));
  });
}
