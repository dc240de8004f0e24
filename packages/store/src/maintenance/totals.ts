/** Totals of tasks and sessions, added up anew from their calls. */
import type { Database } from "better-sqlite3";
import { REPORTED_TOKENS } from "../write/task-report-sql.ts";
import { TOTALS } from "../write/totals.ts";
import { readWatermarkMillis } from "./watermark.ts";

const CALL_SUMS = `
  sum(error_type_id = 0 OR input IS NOT NULL) AS calls, sum(error_type_id <> 0) AS call_errors,
  sum(error_type_id = 0 AND input IS NULL) AS calls_without_usage, coalesce(sum(input), 0) AS input,
  coalesce(sum(cache_read), 0) AS cache_read, coalesce(sum(cache_write_5m), 0) AS cache_write_5m,
  coalesce(sum(cache_write_1h), 0) AS cache_write_1h, coalesce(sum(output), 0) AS output,
  coalesce(sum(reasoning), 0) AS reasoning, coalesce(sum(cost_nano_usd), 0) AS cost_nano_usd,
  coalesce(sum(CASE cost_is_reported WHEN 1 THEN cost_nano_usd END), 0) AS reported_cost_nano_usd,
  sum(input IS NOT NULL AND cost_nano_usd IS NULL) AS unpriced_calls, coalesce(sum(duration_ms), 0) AS call_ms`;
const TOOL_SUMS = `
  count(*) AS tool_calls, coalesce(sum(is_success = 0), 0) AS tool_errors,
  coalesce(sum(max(0, ended_at - started_at)), 0) AS tool_ms`;

const TOOL_TOTALS = TOTALS.filter((name) => name.startsWith("tool_"));
const CALL_TOTALS = TOTALS.filter((name) => !name.startsWith("tool_") && name !== "undivided_tokens");
const REPORT_SUMS = `sum(${REPORTED_TOKENS("task")}) AS undivided_tokens`;

/** Whether every call of an owner is younger than the watermark, the one parameter. */
const IS_WHOLE = {
  // What has no start has no calls, such as the report of a hook.
  task: "coalesce(started_at, last_seen_at, 0) >= ?",
  session: "coalesce(started_at, 0) >= ?",
} as const;

/**
 * Sets the totals of tasks and sessions to the sums over the calls that the ledger holds. Those that began before the
 * watermark keep theirs: some of their calls may have been deleted for their age, and only the totals know them.
 */
export function rebuildTotals(database: Database): void {
  const keptFromMillis = readWatermarkMillis(database);
  for (const owner of ["task", "session"] as const) {
    const zeros = TOTALS.map((name) => `${name} = 0`).join(", ");
    const statements = [
      `UPDATE ${owner} SET ${zeros} WHERE ${IS_WHOLE[owner]}`,
      addUp(owner, "model_call_fact", CALL_SUMS, CALL_TOTALS),
      addUp(owner, "tool_call", TOOL_SUMS, TOOL_TOTALS),
      addUp(owner, "task", REPORT_SUMS, ["undivided_tokens"], owner === "task" ? "id" : "session_id"),
    ];
    for (const statement of statements) database.prepare(statement).run(keptFromMillis);
  }
}

function addUp(
  owner: keyof typeof IS_WHOLE,
  source: string,
  sums: string,
  names: readonly string[],
  ownerId = `${owner}_id`,
): string {
  return `
    UPDATE ${owner} SET ${names.map((name) => `${name} = sums.${name}`).join(", ")}
    FROM (SELECT ${ownerId} AS owner, ${sums} FROM ${source} GROUP BY 1) AS sums
    WHERE sums.owner = ${owner}.id AND ${IS_WHOLE[owner]}`;
}
