/** Measurements of quality that cannot be right. */
import { QUALITY_MEASURES } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";

/** All of its names are part of a measurement's key; 0 is a name that no one gave. */
const HAS_LOST_NAME = ["project_id", "benchmark_id", "tool_id"]
  .map((column) => `(${column} <> 0 AND NOT EXISTS (SELECT 1 FROM string WHERE string.id = ${column}))`)
  .join(" OR ");

/** The condition on rows of `quality` that have lost a name, or whose score is not what measure and counts allow. */
const IS_UNSOUND = `${HAS_LOST_NAME}
  OR measure NOT IN (${QUALITY_MEASURES.map((measure) => `'${measure}'`).join(", ")})
  OR (measure <> 'benchmark_score' AND (score < 0 OR score > 1))
  OR (good IS NULL) <> (total IS NULL) OR good > total OR score <> CAST(good AS REAL) / total`;

/** Names them. */
export function checkQuality(database: Database): string[] {
  return database
    .prepare<[], string>(
      `SELECT measure || ' measured at ' || measured_at || ': ' || CASE WHEN ${HAS_LOST_NAME} THEN 'a name is lost'
         ELSE 'the score ' || score || ' cannot come from ' || coalesce(good, '?') || ' of ' || coalesce(total, '?') END
       FROM quality WHERE ${IS_UNSOUND}`,
    )
    .pluck()
    .all();
}

/** Deletes them, and returns how many; importing their reports brings them back. */
export function deleteUnsoundQuality(database: Database): number {
  return database.prepare(`DELETE FROM quality WHERE ${IS_UNSOUND}`).run().changes;
}
