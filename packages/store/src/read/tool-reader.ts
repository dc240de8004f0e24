/** Tool calls by tool. */
import type { Database } from "better-sqlite3";
import { rowRange } from "../write/locator.ts";
import { TOOL_SUMS_SQL } from "./fact-sums.ts";
import { joinConditions, planColumnFilter, planTextFilter } from "./filters.ts";
import type { LedgerFilter, ToolShare } from "./types.ts";

/** @throws RangeError for a filter on models: tool calls have none. */
export function readTools(database: Database, filter: LedgerFilter): ToolShare[] {
  if (filter.models !== undefined) {
    throw new RangeError("tool calls cannot be filtered by model: they have none. Leave the model out.");
  }
  const range = filter.range ?? { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };
  const { firstId, lastId } = rowRange(range.startMillis, range.endMillis);
  const where = joinConditions([
    { condition: "fact.id BETWEEN ? AND ?", parameters: [firstId, lastId] },
    { condition: "fact.started_at >= ? AND fact.started_at < ?", parameters: [range.startMillis, range.endMillis] },
    planColumnFilter(
      { product: "session.product_id", project: "session.project_id", agent: "coalesce(task.agent_id, 0)" },
      filter,
    ),
    planTextFilter("session.session_key", filter.sessionIds),
  ]);
  return database
    .prepare<unknown[], ToolShare>(
      `SELECT ${TOOL_SUMS_SQL}
       FROM tool_call AS fact
       JOIN session ON session.id = fact.session_id
       LEFT JOIN task ON task.id = fact.task_id
       LEFT JOIN string AS name ON name.id = fact.tool_id
       WHERE ${where.condition}
       GROUP BY fact.tool_id
       ORDER BY toolCalls DESC, tool`,
    )
    .all(...where.parameters);
}
