/** Proof that the totals of tasks and sessions are the sums over their calls. */
import type { Database } from "better-sqlite3";
import { MAX_TASK_STRAY_MILLIS } from "../write/locator.ts";
import { REPORTED_TOKENS } from "../write/task-report-sql.ts";
import { TOTALS } from "../write/totals.ts";
import { CALL_SUM_EXPRESSIONS } from "./call-measures.ts";

/** One total that is not the sum over the calls. */
export interface TotalDifference {
  readonly owner: "task" | "session";
  readonly key: string;
  readonly column: string;
  readonly total: number;
  readonly ledger: number;
}

const CALL_TOTALS = Object.keys(CALL_SUM_EXPRESSIONS);
const TOOL_TOTALS = {
  tool_calls: "count(*)",
  tool_errors: "coalesce(sum(fact.is_success = 0), 0)",
  tool_ms: "coalesce(sum(max(0, fact.ended_at - fact.started_at)), 0)",
};

/**
 * Adds up every call anew. Tasks and sessions that began before `keptFromMillis` are left out: some of their calls may
 * have been deleted for their age.
 */
export function checkTotals(database: Database, keptFromMillis: number): TotalDifference[] {
  const wholeFromMillis = keptFromMillis === 0 ? 0 : keptFromMillis + MAX_TASK_STRAY_MILLIS;
  return (["task", "session"] as const).flatMap((owner) => differencesOf(database, owner, wholeFromMillis));
}

function differencesOf(database: Database, owner: "task" | "session", keptFromMillis: number): TotalDifference[] {
  const columns = (expressions: Readonly<Record<string, string>>): string =>
    Object.entries(expressions)
      .map(([name, expression]) => `${expression} AS ${name}`)
      .join(", ");
  const rows = database
    .prepare<[number], Record<string, number> & { key: string }>(
      `SELECT owner.${owner}_key AS key, ${TOTALS.map((name) => `owner.${name} AS total_${name}`).join(", ")},
         ${CALL_TOTALS.map((name) => `coalesce(calls.${name}, 0) AS true_${name}`).join(", ")},
         ${Object.keys(TOOL_TOTALS)
           .map((name) => `coalesce(tools.${name}, 0) AS true_${name}`)
           .join(", ")},
         coalesce(reports.undivided_tokens, 0) AS true_undivided_tokens
       FROM ${owner} AS owner
       LEFT JOIN (SELECT fact.${owner}_id AS id, ${columns(CALL_SUM_EXPRESSIONS)} FROM model_call_fact AS fact GROUP BY 1)
         AS calls ON calls.id = owner.id
       LEFT JOIN (SELECT fact.${owner}_id AS id, ${columns(TOOL_TOTALS)} FROM tool_call AS fact GROUP BY 1)
         AS tools ON tools.id = owner.id
       LEFT JOIN (SELECT ${owner === "task" ? "id" : "session_id"} AS id, sum(${REPORTED_TOKENS("task")}) AS undivided_tokens
           FROM task WHERE report_rank > 0 GROUP BY 1)
         AS reports ON reports.id = owner.id
       WHERE coalesce(owner.started_at, ${owner === "task" ? "owner.last_seen_at, " : ""}0) >= ?
         AND (${TOTALS.map((name) => `total_${name} <> true_${name}`).join(" OR ")})`,
    )
    .all(keptFromMillis);
  return rows.flatMap((row) =>
    TOTALS.filter((name) => row[`total_${name}`] !== row[`true_${name}`]).map((column) => ({
      owner,
      key: row.key,
      column,
      total: row[`total_${column}`] ?? 0,
      ledger: row[`true_${column}`] ?? 0,
    })),
  );
}
