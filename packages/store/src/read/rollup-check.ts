/** Proof that the rollups equal the ledger. */
import type { Database } from "better-sqlite3";
import type { RollupDifference } from "../types.ts";
import { ROLLUP_COLUMNS } from "../write/rollup-columns.ts";
import { CALL_SUMS_SQL } from "./call-measures.ts";

const KEYS = ["quarter_hour", "product_id", "project_id", "agent_id", "model_id"];

/** Computes every rollup anew from the ledger and compares; the rollups themselves are only read. */
export function checkRollups(database: Database): RollupDifference[] {
  const recomputed = `
    SELECT fact.ended_at / 900000 AS quarter_hour, session.product_id, session.project_id,
      coalesce(task.agent_id, 0) AS agent_id, fact.model_id, ${CALL_SUMS_SQL},
      0 AS tool_calls, 0 AS tool_errors,
      0 AS tasks_success, 0 AS tasks_failure, 0 AS tasks_timeout, 0 AS tasks_cancelled, 0 AS tasks_unknown, 0 AS task_ms
    FROM model_call AS fact
    JOIN session ON session.id = fact.session_id
    LEFT JOIN task ON task.id = fact.task_id
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT fact.started_at / 900000, session.product_id, session.project_id, coalesce(task.agent_id, 0), 0,
      ${zeros(13)}, count(*), coalesce(sum(fact.is_success = 0), 0), ${zeros(6)}
    FROM tool_call AS fact
    JOIN session ON session.id = fact.session_id
    LEFT JOIN task ON task.id = fact.task_id
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT task.last_seen_at / 900000, session.product_id, session.project_id, task.agent_id, 0, ${zeros(15)},
      sum(result = 'success'), sum(result = 'failure'), sum(result = 'timeout'), sum(result = 'cancelled'),
      sum(result = 'unknown'), sum(task.last_seen_at - coalesce(task.started_at, task.last_seen_at))
    FROM task
    JOIN session ON session.id = task.session_id
    WHERE result IS NOT NULL AND last_seen_at IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5`;
  const statement = database.prepare<[], Record<string, number>>(`
    SELECT ${KEYS.join(", ")}, ${ROLLUP_COLUMNS.map((name) => `sum(stored_${name}) AS stored_${name}, sum(true_${name}) AS true_${name}`).join(", ")}
    FROM (
      SELECT ${KEYS.join(", ")}, ${ROLLUP_COLUMNS.map((name) => `${name} AS stored_${name}, 0 AS true_${name}`).join(", ")} FROM rollup
      UNION ALL
      SELECT ${KEYS.join(", ")}, ${ROLLUP_COLUMNS.map((name) => `0, ${name}`).join(", ")} FROM (${recomputed})
    )
    GROUP BY ${KEYS.join(", ")}
    HAVING ${ROLLUP_COLUMNS.map((name) => `sum(stored_${name}) <> sum(true_${name})`).join(" OR ")}`);
  return statement.all().flatMap((row) =>
    ROLLUP_COLUMNS.filter((column) => row[`stored_${column}`] !== row[`true_${column}`]).map((column) => ({
      quarterHour: row["quarter_hour"] ?? 0,
      dimensions: KEYS.slice(1)
        .map((key) => `${key}=${row[key]}`)
        .join(" "),
      column,
      rollup: row[`stored_${column}`] ?? 0,
      ledger: row[`true_${column}`] ?? 0,
    })),
  );
}

function zeros(count: number): string {
  return Array.from({ length: count }, () => "0").join(", ");
}
