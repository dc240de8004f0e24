/** Deletes from the ledger what lies before the watermark, in small steps. */
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { firstRowOf, MAX_STRAY, MAX_TASK_STRAY_MILLIS, quarterHourOfRow } from "../write/locator.ts";

/** Rows deleted, by table. */
export type DeletedRows = Record<string, number>;

/** One kind of row to delete: children come before what they refer to. */
export interface CleaningStep {
  readonly table: string;
  /** Deletes some rows in one transaction; returns how many, and whether there may be more. */
  run(maxRows: number): { readonly deleted: number; readonly isDone: boolean };
}

/** Sessions have no index on time: this many are looked at in a step. */
const SESSIONS_A_STEP = 5_000;

/**
 * The steps that delete what lies wholly before `beforeMillis`. The watermark must have been moved there before, so that
 * nothing is added behind them.
 */
export function createLedgerCleaning(database: Database, beforeMillis: number): readonly CleaningStep[] {
  return [
    deleteByRowNumber(database, "model_call", MODEL_CALL_TIME, beforeMillis),
    deleteOrphanedDissents(database, beforeMillis),
    deleteByRowNumber(database, "model_call_alias", undefined, beforeMillis),
    deleteByRowNumber(database, "tool_call", "started_at", beforeMillis),
    deleteTasks(database, beforeMillis),
    deleteSessions(database, beforeMillis),
  ];
}

/** Of the table itself: the view leaves out calls that are sums. */
const MODEL_CALL_TIME = `((id >> 22) + ${quarterHourOfRow(0)}) * ${QUARTER_HOUR_MILLIS} + ended_ms`;

/** Rows whose number begins with their quarter hour; their own time may lie a few quarter hours away from it. */
function deleteByRowNumber(
  database: Database,
  table: string,
  time: string | undefined,
  beforeMillis: number,
): CleaningStep {
  const quarterHour = beforeMillis / QUARTER_HOUR_MILLIS;
  const isOld = time === undefined ? "" : `AND ${time} < ?`;
  const endId = firstRowOf(time === undefined ? quarterHour : quarterHour + MAX_STRAY + 1);
  const bounds = time === undefined ? [endId] : [endId, beforeMillis];
  const remove = database.prepare<number[]>(
    `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE id < ? ${isOld} ORDER BY id LIMIT ?)`,
  );
  return {
    table,
    run(maxRows) {
      const { changes } = database.transaction(() => remove.run(...bounds, maxRows)).immediate();
      return { deleted: changes, isDone: changes < maxRows };
    },
  };
}

/** What was said of calls that are gone. */
function deleteOrphanedDissents(database: Database, beforeMillis: number): CleaningStep {
  const endId = firstRowOf(beforeMillis / QUARTER_HOUR_MILLIS + MAX_STRAY + 1);
  const remove = database.prepare<[number, number]>(
    `DELETE FROM model_call_dissent WHERE (call_id, witness) IN (
       SELECT call_id, witness FROM model_call_dissent
       WHERE call_id < ? AND NOT EXISTS (SELECT 1 FROM model_call WHERE model_call.id = call_id)
       ORDER BY call_id LIMIT ?)`,
  );
  return {
    table: "model_call_dissent",
    run(maxRows) {
      const { changes } = database.transaction(() => remove.run(endId, maxRows)).immediate();
      return { deleted: changes, isDone: changes < maxRows };
    },
  };
}

/** A task's time is its last sign of life; a call of it may lie a little later, and keeps it. */
function deleteTasks(database: Database, beforeMillis: number): CleaningStep {
  const select = database
    .prepare<[number, number], number>("SELECT id FROM task WHERE last_seen_at < ? ORDER BY last_seen_at LIMIT ?")
    .pluck();
  const removeFiles = database.prepare<[number]>("DELETE FROM file_change WHERE task_id = ?");
  const remove = database.prepare<[number]>("DELETE FROM task WHERE id = ?");
  return {
    table: "task",
    run: (maxRows) =>
      database
        .transaction(() => {
          let deleted = 0;
          for (const id of select.all(beforeMillis - MAX_TASK_STRAY_MILLIS, maxRows)) {
            deleted += removeFiles.run(id).changes + remove.run(id).changes;
            if (deleted >= maxRows) return { deleted, isDone: false };
          }
          return { deleted, isDone: true };
        })
        .immediate(),
  };
}

/** A session goes when it ended before, and with it tasks that never showed a sign of life. */
function deleteSessions(database: Database, beforeMillis: number): CleaningStep {
  const lastOfStep = database
    .prepare<[number, number], number>("SELECT max(id) FROM (SELECT id FROM session WHERE id > ? ORDER BY id LIMIT ?)")
    .pluck();
  const select = database
    .prepare<[number, number, number, number], number>(
      `SELECT id FROM session WHERE id > ? AND id <= ? AND ended_at > 0 AND ended_at < ?
       AND NOT EXISTS (SELECT 1 FROM task WHERE task.session_id = session.id AND last_seen_at IS NOT NULL)
       ORDER BY id LIMIT ?`,
    )
    .pluck();
  const removeTasks = database.prepare<[number]>("DELETE FROM task WHERE session_id = ?");
  const removeTags = database.prepare<[number]>("DELETE FROM session_tag WHERE session_id = ?");
  const remove = database.prepare<[number]>("DELETE FROM session WHERE id = ?");
  let after = Number.MIN_SAFE_INTEGER;
  return {
    table: "session",
    run: (maxRows) =>
      database
        .transaction(() => {
          const last = lastOfStep.get(after, SESSIONS_A_STEP);
          if (last === undefined || last === null) return { deleted: 0, isDone: true };
          const ids = select.all(after, last, beforeMillis, maxRows);
          let deleted = 0;
          for (const id of ids) {
            deleted += removeTasks.run(id).changes + removeTags.run(id).changes + remove.run(id).changes;
          }
          after = ids.length < maxRows ? last : (ids.at(-1) ?? last);
          return { deleted, isDone: false };
        })
        .immediate(),
  };
}
