/** Proof that what is kept of witnesses beside the calls agrees with the calls. */
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { CALL_FLAGS } from "../write/call-shapes.ts";
import { NO_CHANGES } from "../write/fact-changes.ts";
import { firstRowOf, MAX_STRAY } from "../write/locator.ts";
import { createReportCoverage } from "../write/report-coverage.ts";
import { createSessionRows } from "../write/session-rows.ts";
import { createStrings } from "../write/strings.ts";
import { createTaskRows } from "../write/task-rows.ts";
import { undividedTokens } from "../write/totals.ts";
import { readWatermarkMillis } from "./watermark.ts";

/** The condition on rows of `model_call_dissent` whose call is gone, or does not know of them. */
const IS_LOST = `NOT EXISTS (
  SELECT 1 FROM model_call AS call JOIN call_shape AS shape ON shape.id = call.shape_id
  WHERE call.id = model_call_dissent.call_id
    AND shape.flags & ${CALL_FLAGS.hasDissents} AND shape.witnesses & model_call_dissent.witness)`;

/** Dissents that no call has, and reports of hooks that count although calls cover them, or the other way round. */
export function checkWitnesses(database: Database): string[] {
  const reports = [...misjudgedReports(database)].map(
    ({ taskId, isCovered }) =>
      `task ${taskId}: what a hook reported ${isCovered ? "counts, and model calls tell" : "does not count, and no model call tells"} of it`,
  );
  return [...lostDissents(database), ...reports];
}

/** Deletes what was said of calls that are gone, and returns how many rows; whoever said it can say it again. */
export function deleteLostDissents(database: Database): number {
  return database.prepare(`DELETE FROM model_call_dissent WHERE ${IS_LOST}`).run().changes;
}

/** Decides for every report anew, with its tokens in the totals. Rollups must be made anew behind it. */
export function settleReports(database: Database): void {
  const updateTask = database.prepare<[number, number, number]>(
    "UPDATE task SET is_covered = ?, undivided_tokens = ? WHERE id = ?",
  );
  const updateSession = database.prepare<[number, number]>(
    "UPDATE session SET undivided_tokens = undivided_tokens + ? WHERE id = (SELECT session_id FROM task WHERE id = ?)",
  );
  for (const { id, isCovered, tokens, countedTokens } of [...misjudgedReports(database)]) {
    const counted = isCovered ? 0 : tokens;
    updateTask.run(isCovered ? 1 : 0, counted, id);
    updateSession.run(counted - countedTokens, id);
  }
}

/** What cleaning has yet to delete behind the watermark is no finding. */
function lostDissents(database: Database): string[] {
  const firstId = firstRowOf(readWatermarkMillis(database) / QUARTER_HOUR_MILLIS + MAX_STRAY + 1);
  return database
    .prepare<[number], string>(
      `SELECT 'call ' || call_id || ': what witness ' || witness || ' said of it is kept, and the call does not know it'
       FROM model_call_dissent WHERE call_id >= ? AND ${IS_LOST}`,
    )
    .pluck()
    .all(firstId);
}

interface MisjudgedReport {
  readonly id: number;
  readonly taskId: string;
  /** As it should be. */
  readonly isCovered: boolean;
  /** What the hook reported, and what of it is in the totals. */
  readonly tokens: number;
  readonly countedTokens: number;
}

function* misjudgedReports(database: Database): Generator<MisjudgedReport> {
  const strings = createStrings(database);
  const sessions = createSessionRows(database, strings);
  const tasks = createTaskRows(database, strings, sessions, NO_CHANGES);
  const coverage = createReportCoverage(database, sessions, tasks);
  const keptFromMillis = readWatermarkMillis(database);
  const ids = database.prepare<[], number>("SELECT id FROM task WHERE report_rank > 0").pluck().all();
  for (const id of ids) {
    const task = tasks.byId(id);
    const isCovered = task && coverage.verdict(task, keptFromMillis);
    if (task !== undefined && isCovered !== undefined && isCovered !== task.isCovered) {
      const { taskId, state, totals } = task;
      const tokens = state.report?.value.tokens ?? 0;
      yield { id, taskId, isCovered, tokens, countedTokens: undividedTokens(totals) };
    }
    // What is remembered of rows would grow with the store.
    tasks.forget();
    sessions.forget();
  }
}
