/** After a salvage: nothing may refer to a row that is lost. */
import type { Database } from "better-sqlite3";
import { deleteUnsoundQuality } from "./unsound-quality.ts";
import { deleteLostDissents } from "./witnesses.ts";

/**
 * Deletes calls, tasks and files whose session, task, shape or product is lost (transcripts bring them back whole),
 * measurements of quality that have lost a name (importing their reports brings them back), and keeps lost names from
 * being taken by new ones. Returns how many rows went, by table.
 */
export function repairReferences(database: Database): ReadonlyMap<string, number> {
  const deleted = new Map<string, number>();
  for (const [table, condition] of LOST) {
    deleted.set(table, database.prepare(`DELETE FROM ${table} WHERE ${condition}`).run().changes);
  }
  deleted.set("model_call_dissent", deleteLostDissents(database));
  deleted.set("quality", deleteUnsoundQuality(database));
  reserveStringNumbers(database);
  return deleted;
}

const NO_SESSION = "NOT EXISTS (SELECT 1 FROM session WHERE session.id = session_id)";
const NO_TASK = "NOT EXISTS (SELECT 1 FROM task WHERE task.id = task_id)";

/** The product is part of the natural key: without its name, the same session told again would be another one. */
const NO_PRODUCT = "NOT EXISTS (SELECT 1 FROM string WHERE string.id = product_id)";

/** What goes, in this order: calls go with their task, tasks with their session. */
const LOST: readonly (readonly [table: string, condition: string])[] = [
  ["session", NO_PRODUCT],
  ["task", `${NO_PRODUCT} OR ${NO_SESSION}`],
  [
    "model_call",
    `${NO_SESSION} OR (task_id <> 0 AND ${NO_TASK})
     OR NOT EXISTS (SELECT 1 FROM call_shape WHERE call_shape.id = shape_id)`,
  ],
  ["tool_call", `${NO_SESSION} OR (task_id <> 0 AND ${NO_TASK})`],
  ["file_change", NO_TASK],
  ["session_tag", NO_SESSION],
];

/** Columns that hold numbers of strings. */
const STRING_COLUMNS: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ["session", ["product_id", "project_id", "branch_id", "version_id", "labels_id"]],
  ["task", ["product_id", "agent_id", "error_type_id"]],
  ["call_shape", ["model_id", "error_type_id"]],
  ["tool_call", ["tool_id", "error_type_id"]],
  ["session_tag", ["key_id", "value_id"]],
  ["quality", ["project_id", "benchmark_id", "tool_id"]],
  ["live_label", ["key_id"]],
  ["live_counter", ["product_id", "project_id", "agent_id", "model_id", "tool_id", "error_type_id", "labels_id"]],
];

/** New numbers are one more than the greatest: a lost name above that would come back as another name. */
function reserveStringNumbers(database: Database): void {
  const used = STRING_COLUMNS.flatMap(([table, columns]) =>
    columns.map((column) => `SELECT coalesce(max(${column}), 0) AS id FROM ${table}`),
  ).join(" UNION ALL ");
  database.exec(
    `INSERT OR IGNORE INTO string (id, text)
     SELECT max(id), '(lost name ' || max(id) || ')' FROM (${used}) HAVING max(id) > 0`,
  );
}
