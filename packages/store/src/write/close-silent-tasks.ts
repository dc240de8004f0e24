/** Closes tasks that no one has closed. */
import type { TaskFact } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";

/** An open task is given up after this long without a sign of life. */
export const SILENT_MILLIS = 1_800_000;

/** Facts that close every open task which was last seen before `nowMillis − silentMillis`, or whose session ended. */
export function planSilentTasks(database: Database, nowMillis: number, silentMillis: number): TaskFact[] {
  return database
    .prepare<[number], { product: string; sessionId: string; taskId: string; lastSeenAtMillis: number }>(
      `SELECT product.text AS product, session.session_key AS sessionId, task.task_key AS taskId,
         task.last_seen_at AS lastSeenAtMillis
       FROM task
       JOIN session ON session.id = task.session_id
       JOIN string AS product ON product.id = task.product_id
       WHERE task.result IS NULL AND task.last_seen_at IS NOT NULL
         AND (task.last_seen_at < ? OR session.has_ended = 1)`,
    )
    .all(nowMillis - silentMillis)
    .map(({ product, sessionId, taskId, lastSeenAtMillis }) => ({
      kind: "task",
      witness: "inferred",
      product,
      sessionId,
      taskId,
      outcome: { result: "unknown", origin: "inferred", atMillis: lastSeenAtMillis },
    }));
}
